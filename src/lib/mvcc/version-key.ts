/**
 * Raw keys of `fsm.db` as the reads see them (spec/mvcc-store.md §1):
 *
 *   user key ‖ ~timestamp u64 BE
 *
 * No escaping and no terminator: the last 8 bytes are the inverted timestamp, so that the newest
 * version of a key comes first. Timestamps travel here as their 8 inverted bytes, the *suffix*: a
 * smaller suffix is a later timestamp, and comparing suffixes needs no bigint. A raw key shorter
 * than 8 bytes counts as a version of the empty user key with timestamp 0.
 */
import { fromByteString, toByteString, type ByteString } from '../bytes/byte-string.js';
import { u64be } from '../bytes/read.js';
import { putU64be } from '../bytes/write.js';

export const SUFFIX_BYTES = 8;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** Suffix of the greatest timestamp, "read at max": the first place a version of a key can have. */
export const MAX_TS_SUFFIX: ByteString = '\0'.repeat(SUFFIX_BYTES);
/** Suffix of timestamp 0: the last place. */
export const ZERO_TS_SUFFIX: ByteString = '\xff'.repeat(SUFFIX_BYTES);

const scratch = new Uint8Array(SUFFIX_BYTES);

export function suffixOfTs(ts: bigint): ByteString {
  putU64be(scratch, 0, MAX_U64 - ts);
  return toByteString(scratch);
}

export function tsOfSuffix(suffix: ByteString): bigint {
  return MAX_U64 - u64be(fromByteString(suffix), 0);
}

/** The 8 bytes of a timestamp as they stand in keys of commit and rollback records: not inverted. */
export function plainTsBytes(ts: bigint): ByteString {
  putU64be(scratch, 0, ts);
  return toByteString(scratch);
}

export function userKeyOf(rawKey: ByteString): ByteString {
  return rawKey.length < SUFFIX_BYTES ? '' : rawKey.slice(0, -SUFFIX_BYTES);
}

export function suffixOf(rawKey: ByteString): ByteString {
  return rawKey.length < SUFFIX_BYTES ? ZERO_TS_SUFFIX : rawKey.slice(-SUFFIX_BYTES);
}

/** "A version of k": the user key cut from the raw key equals k. */
export function isVersionOf(rawKey: ByteString, userKey: ByteString): boolean {
  return rawKey.length < SUFFIX_BYTES
    ? userKey === ''
    : rawKey.length === userKey.length + SUFFIX_BYTES && rawKey.startsWith(userKey);
}
