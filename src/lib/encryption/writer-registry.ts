/**
 * The writer registry inside `fsm.db` (spec/mvcc-store.md §1, spec/encryption.md §5): which nodes
 * have written under which key, and in which lives.
 *
 *     key    `!encryption|writers|` dekId u32 BE `|` node id u16 BE      (27 bytes exactly)
 *     value  fullNodeId u64 BE (8) firstSeenEpoch u16 BE (2) lastSeenEpoch u16 BE (2)
 */
import { toByteString, type ByteString } from '../bytes/byte-string.js';
import { u16be, u32be, u64be } from '../bytes/read.js';
import { putU16be, putU32be, putU64be } from '../bytes/write.js';
import { Fault } from '../mvcc/fault.js';

export const REGISTRY_PREFIX: ByteString = '!encryption|writers|';
const KEY_LENGTH = 27;
const SEPARATOR_POS = 24;
const SEPARATOR = 0x7c;
const ROW_LENGTH = 12;

export interface RegistryKey {
  readonly dekId: number;
  readonly nodeId16: number;
}

export interface RegistryRow {
  readonly fullNodeId: bigint;
  readonly firstSeenEpoch: number;
  readonly lastSeenEpoch: number;
}

export function encodeRegistryKey(key: RegistryKey): ByteString {
  const tail = new Uint8Array(7);
  putU32be(tail, 0, key.dekId);
  tail[4] = SEPARATOR;
  putU16be(tail, 5, key.nodeId16);
  return REGISTRY_PREFIX + toByteString(tail);
}

/** Undefined when the raw key is not exactly a registry row's: then it is user data. */
export function decodeRegistryKey(rawKey: Uint8Array): RegistryKey | undefined {
  if (rawKey.length !== KEY_LENGTH || rawKey[SEPARATOR_POS] !== SEPARATOR) return undefined;
  for (let i = 0; i < REGISTRY_PREFIX.length; i++) {
    if (rawKey[i] !== REGISTRY_PREFIX.charCodeAt(i)) return undefined;
  }
  return { dekId: u32be(rawKey, 20), nodeId16: u16be(rawKey, 25) };
}

export function encodeRegistryRow(row: RegistryRow): Uint8Array {
  const out = new Uint8Array(ROW_LENGTH);
  putU64be(out, 0, row.fullNodeId);
  putU16be(out, 8, row.firstSeenEpoch);
  putU16be(out, 10, row.lastSeenEpoch);
  return out;
}

/** `ErrRegistryValueMalformed` when the row is not 12 bytes long. */
export function decodeRegistryRow(value: Uint8Array): RegistryRow | Fault {
  if (value.length !== ROW_LENGTH) {
    return new Fault(
      'registry-value-malformed',
      ['ErrRegistryValueMalformed'],
      `a registry row of ${value.length} bytes, ${ROW_LENGTH} are needed`,
    );
  }
  return {
    fullNodeId: u64be(value, 0),
    firstSeenEpoch: u16be(value, 8),
    lastSeenEpoch: u16be(value, 10),
  };
}
