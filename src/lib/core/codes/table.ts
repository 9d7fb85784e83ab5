/**
 * What `ekv explain CODE` says about a code. In commands DIR is the node's data dir, NEW and COPY
 * are names that do not exist yet, FILE, N and HEX are to be filled in; a report fills in what it
 * knows (report/next-commands.ts).
 */
export interface CodeEntry {
  /** One or two sentences: the condition, without advice. */
  readonly means: string;
  /** What a node does when it meets it. Absent only where no node is involved. */
  readonly node?: string;
  /** Evidence to look at. Absent only where the data is not what is complained about. */
  readonly look?: string;
  /** The safest next step; nothing in it destroys anything. */
  readonly next: string;
  /** Commands of that step; `next` ends in a colon where it leads over to them. */
  readonly run?: readonly string[];
}

export type CodeTable = Readonly<Record<string, CodeEntry>>;
