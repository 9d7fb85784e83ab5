/** What `ekv explain CODE` says about a code. */
export interface CodeEntry {
  /** One or two sentences: the condition, without advice. */
  readonly means: string;
  /** What a node does when it meets it. */
  readonly node?: string;
  /** Evidence to look at. */
  readonly look?: string;
  /** The safest next step. */
  readonly next?: string;
}

export type CodeTable = Readonly<Record<string, CodeEntry>>;
