import type { ErrorCode } from './codes/all.js';
import type { ExitCode, ToolError } from './errors.js';

export type Severity = 'error' | 'warning' | 'note';

/** One observation about the input: an entry of `findings` in every report (spec/output.md §1). */
export interface Finding {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** Relative to the input where it lies below it. */
  readonly file?: string | undefined;
  /** Absolute byte offset in `file`. */
  readonly offset?: number | undefined;
  /** Raft index. */
  readonly index?: bigint | undefined;
  readonly message: string;
  /** The node's name for it, where the node has one. */
  readonly nodeError?: string | undefined;
  /** Commands that can be pasted as they are. */
  readonly next?: readonly string[] | undefined;
  /**
   * The exit status it stands for where the severity alone would mislead: 5 for what could not be
   * judged, 4 for what a node refuses. Not printed.
   */
  readonly exitCode?: ExitCode | undefined;
}

/** Receives findings as they are made; implemented by an array's `push` in most callers. */
export type FindingSink = (finding: Finding) => void;

/** A caught error as an observation, for verification that goes on after it. */
export function findingOf(error: ToolError, severity: Severity = 'error'): Finding {
  return {
    code: error.code,
    severity,
    file: error.site?.path,
    offset: error.site?.offset,
    message: error.detail,
    nodeError: error.nodeError,
    // Met while verifying, an unreadable part leaves the question open: inconclusive, not usage.
    ...(error.exitCode === 2 ? {} : { exitCode: error.exitCode === 1 ? 5 : error.exitCode }),
  };
}
