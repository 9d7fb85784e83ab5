/**
 * The key-encryption key and what it wraps (spec/encryption.md §1).
 *
 * KEK file: a regular file, no permission bit outside 0700, exactly 32 raw bytes; looked at in this
 * order. Wrapped data key, 60 bytes, no AAD:
 *
 *     nonce (12) | ciphertext (32) | tag (16)
 */
import { CorruptionError, IoError } from '../core/errors.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { KEY_LENGTH, NODE_AEAD, NONCE_LENGTH, TAG_LENGTH, type AeadKey } from './aead.js';
import { Fault } from '../mvcc/fault.js';
import { Secret } from './secret.js';

export const WRAPPED_LENGTH = NONCE_LENGTH + KEY_LENGTH + TAG_LENGTH;

const NO_AAD = new Uint8Array(0);

/** An open file that knows its permission bits: `FileSource` is one. */
export interface KekFile extends ByteSource {
  /** Low 12 bits of the mode. */
  readonly mode: number;
}

/**
 * Reads the KEK through one descriptor, which the caller opened and closes. Opening has already
 * refused what is not a regular file.
 *
 * @throws {IoError} `kek-insecure-mode`
 * @throws {CorruptionError} `kek-length`
 */
export function readKek(file: KekFile): Secret {
  if ((file.mode & 0o077) !== 0) {
    const mode = file.mode.toString(8).padStart(4, '0');
    throw new IoError(
      'kek-insecure-mode',
      `mode ${mode} gives group or others access, only owner bits are accepted`,
      { site: { path: file.path }, nodeError: 'ErrInsecureKEKFile' },
    );
  }
  if (file.size !== KEY_LENGTH) {
    throw new CorruptionError(
      'kek-length',
      `the KEK file has ${file.size} bytes, exactly ${KEY_LENGTH} are needed`,
      { site: { path: file.path } },
    );
  }
  const bytes = readRange(file, 0, KEY_LENGTH);
  return Secret.take(bytes);
}

/** A KEK made ready to unwrap data keys. */
export class Kek {
  private readonly key: AeadKey;

  constructor(secret: Secret, aead = NODE_AEAD) {
    this.key = aead.key(secret);
  }

  /** The data key, or an unnamed failure (`wrapped-key-length`, `wrapped-key-tag`). */
  unwrap(wrapped: Uint8Array): Secret | Fault {
    if (wrapped.length !== WRAPPED_LENGTH) {
      return new Fault(
        'wrapped-key-length',
        [],
        `a wrapped key has ${wrapped.length} bytes, ${WRAPPED_LENGTH} are needed`,
      );
    }
    const nonce = wrapped.subarray(0, NONCE_LENGTH);
    const dek = this.key.open(nonce, NO_AAD, wrapped.subarray(NONCE_LENGTH));
    if (dek === undefined) {
      return new Fault('wrapped-key-tag', [], 'a wrapped key does not verify');
    }
    return Secret.take(dek);
  }
}
