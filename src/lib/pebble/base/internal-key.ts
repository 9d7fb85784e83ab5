/**
 * Pebble's internal key is the user key and an 8-byte trailer, u64 LE `seqnum * 256 + kind`
 * (spec/pebble.md §5.1). A sequence number has 56 bits and its sentinel 2^56-1 does not fit a double,
 * so hot paths carry it as two halves and compare the high one first.
 */

/** Kinds of spec/pebble.md §4 and §5.1. */
export const KIND = {
  DELETE: 0,
  SET: 1,
  MERGE: 2,
  LOGDATA: 3,
  SINGLEDEL: 7,
  RANGEDEL: 15,
  SEPARATOR: 17,
  SETWITHDEL: 18,
  RANGEKEYDEL: 19,
  RANGEKEYUNSET: 20,
  RANGEKEYSET: 21,
  INGESTSST: 22,
  DELSIZED: 23,
  EXCISE: 24,
} as const;

/** 2^56-1: bounds and separators carry it; no entry does. */
export const SEQNUM_MAX = 0xff_ffff_ffff_ffffn;

export function seqNumOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
