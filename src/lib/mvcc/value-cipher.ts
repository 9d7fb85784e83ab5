/**
 * What the store asks of a node's storage cipher (spec/encryption.md §3). A stored value is the
 * 9-byte value header (flags, expireAt u64 LE) and a body; with encryption state 1 the body is an
 * envelope, sealed over an AAD that holds the header and the raw Pebble key.
 *
 * Values handed in are borrowed. Failures are the node's answers, so they are values.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Fault } from './fault.js';

export interface ValueCipher {
  /**
   * Verifies and decrypts the body of a value with encryption state 1.
   *
   * @param rawKey  the raw Pebble key, with its timestamp
   * @param stored  header and envelope; at least 9 bytes, state checked
   * @returns the clear body, or a fault with the identities of encryption.md §3: `ErrEnvelopeShort`,
   *   `ErrEnvelopeVersion`, `ErrReservedKeyID`, `ErrUnknownKeyID`, `ErrEncryptedReadIntegrity`
   */
  openValue(rawKey: ByteString, stored: Uint8Array): Uint8Array | Fault;

  /**
   * Whether a value marked clear verifies as an envelope after all, under any loaded key. Called
   * only for bodies of at least 34 bytes; the reader turns `true` into `ErrEncryptedReadIntegrity`.
   */
  isRelabelled(rawKey: ByteString, stored: Uint8Array): boolean;

  /**
   * The stored value (header with state 1, expireAt 0, envelope) of a put, made with this node's
   * next nonce; null while puts are stored clear. Called once for every put, in mutation order, when
   * the batch of a request is built, and never for a request that is refused before that. Never
   * called for tombstones.
   */
  sealValue(rawKey: ByteString, body: Uint8Array): Uint8Array | Fault | null;
}
