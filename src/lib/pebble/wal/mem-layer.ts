/**
 * What replaying the WALs leaves behind: the newest layer of the database (spec/pebble.md §5.2).
 * Entries live in a few flat arrays and their bytes in shared segments, so a replay of many
 * megabytes makes a handful of objects and not millions.
 */
import { compareBytesToString, type ByteString } from '../../bytes/byte-string.js';
import { assert } from '../../core/errors.js';
import { InternalIterator } from '../base/internal-iterator.js';
import { PointRows } from '../base/point-rows.js';
import type { BatchReader } from './batch.js';

const SEGMENT_BYTES = 1 << 20;
const FIRST_CAPACITY = 1024;
/** What a double holds of a key without rounding. */
const HEAD_BYTES = 6;

function grown(from: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}

export class MemLayer {
  count = 0;
  private readonly segments: Uint8Array[] = [];
  private segmentUsed = 0;
  private segmentOf = new Uint32Array(FIRST_CAPACITY);
  private keyPosOf = new Uint32Array(FIRST_CAPACITY);
  private keyEndOf = new Uint32Array(FIRST_CAPACITY);
  private valuePosOf = new Uint32Array(FIRST_CAPACITY);
  private valueEndOf = new Uint32Array(FIRST_CAPACITY);
  private seqLowOf = new Uint32Array(FIRST_CAPACITY);
  /** Kind in bits 24–31, bits 32–55 of the sequence number below. */
  private seqHighOf = new Uint32Array(FIRST_CAPACITY);
  private order: Uint32Array = new Uint32Array(0);

