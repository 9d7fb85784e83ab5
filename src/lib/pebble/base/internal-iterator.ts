import type { ByteString } from '../../bytes/byte-string.js';

/**
 * Walks the point entries of one layer (a table, a level, the replayed WALs) in internal-key order:
 * user key ascending, then newest first. Stands on one entry, or nowhere. What it shows is borrowed
 * until it moves.
 */
export interface InternalIterator {
  readonly valid: boolean;
  readonly userKey: Uint8Array;
  /** One of `KIND`, with v4's obsolete bit removed. */
  readonly kind: number;
  /** Bits 32..55 and 0..31 of the sequence number, a table's global number already applied. */
  readonly seqHigh: number;
  readonly seqLow: number;
  /** The value; reads a value block or blob file when it lies there. */
  readonly value: Uint8Array;
  first(): boolean;
  /** To the first entry whose user key is `>= target`. */
  seek(target: ByteString): boolean;
  next(): boolean;
}

/** A range tombstone or range key over [start, end). `seqNum` as in the trailer, or the global one. */
export interface Span {
  readonly start: ByteString;
  readonly end: ByteString;
  readonly kind: number;
  readonly seqNum: bigint;
  /** Range keys only; empty with the default comparer. */
  readonly suffix: ByteString;
  /** RANGEKEYSET only. */
  readonly value: Uint8Array;
}
