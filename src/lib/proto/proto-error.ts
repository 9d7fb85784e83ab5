import { CorruptionError } from '../core/errors.js';
import type { Site } from '../core/site.js';

/** Bytes that are no valid message. `nodeError` is the Go library's text. */
export class ProtoError extends CorruptionError {
  /** The node sees Go's `io.ErrUnexpectedEOF` here: in a WAL that means torn. */
  readonly unexpectedEof: boolean;

  constructor(message: string, nodeError: string, unexpectedEof: boolean, site?: Site) {
    super('proto-malformed', message, { site, nodeError });
    this.unexpectedEof = unexpectedEof;
  }
}