  /** Bytes of batches that are held. */
  get heldBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.length, 0);
  }

  /**
   * Keeps a copy of a batch's bytes.
   * @returns what to add to a position in the batch to get its position in the newest segment
   */
  hold(batch: Uint8Array): number {
    const last = this.segments.at(-1);
    if (last === undefined || this.segmentUsed + batch.length > last.length) {
      this.segments.push(new Uint8Array(Math.max(SEGMENT_BYTES, batch.length)));
      this.segmentUsed = 0;
    }
    const base = this.segmentUsed;
    this.segments.at(-1)!.set(batch, base);
    this.segmentUsed += batch.length;
    return base;
  }

  /** As `hold`, for bytes that nobody else has any more. */
  keep(batch: Uint8Array): number {
    this.segments.push(batch);
    this.segmentUsed = batch.length;
    return 0;
  }

  /** Adds the point operation the reader stands on; `base` is what `hold` gave for its batch. */
  add(op: BatchReader, base: number): void {
    const slot = this.count;
    if (slot === this.segmentOf.length) this.grow();
    this.segmentOf[slot] = this.segments.length - 1;
    this.keyPosOf[slot] = base + op.keyPos;
    this.keyEndOf[slot] = base + op.keyEnd;
    this.valuePosOf[slot] = base + op.valuePos;
    this.valueEndOf[slot] = base + op.valueEnd;
    this.seqLowOf[slot] = op.seqLow;
    this.seqHighOf[slot] = (op.kind * 0x100_0000 + op.seqHigh) >>> 0;
    this.count++;
  }

  /** Sorts; call once, after the last `add`. */
  seal(): void {
    // A stable sort over slots in replay order leaves each key's entries oldest first: comparing
    // keys alone would then do, but numbers are data and are compared all the same.
    const order = new Uint32Array(this.count);
    for (let slot = 0; slot < this.count; slot++) order[slot] = slot;
    const heads = this.heads();
    order.sort((a, b) => heads[a]! - heads[b]! || this.compareSlots(a, b));
    this.order = order;
  }

  /** Slot by slot the six bytes, as one number, in which keys most often differ: behind what all share. */
  private heads(): Float64Array {
    let shared = Infinity;
    for (let slot = 0; slot < this.count; slot++) {
      shared = Math.min(shared, this.sharedBytes(0, slot));
    }
    const heads = new Float64Array(this.count);
    for (let slot = 0; slot < this.count; slot++) {
      const bytes = this.segments[this.segmentOf[slot]!]!;
      const from = this.keyPosOf[slot]! + shared;
      const end = this.keyEndOf[slot]!;
      let head = 0;
      for (let at = from; at < from + HEAD_BYTES; at++) {
        head = head * 256 + (at < end ? bytes[at]! : 0);
      }
      heads[slot] = head;
    }
    return heads;
  }

  private sharedBytes(a: number, b: number): number {
    const aBytes = this.segments[this.segmentOf[a]!]!;
    const bBytes = this.segments[this.segmentOf[b]!]!;
    const aPos = this.keyPosOf[a]!;
    const bPos = this.keyPosOf[b]!;
    const most = Math.min(this.keyEndOf[a]! - aPos, this.keyEndOf[b]! - bPos);
    let shared = 0;
    while (shared < most && aBytes[aPos + shared] === bBytes[bPos + shared]) shared++;
    return shared;
  }

  iterator(): MemIterator {
    assert(this.order.length === this.count, 'the replayed layer is sealed before it is read');
    return new MemIterator(this);
  }

  /** The ordinal of the first entry whose user key is `>= target`. */
  lowerBound(target: ByteString): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytesToString(this.keyAt(middle), target) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  keyAt(ordinal: number): Uint8Array {
    const slot = this.order[ordinal]!;
    return this.segments[this.segmentOf[slot]!]!.subarray(this.keyPosOf[slot], this.keyEndOf[slot]);
  }

  valueAt(ordinal: number): Uint8Array {
    const slot = this.order[ordinal]!;
    return this.segments[this.segmentOf[slot]!]!.subarray(
      this.valuePosOf[slot],
      this.valueEndOf[slot],
    );
  }

  /** Adds the entry to `rows`, without its value. */
  show(ordinal: number, rows: PointRows): void {
    const slot = this.order[ordinal]!;
    const high = this.seqHighOf[slot]!;
    rows.add({
      key: this.segments[this.segmentOf[slot]!]!,
      keyStart: this.keyPosOf[slot]!,
      keyEnd: this.keyEndOf[slot]!,
      kind: high >>> 24,
      seqHigh: high & 0xff_ffff,
      seqLow: this.seqLowOf[slot]!,
      valueStart: 0,
      valueEnd: 0,
      place: 0,
    });
  }

  private compareSlots(a: number, b: number): number {
    const aBytes = this.segments[this.segmentOf[a]!]!;
    const bBytes = this.segments[this.segmentOf[b]!]!;
    let aPos = this.keyPosOf[a]!;
    let bPos = this.keyPosOf[b]!;
    const aLength = this.keyEndOf[a]! - aPos;
    const bLength = this.keyEndOf[b]! - bPos;
    const end = aPos + Math.min(aLength, bLength);
    while (aPos < end) {
      const d = aBytes[aPos++]! - bBytes[bPos++]!;
      if (d !== 0) return d;
    }
    if (aLength !== bLength) return aLength - bLength;
    const high = (this.seqHighOf[b]! & 0xff_ffff) - (this.seqHighOf[a]! & 0xff_ffff);
    if (high !== 0) return high;
    const low = this.seqLowOf[b]! - this.seqLowOf[a]!;
    return low !== 0 ? low : (this.seqHighOf[b]! >>> 24) - (this.seqHighOf[a]! >>> 24);
  }

  private grow(): void {
    this.segmentOf = grown(this.segmentOf);
    this.keyPosOf = grown(this.keyPosOf);
    this.keyEndOf = grown(this.keyEndOf);
    this.valuePosOf = grown(this.valuePosOf);
    this.valueEndOf = grown(this.valueEndOf);
    this.seqLowOf = grown(this.seqLowOf);
    this.seqHighOf = grown(this.seqHighOf);
  }
}

/** Entries that are decoded ahead behind a seek, which often wants but one. */
const SEEK_ROWS = 2;

export class MemIterator extends InternalIterator {
  private readonly layer: MemLayer;
  private readonly own = new PointRows();
  /** The ordinal of the first row, and that behind the last. */
  private from = 0;
  private to = 0;

  constructor(layer: MemLayer) {
    super();
    this.layer = layer;
  }

  get value(): Uint8Array {
    return this.layer.valueAt(this.from + this.row);
  }

  first(): boolean {
    return this.stand(0, Infinity);
  }

  seek(target: ByteString): boolean {
    return this.stand(this.layer.lowerBound(target), SEEK_ROWS);
  }

  nextRows(): boolean {
    return this.stand(this.to, Infinity);
  }

  private stand(ordinal: number, most: number): boolean {
    const { layer, own } = this;
    this.from = ordinal;
    this.to = ordinal;
    if (ordinal >= layer.count) return this.leave();
    own.clear();
    while (this.to < layer.count && own.count < most && !own.isFull) layer.show(this.to++, own);
    this.rows = own;
    this.row = 0;
    return true;
  }
}
