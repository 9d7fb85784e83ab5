/**
 * Three kinds of trouble, never mixed: what the data or the environment did (`ToolError`), what we
 * did (`BugError`), and what is merely normal, which is a value and not an exception.
 *
 * A class is a category and fixes the exit status (spec/output.md §2); a code is the condition, is
 * public, and is listed in `core/codes/`.
 */
import type { ErrorCode } from './codes/all.js';
import { siteText, type Site } from './site.js';

/** Process exit statuses of spec/output.md §2. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 70 | 124 | 130;

export interface ToolErrorDetail {
  readonly site?: Site | undefined;
  /** The node's own name for the condition (`ErrFSMSnapshotFileCRC`), where it has one. */
  readonly nodeError?: string | undefined;
  readonly cause?: unknown;
}

export abstract class ToolError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly code: ErrorCode;
  readonly site: Site | undefined;
  readonly nodeError: string | undefined;
  /** The message without the site in front, for reports that show the site apart. */
  readonly detail: string;

  constructor(code: ErrorCode, message: string, detail: ToolErrorDetail = {}) {
    super(
      detail.site ? `${siteText(detail.site)}: ${message}` : message,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.site = detail.site;
    this.nodeError = detail.nodeError;
    this.detail = message;
  }
}

/** The request cannot be carried out as it stands: a flag, a path, a combination of them. */
export class UsageError extends ToolError {
  readonly exitCode = 1;
}

/** The operating system refused: no such file, no permission, not a regular file, EIO. */
export class IoError extends ToolError {
  readonly exitCode = 1;
  /** `ENOENT`, `EACCES`, …; undefined when the refusal is ours (a FIFO, a device). */
  readonly errno: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    detail: ToolErrorDetail & { errno?: string | undefined } = {},
  ) {
    super(code, message, detail);
    this.errno = detail.errno;
  }
}

/** The bytes contradict their format or their checksum. */
export class CorruptionError extends ToolError {
  readonly exitCode = 2;
}

/** The bytes end where the format says that more must follow. */
export class TruncatedError extends CorruptionError {}

/** A version, feature or size this tool does not read; says nothing about damage. */
export class UnsupportedError extends ToolError {
  readonly exitCode = 5;
}

/** A mistake of this tool's own. Never raised because of what a file contains. */
export class BugError extends Error {
  override readonly name = 'BugError';
}

/** States what this program promises itself; input is judged by errors, never by this. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new BugError(claim);
}
