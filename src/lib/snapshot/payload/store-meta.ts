/**
 * The keys of `fsm.db` that are the store's own (spec/mvcc-store.md §1): four metadata keys with u64
 * LE values, and writer registry rows `!encryption|writers|`, dekId u32 BE, `|`, nodeId u16 BE.
 */
import { fromByteString, type ByteString } from '../../bytes/byte-string.js';
import { u64le } from '../../bytes/read.js';
import { u64leBytes } from '../../bytes/write.js';

export const META_LAST_COMMIT_TS: ByteString = '_meta_last_commit_ts';
export const META_MIN_RETAINED_TS: ByteString = '_meta_min_retained_ts';
export const META_PENDING_MIN_RETAINED_TS: ByteString = '_meta_pending_min_retained_ts';
export const META_APPLIED_INDEX: ByteString = '_meta_applied_index';

export const META_KEYS: ReadonlySet<ByteString> = new Set([
  META_LAST_COMMIT_TS,
  META_MIN_RETAINED_TS,
  META_PENDING_MIN_RETAINED_TS,
  META_APPLIED_INDEX,
]);

/** The metadata of a store; undefined where the key is absent or its value too short to count. */
export interface StoreMeta {
  readonly lastCommitTs: bigint | undefined;
  readonly minRetainedTs: bigint | undefined;
  readonly pendingMinRetainedTs: bigint | undefined;
  readonly appliedIndex: bigint | undefined;
}

/** The number in a metadata value: of a longer one the first 8 bytes count, a shorter is absent. */
export function decodeMetaValue(value: Uint8Array | undefined): bigint | undefined {
  return value === undefined || value.length < 8 ? undefined : u64le(value, 0);
}

export const encodeMetaValue = u64leBytes;

const WRITER_PREFIX = fromByteString('!encryption|writers|');
const WRITER_BYTES = 27;
const WRITER_BAR = 24;

/** Whether the first `length` bytes of `key` are exactly a writer registry row's. */
export function isWriterRow(key: Uint8Array, length: number): boolean {
  if (length !== WRITER_BYTES || key[WRITER_BAR] !== 0x7c) return false;
  for (let i = 0; i < WRITER_PREFIX.length; i++) if (key[i] !== WRITER_PREFIX[i]) return false;
  return true;
}
