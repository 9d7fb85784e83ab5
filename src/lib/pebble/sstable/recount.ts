/**
 * Recounts what the properties count, and checks the order of points, while a table's data blocks
 * are walked one after another (spec/pebble.md §6.7, §8).
 */
import { compareBytes, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { KIND, seqNumOf } from '../base/internal-key.js';
import type { PointRows } from '../base/point-rows.js';
import type { CountName } from './properties.js';
import type { SpanBlock } from './span-block.js';

export interface PointBound {
  readonly userKey: ByteString;
  readonly kind: number;
  readonly seqNum: bigint;
}

export class Recount {
  points = 0;
  rangeDels = 0;
  rangeKeys = 0;
  readonly counts = new Map<CountName, number>();
  smallestPoint: PointBound | undefined;
  largestPoint: PointBound | undefined;
  smallestSeqNum: bigint | undefined;
  largestSeqNum: bigint | undefined;
  private lastKey: Uint8Array = new Uint8Array(0);
  private lastKind = 0;
  private lastHigh = 0;
  private lastLow = 0;
  private lowestHigh = Infinity;
  private lowestLow = Infinity;
  private highestHigh = -1;
  private highestLow = -1;

  add(name: CountName, n: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + n);
  }

  /** The user key of the point added last, borrowed. */
  get lastUserKey(): Uint8Array {
    return this.lastKey;
  }

  /** @returns whether the point sorts behind the one before it */
  addPoint(rows: PointRows, row: number, valueLength: number): boolean {
    const userKey = rows.keys.subarray(rows.keyStart(row), rows.keyEnd(row));
    const kind = rows.kind(row);
    const seqHigh = rows.seqHigh(row);
    const seqLow = rows.seqLow(row);
    const inOrder = this.points === 0 || this.sortsBehindLast(userKey, kind, seqHigh, seqLow);
    this.points++;
    this.add('rocksdb.num.entries', 1);
    this.add('rocksdb.raw.key.size', userKey.length + 8);
    this.add('rocksdb.raw.value.size', valueLength);
    if (kind === KIND.DELETE || kind === KIND.SINGLEDEL || kind === KIND.DELSIZED) {
      this.add('rocksdb.deleted.keys', 1);
    }
    if (kind === KIND.DELSIZED) this.add('pebble.num.deletions.sized', 1);
    if (kind === KIND.MERGE) this.add('rocksdb.merge.operands', 1);
    if (seqHigh < this.lowestHigh || (seqHigh === this.lowestHigh && seqLow < this.lowestLow)) {
      this.lowestHigh = seqHigh;
      this.lowestLow = seqLow;
    }
    if (seqHigh > this.highestHigh || (seqHigh === this.highestHigh && seqLow > this.highestLow)) {
      this.highestHigh = seqHigh;
      this.highestLow = seqLow;
    }
    this.keep(userKey, kind, seqHigh, seqLow);
    if (this.points === 1) this.smallestPoint = this.lastPoint();
    return inOrder;
  }

  addRangeDels(block: SpanBlock): void {
    const count = block.spans.length;
    this.rangeDels += count;
    this.add('rocksdb.num.entries', count);
    this.add('rocksdb.deleted.keys', count);
    this.add('rocksdb.num.range-deletions', count);
    this.add('rocksdb.raw.key.size', block.rawKeyBytes);
    this.add('rocksdb.raw.value.size', block.rawValueBytes);
    this.addSpanNumbers(block);
  }

  addRangeKeys(block: SpanBlock): void {
    this.rangeKeys += block.spans.length;
    for (const { kind } of block.spans) {
      if (kind === KIND.RANGEKEYSET) this.add('pebble.num.range-key-sets', 1);
      else if (kind === KIND.RANGEKEYUNSET) this.add('pebble.num.range-key-unsets', 1);
      else this.add('pebble.num.range-key-dels', 1);
    }
    this.addSpanNumbers(block);
  }

  /** Fills in the bounds, once all points have been added. */
  finish(): void {
    if (this.points === 0) return;
    this.largestPoint = this.lastPoint();
    this.addSeqNum(seqNumOf(this.lowestHigh, this.lowestLow));
    this.addSeqNum(seqNumOf(this.highestHigh, this.highestLow));
  }

  private addSpanNumbers(block: SpanBlock): void {
    for (const { seqNum } of block.spans) this.addSeqNum(seqNum);
  }

  private addSeqNum(seqNum: bigint): void {
    if (this.smallestSeqNum === undefined || seqNum < this.smallestSeqNum) {
      this.smallestSeqNum = seqNum;
    }
    if (this.largestSeqNum === undefined || seqNum > this.largestSeqNum) {
      this.largestSeqNum = seqNum;
    }
  }

  private sortsBehindLast(
    userKey: Uint8Array,
    kind: number,
    seqHigh: number,
    seqLow: number,
  ): boolean {
    const d = compareBytes(this.lastKey, userKey);
    if (d !== 0) return d < 0;
    if (seqHigh !== this.lastHigh) return seqHigh < this.lastHigh;
    if (seqLow !== this.lastLow) return seqLow < this.lastLow;
    return kind < this.lastKind;
  }

  private keep(userKey: Uint8Array, kind: number, seqHigh: number, seqLow: number): void {
    if (this.lastKey.length !== userKey.length) this.lastKey = new Uint8Array(userKey.length);
    this.lastKey.set(userKey);
    this.lastKind = kind;
    this.lastHigh = seqHigh;
    this.lastLow = seqLow;
  }

  private lastPoint(): PointBound {
    return {
      userKey: toByteString(this.lastKey),
      kind: this.lastKind,
      seqNum: seqNumOf(this.lastHigh, this.lastLow),
    };
  }
}
