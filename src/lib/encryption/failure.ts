/**
 * Why something could not be decrypted or applied, as a value: in an apply these are responses or
 * halts of the node, ordinary outcomes that a report carries on with.
 */
import type { ErrorCode } from '../core/codes/all.js';

export class EncryptionFailure {
  readonly code: ErrorCode;
  /** The node's error names, its own first, then those of its causes. Empty: unnamed. */
  readonly names: readonly string[];
  /** Never contains key bytes, wrapped or not, nor clear text. */
  readonly message: string;

  constructor(code: ErrorCode, names: readonly string[], message: string) {
    this.code = code;
    this.names = names;
    this.message = message;
  }

  /** The same failure under a name that the node puts around it. */
  under(name: string, code: ErrorCode = this.code): EncryptionFailure {
    return new EncryptionFailure(code, [name, ...this.names], this.message);
  }
}
