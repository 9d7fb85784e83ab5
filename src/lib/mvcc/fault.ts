import type { ByteString } from '../bytes/byte-string.js';
import type { ErrorCode } from '../core/codes/all.js';

/**
 * An error the *node* would answer: a result of the prediction, handed around as a value. `names`
 * are the identities the node's error answers to (`ErrTxnLocked`), empty where it has none; `code`
 * is ours.
 */
export class Fault {
  readonly code: ErrorCode;
  readonly names: readonly string[];
  /** Our own words; the node's texts are not reproduced. */
  readonly text: string;
  /** The key that the node's error names. */
  readonly key: ByteString | null;
  /** The process dies here by a Go panic instead of answering. */
  readonly panic: boolean;

  constructor(
    code: ErrorCode,
    names: readonly string[],
    text: string,
    detail: { key?: ByteString; panic?: boolean } = {},
  ) {
    this.code = code;
    this.names = names;
    this.text = text;
    this.key = detail.key ?? null;
    this.panic = detail.panic ?? false;
  }

  /** What stands under `error` in the reports: the node's name, else our code (output.md §4). */
  get label(): string {
    return this.names[0] ?? this.code;
  }
}
