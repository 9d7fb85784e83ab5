import type { ByteString } from '../bytes/byte-string.js';

/**
 * An ordered set of raw key-value pairs that can be looked at: what an open `fsm.db` shows, what the
 * store payload of a `.fsm` holds, or one of these under an overlay. Keys are in unsigned byte
 * order. Looking is synchronous; implementations keep what they have read in bounded caches.
 */
export interface KvView {
  /** The value of exactly this key, or undefined. Borrowed until the next call on the view. */
  get(key: ByteString): Uint8Array | undefined;
  /** A cursor that stands nowhere yet. Several may be in use at a time. */
  cursor(): KvCursor;
}

/**
 * Stands on one pair, or nowhere. `key` and `value` may be read while `valid`, and are borrowed: the
 * next movement of this cursor may overwrite them.
 */
export interface KvCursor {
  readonly valid: boolean;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** To the first pair whose key is `>= target`. @returns `valid` */
  seek(target: ByteString): boolean;
  /** To the first pair of all. @returns `valid` */
  first(): boolean;
  /** To the pair behind the present one; only while `valid`. @returns `valid` */
  next(): boolean;
}
