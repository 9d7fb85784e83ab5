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
  /** A walk over all keys that spares itself the merging, where the view has anything to merge. */
  walk?(): KeyWalk;
}

/**
 * All entries of a store, in no order: a key may come several times. Keys that were deleted come as
 * well, and then `hasDeletions` is true at the latest when the walk has ended.
 */
export interface KeyWalk {
  /** The key is bytes[start, end), borrowed until the next movement. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly hasDeletions: boolean;
  /** To the first entry, or the next. @returns false behind the last */
  next(): boolean;
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
