/**
 * Points one behind the other as flat numbers: what a layer has decoded ahead of whoever reads it.
 * A scan goes through rows with an index; only from one lot of rows to the next does it call anybody.
 * A row is eight u32, since it takes one copy then to bring a block's rows from where they were made:
 *
 * | word | holds                                                                  |
 * |------|------------------------------------------------------------------------|
 * | 0, 1 | the user key is keys[word 0, word 1)                                   |
 * | 2    | kind in bits 24 to 31, bits 32 to 55 of the sequence number below      |
 * | 3    | bits 0 to 31 of the sequence number                                    |
 * | 4, 5 | start and end of the value, or its handle, in bytes of the layer's own |
 * | 6    | a `ValuePlace`: where the value lies                                   |
 * | 7    | 1: the key is put, and is another than that of the row in front        |
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { KIND } from './internal-key.js';

/** Most rows and, to within a row, key bytes of one lot. */
export const MAX_ROWS = 256;
export const MAX_KEY_BYTES = 1 << 16;
/** log2 of the words of a row. */
const ROW_SHIFT = 3;
export const ROW_WORDS = 1 << ROW_SHIFT;

/** A key and what belongs to it, for `PointRows.add`. */
export interface Point {
  /** The user key is key[keyStart, keyEnd). */
  readonly key: Uint8Array;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly kind: number;
  readonly seqHigh: number;
  readonly seqLow: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly place: number;
}

export class PointRows {
  count = 0;
  keys = new Uint8Array(0);
  /** That of `keys`, which begin with it. */
  private buffer = this.keys.buffer;
  private words = new Uint32Array(0);

  get isFull(): boolean {
    return (
      this.count >= MAX_ROWS || (this.count > 0 && this.keyEnd(this.count - 1) >= MAX_KEY_BYTES)
    );
  }

  /** Borrowed. Made in the way that takes half as long as `subarray`. */
  key(row: number): Uint8Array {
    const start = this.keyStart(row);
    return new Uint8Array(this.buffer, start, this.keyEnd(row) - start);
  }

  keyStart(row: number): number {
    return this.words[row << ROW_SHIFT]!;
  }

  keyEnd(row: number): number {
    return this.words[(row << ROW_SHIFT) + 1]!;
  }

  kind(row: number): number {
    return this.words[(row << ROW_SHIFT) + 2]! >>> 24;
  }

  seqHigh(row: number): number {
    return this.words[(row << ROW_SHIFT) + 2]! & 0xff_ffff;
  }

  seqLow(row: number): number {
    return this.words[(row << ROW_SHIFT) + 3]!;
  }

  valueStart(row: number): number {
    return this.words[(row << ROW_SHIFT) + 4]!;
  }

  valueEnd(row: number): number {
    return this.words[(row << ROW_SHIFT) + 5]!;
  }

  valuePlace(row: number): number {
    return this.words[(row << ROW_SHIFT) + 6]!;
  }

  /** The key is put, and is another than that of the row in front, which there is. */
  isPlain(row: number): boolean {
    return this.words[(row << ROW_SHIFT) + 7] === 1;
  }

  /** Takes over rows made elsewhere in the place of all there are. */
  replace(words: Uint32Array, keys: Uint8Array): void {
    if (words.length > this.words.length) this.words = new Uint32Array(2 * words.length);
    if (keys.length > this.keys.length) this.useKeys(new Uint8Array(2 * keys.length));
    this.words.set(words);
    this.keys.set(keys);
    this.count = words.length >>> ROW_SHIFT;
  }

  clear(): void {
    this.count = 0;
  }

  add(point: Point): void {
    const row = this.count++;
    const at = row << ROW_SHIFT;
    if (at === this.words.length) this.growWords();
    const start = row === 0 ? 0 : this.keyEnd(row - 1);
    const { keyStart, keyEnd, kind } = point;
    const end = start + keyEnd - keyStart;
    if (end > this.keys.length) this.growKeys(start, end);
    this.keys.set(point.key.subarray(keyStart, keyEnd), start);
    const { words } = this;
    words[at] = start;
    words[at + 1] = end;
    words[at + 2] = (kind << 24) | point.seqHigh;
    words[at + 3] = point.seqLow;
    words[at + 4] = point.valueStart;
    words[at + 5] = point.valueEnd;
    words[at + 6] = point.place;
    const isPut = kind === KIND.SET || kind === KIND.SETWITHDEL;
    words[at + 7] = isPut && row > 0 && !this.isSameKey(row, this, row - 1) ? 1 : 0;
  }

