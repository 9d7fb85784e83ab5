import type { ByteString } from '../../bytes/byte-string.js';
import { KIND, SEQNUM_MAX } from '../base/internal-key.js';

/** An end of a table's key range: an internal key (spec/pebble.md §3.2, §5.1). */
export interface Bound {
  readonly userKey: ByteString;
  readonly seqNum: bigint;
  readonly kind: number;
}

export interface KeyRange {
  readonly smallest: Bound;
  readonly largest: Bound;
}

export interface BlobReference {
  readonly blobFileId: number;
  readonly valueBytes: number;
}

/** A table as the MANIFEST describes it. */
export interface TableMeta {
  readonly level: number;
  readonly number: number;
  /** The file's size; an estimate for a virtual table. */
  readonly sizeBytes: number;
  /** Undefined for a table of range keys only. Includes range tombstones. */
  readonly points: KeyRange | undefined;
  readonly rangeKeys: KeyRange | undefined;
  /** Over points and range keys. */
  readonly bounds: KeyRange;
  readonly smallestSeqNum: bigint;
  readonly largestSeqNum: bigint;
  /** Unix seconds. */
  readonly creationTime: number | undefined;
  /** File number of the table file that holds the bytes; the table's own unless it is virtual. */
  readonly backing: number;
  readonly virtual: boolean;
  readonly syntheticPrefix: ByteString | undefined;
  readonly syntheticSuffix: ByteString | undefined;
  /** A blob handle's reference id is a position in here. */
  readonly blobReferences: readonly BlobReference[];
}

/** True for an upper bound that its user key does not belong to. */
export function isExclusiveSentinel(bound: Bound): boolean {
  if (bound.seqNum !== SEQNUM_MAX) return false;
  const { kind } = bound;
  return (
    kind === KIND.RANGEDEL ||
    kind === KIND.RANGEKEYDEL ||
    kind === KIND.RANGEKEYUNSET ||
    kind === KIND.RANGEKEYSET
  );
}

/** Negative, zero or positive in internal-key order: key ascending, then newest first. */
export function compareBounds(a: Bound, b: Bound): number {
  if (a.userKey !== b.userKey) return a.userKey < b.userKey ? -1 : 1;
  if (a.seqNum !== b.seqNum) return a.seqNum > b.seqNum ? -1 : 1;
  return b.kind - a.kind;
}

/** The number that every entry of the table takes, if it takes one (spec/pebble.md §5.5). */
export function globalSeqNumOf(table: TableMeta): bigint | undefined {
  const { smallestSeqNum, largestSeqNum } = table;
  return smallestSeqNum === largestSeqNum && largestSeqNum !== 0n ? largestSeqNum : undefined;
}
