/**
 * The raw keys that are no versions (spec/mvcc-store.md §1):
 *
 *   _meta_last_commit_ts, _meta_min_retained_ts,
 *   _meta_pending_min_retained_ts, _meta_applied_index    u64 LE values
 *   !encryption|writers| dekId u32 BE | nodeId u16 BE     27 bytes, writer registry row
 *
 * Only these exact keys; a longer one is user data. Only the scans know them: the reads cut them like
 * any other raw key.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { u64le } from '../bytes/read.js';
import { u64leBytes } from '../bytes/write.js';
import type { KvView } from '../kv/kv-view.js';

export const LAST_COMMIT_TS_KEY: ByteString = '_meta_last_commit_ts';
export const MIN_RETAINED_TS_KEY: ByteString = '_meta_min_retained_ts';
export const PENDING_MIN_RETAINED_TS_KEY: ByteString = '_meta_pending_min_retained_ts';
export const APPLIED_INDEX_KEY: ByteString = '_meta_applied_index';

export const META_KEYS: readonly ByteString[] = [
  APPLIED_INDEX_KEY,
  LAST_COMMIT_TS_KEY,
  MIN_RETAINED_TS_KEY,
  PENDING_MIN_RETAINED_TS_KEY,
];

const META_PREFIX = '_meta_';
const REGISTRY_PREFIX = '!encryption|writers|';
const REGISTRY_KEY_BYTES = 27;
const REGISTRY_BAR_AT = 24;

export function isMetaKey(rawKey: ByteString): boolean {
  return rawKey.startsWith(META_PREFIX) && META_KEYS.includes(rawKey);
}

/** Prefix, length and the second bar; the numbers between may be anything. */
export function isRegistryKey(rawKey: ByteString): boolean {
  return (
    rawKey.length === REGISTRY_KEY_BYTES &&
    rawKey.charCodeAt(REGISTRY_BAR_AT) === 0x7c &&
    rawKey.startsWith(REGISTRY_PREFIX)
  );
}

export function isMetaOrRegistryKey(rawKey: ByteString): boolean {
  return isMetaKey(rawKey) || isRegistryKey(rawKey);
}

/** A value shorter than 8 bytes counts as absent, of a longer one the first 8 bytes count. */
export function decodeMetaValue(value: Uint8Array | undefined): bigint | null {
  return value === undefined || value.length < 8 ? null : u64le(value, 0);
}

export function readMeta(view: KvView, key: ByteString): bigint | null {
  return decodeMetaValue(view.get(key));
}

export function encodeMetaValue(value: bigint): Uint8Array {
  return u64leBytes(value);
}

/** Max of both marks: while a compaction runs the pending one is the higher. */
export function readRetentionMark(view: KvView): bigint {
  const done = readMeta(view, MIN_RETAINED_TS_KEY) ?? 0n;
  const pending = readMeta(view, PENDING_MIN_RETAINED_TS_KEY) ?? 0n;
  return done > pending ? done : pending;
}