  /** Gives all rows the same sequence number. */
  renumber(seqHigh: number, seqLow: number): void {
    for (let row = 0; row < this.count; row++) {
      this.words[(row << ROW_SHIFT) + 2] = (this.kind(row) << 24) | seqHigh;
      this.words[(row << ROW_SHIFT) + 3] = seqLow;
    }
  }

  /** Puts the same bytes behind every key. */
  lengthenKeys(suffix: Uint8Array): void {
    const { words, count } = this;
    const old = this.keys.subarray(0, count === 0 ? 0 : this.keyEnd(count - 1));
    const keys = new Uint8Array(old.length + count * suffix.length);
    let end = 0;
    for (let at = 0; at < count << ROW_SHIFT; at += ROW_WORDS) {
      const start = end;
      keys.set(old.subarray(words[at], words[at + 1]), start);
      end += words[at + 1]! - words[at]!;
      keys.set(suffix, end);
      end += suffix.length;
      words[at] = start;
      words[at + 1] = end;
    }
    this.useKeys(keys);
  }

  /** How the key of `row`, without its first `skip` bytes, sorts against `target`. */
  compareTo(row: number, target: ByteString, skip = 0): number {
    const { keys } = this;
    const start = this.keyStart(row) + skip;
    const length = this.keyEnd(row) - start;
    const n = length < target.length ? length : target.length;
    for (let i = 0; i < n; i++) {
      const d = keys[start + i]! - target.charCodeAt(i);
      if (d !== 0) return d;
    }
    return length - target.length;
  }

  /** How the key of `row` sorts against that of a row elsewhere. */
  compareKeys(row: number, other: PointRows, otherRow: number): number {
    const { keys } = this;
    const otherKeys = other.keys;
    let at = this.keyStart(row);
    let otherAt = other.keyStart(otherRow);
    const length = this.keyEnd(row) - at;
    const otherLength = other.keyEnd(otherRow) - otherAt;
    const end = at + (length < otherLength ? length : otherLength);
    while (at < end) {
      const d = keys[at++]! - otherKeys[otherAt++]!;
      if (d !== 0) return d;
    }
    return length - otherLength;
  }

  isSameKey(row: number, other: PointRows, otherRow: number): boolean {
    const { keys } = this;
    const otherKeys = other.keys;
    const start = this.keyStart(row);
    const end = this.keyEnd(row);
    const otherEnd = other.keyEnd(otherRow);
    if (end - start !== otherEnd - other.keyStart(otherRow)) return false;
    // Neighbours differ near their ends.
    for (let i = end - 1, at = otherEnd - 1; i >= start; i--, at--) {
      if (keys[i] !== otherKeys[at]) return false;
    }
    return true;
  }

  /** How the entry in `row` sorts against one elsewhere: by key, then the newer one first. */
  compareEntries(row: number, other: PointRows, otherRow: number): number {
    const d = this.compareKeys(row, other, otherRow);
    if (d !== 0) return d;
    const high = other.seqHigh(otherRow) - this.seqHigh(row);
    if (high !== 0) return high;
    const low = other.seqLow(otherRow) - this.seqLow(row);
    return low !== 0 ? low : other.kind(otherRow) - this.kind(row);
  }

  /**
   * The first row of [from, to) whose key without its first `skip` bytes is `>= target`; `to` when
   * there is none.
   */
  lowerBound(target: ByteString, skip: number, from: number, to: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareTo(middle, target, skip) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first row from `from` on whose key is not less than that of a row elsewhere. */
  endBefore(from: number, other: PointRows, otherRow: number): number {
    let high = this.count;
    // Most often all of these rows come first, or none.
    if (from >= high || this.compareKeys(from, other, otherRow) >= 0) return from;
    if (this.compareKeys(high - 1, other, otherRow) < 0) return high;
    let low = from + 1;
    high--;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareKeys(middle, other, otherRow) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private growKeys(used: number, needed: number): void {
    const bigger = new Uint8Array(2 * needed);
    bigger.set(this.keys.subarray(0, used));
    this.useKeys(bigger);
  }

  private useKeys(keys: Uint8Array<ArrayBuffer>): void {
    this.keys = keys;
    this.buffer = keys.buffer;
  }

  private growWords(): void {
    const bigger = new Uint32Array(Math.max(ROW_WORDS, 4 * this.words.length));
    bigger.set(this.words);
    this.words = bigger;
  }
}

/** For an iterator that stands nowhere. */
export const NO_ROWS = new PointRows();
