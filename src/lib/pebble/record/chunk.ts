/**
 * A MANIFEST or WAL is a sequence of 32768-byte blocks (the last may be short); chunks never cross a
 * block end, and a record is one FULL chunk or FIRST, MIDDLE…, LAST (spec/pebble.md §2.1).
 *
 * | at | bytes | field | legacy 1–4 | recyclable 5–8 | WAL-sync 9–12 |
 * |---|---|---|---|---|---|
 * | 0 | 4 | masked CRC-32C of the type byte to the end of the payload | x | x | x |
 * | 4 | 2 | payload length | x | x | x |
 * | 6 | 1 | type | x | x | x |
 * | 7 | 4 | log number, low 32 bits | | x | x |
 * | 11 | 8 | synced offset | | | x |
 *
 * Integers are little-endian. Where fewer bytes remain in a block than the family's header, the
 * writer zero-fills to the block end. A cleanly closed WAL ends with an 11-byte header of crc 0,
 * length 0, type 5 and its own log number + 1, whose crc is not meant to verify.
 */
import { size64le, u16le, u32le } from '../../bytes/read.js';
import { maskedCrc32c } from '../../checksum/crc32c-masked.js';

export const BLOCK_BYTES = 32768;
export const LEGACY_HEADER = 7;
export const RECYCLABLE_HEADER = 11;
export const WAL_SYNC_HEADER = 19;

/** What a chunk's place in its record is. */
export const PART = { FULL: 0, FIRST: 1, MIDDLE: 2, LAST: 3 } as const;

const LAST_TYPE = 12;
const HEADERS = [LEGACY_HEADER, RECYCLABLE_HEADER, WAL_SYNC_HEADER] as const;

/** Header length of the family of `type`, 0 for a type that does not exist. */
export function headerLength(type: number): number {
  return type < 1 || type > LAST_TYPE ? 0 : (HEADERS[(type - 1) >> 2] ?? 0);
}

/** One of `PART`; `type` is 1 to 12. */
export function partOf(type: number): number {
  return (type - 1) & 3;
}

export function chunkLength(block: Uint8Array, pos: number): number {
  return u16le(block, pos + 4);
}

export function chunkLogNumber(block: Uint8Array, pos: number): number {
  return u32le(block, pos + 7);
}

/** The synced offset of a WAL-sync chunk; a value beyond 2^53-1 reads as that bound. */
export function chunkSyncedOffset(block: Uint8Array, pos: number): number {
  const offset = size64le(block, pos + 11);
  return offset < 0 ? Number.MAX_SAFE_INTEGER : offset;
}

export function chunkCrcMatches(block: Uint8Array, pos: number, end: number): boolean {
  return u32le(block, pos) === maskedCrc32c(block.subarray(pos + 6, end));
}
