import type { ByteString } from '../../bytes/byte-string.js';
import { NO_ROWS, type PointRows } from './point-rows.js';

/**
 * Walks the point entries of one layer (a table, a level, the replayed WALs) in internal-key order:
 * user key ascending, then newest first. Stands on one entry, or nowhere. What it shows is borrowed
 * until it moves.
 *
 * It has decoded some entries ahead, and stands on one of these `rows`. Whoever is in a hurry reads
 * them there and moves `row` himself, up to the last of them.
 */
export abstract class InternalIterator {
  rows: PointRows = NO_ROWS;
  row = 0;

  abstract first(): boolean;
  /** To the first entry whose user key is `>= target`. */
  abstract seek(target: ByteString): boolean;
  /** To the first entry behind all of `rows`. */
  abstract nextRows(): boolean;
  /** The value; reads a value block or blob file when it lies there. */
  abstract get value(): Uint8Array;

  /** Gives back what a scan borrowed. It stands nowhere then. @returns false */
  endScan(): false {
    return this.leave();
  }

  next(): boolean {
    return ++this.row < this.rows.count || this.nextRows();
  }

  get valid(): boolean {
    return this.row < this.rows.count;
  }

  get userKey(): Uint8Array {
    return this.rows.key(this.row);
  }

  /** One of `KIND`, with v4's obsolete bit removed. */
  get kind(): number {
    return this.rows.kind(this.row);
  }

  /** Bits 32..55 of the sequence number, a table's global number already applied. */
  get seqHigh(): number {
    return this.rows.seqHigh(this.row);
  }

  /** Bits 0..31. */
  get seqLow(): number {
    return this.rows.seqLow(this.row);
  }

  /** Makes it stand nowhere. @returns false */
  protected leave(): false {
    this.rows = NO_ROWS;
    this.row = 0;
    return false;
  }
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
