/**
 * What envelopes authenticate besides their content (spec/encryption.md §3, §4):
 *
 *     storage  version (1) flag (1) key id u32 BE (4) value header (9) raw Pebble key (with timestamp)
 *     raft     'R' (1) version (1) key id u32 BE (4)
 *
 * The value header is the one on disk: flags, then expireAt u64 LE.
 */
import { putU32be } from '../bytes/write.js';

const RAFT_PURPOSE = 0x52;
export const VALUE_HEADER_LENGTH = 9;

export function storageAad(
  version: number,
  flag: number,
  keyId: number,
  valueHeader: Uint8Array,
  rawKey: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(6 + VALUE_HEADER_LENGTH + rawKey.length);
  out[0] = version;
  out[1] = flag;
  putU32be(out, 2, keyId);
  out.set(valueHeader.subarray(0, VALUE_HEADER_LENGTH), 6);
  out.set(rawKey, 6 + VALUE_HEADER_LENGTH);
  return out;
}

export function raftAad(version: number, keyId: number): Uint8Array {
  const out = new Uint8Array(6);
  out[0] = RAFT_PURPOSE;
  out[1] = version;
  putU32be(out, 2, keyId);
  return out;
}
