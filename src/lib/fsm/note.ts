import type { ErrorCode } from '../core/codes/all.js';

/** What a dry run must say about an entry besides its answer (spec/fsm-apply.md §7). */
export interface ApplyNote {
  readonly code: ErrorCode;
  /** Position of the request in the entry. */
  readonly request: number;
  readonly text: string;
}

export type NoteSink = (code: ErrorCode, text: string) => void;
