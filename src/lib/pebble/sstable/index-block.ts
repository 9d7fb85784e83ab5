/**
 * Index block, of either level (spec/pebble.md §6.8): a separator and a block handle per entry,
 * then property bytes that are not needed. A separator is >= every user key of its block and <=
 * every one of the next. In row blocks it carries a trailer, in columnar blocks (0 bytes separator,
 * 1 uint offset, 2 uint length, 3 bytes properties) it does not.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { Block } from './block.js';
import type { BlockHandle } from './block-handle.js';
import { COLUMN, ColumnarBlock } from './columns.js';
import { RowBlock, RowEntries } from './row-block.js';

const TRAILER_BYTES = 8;
/**
 * Separators are not prefix-compressed by anyone known; this only bounds what hostile bytes cost.
 */
const MAX_KEY_EXPANSION = 64;

/** The decoded form of both: everything a search needs, in a few flat arrays. */
export class IndexRows {
  readonly count: number;
  readonly keys: Uint8Array;
  /** Key i is [keyEnds[i], keyEnds[i + 1]) of `keys`. */
  readonly keyEnds: Uint32Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;

  constructor(
    count: number,
    keys: Uint8Array,
    keyEnds: Uint32Array,
    offsets: Float64Array,
    lengths: Float64Array,
  ) {
    this.count = count;
    this.keys = keys;
    this.keyEnds = keyEnds;
    this.offsets = offsets;
    this.lengths = lengths;
  }

  get memoryBytes(): number {
    return this.keys.length + 20 * this.count;
  }

  handle(i: number): BlockHandle {
    return { offset: this.offsets[i]!, length: this.lengths[i]! };
  }

  separator(i: number): Uint8Array {
    return this.keys.subarray(this.keyEnds[i]!, this.keyEnds[i + 1]!);
  }

  /**
   * The first entry whose separator is `>= target`; `count` when there is none. Separators between two
   * others share what those have in common with the target, so that much is not compared again.
   */
  seek(target: ByteString): number {
    const { keys, keyEnds } = this;
    let low = 0;
    let high = this.count;
    let lowMatch = 0;
    let highMatch = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = keyEnds[middle]!;
      const length = keyEnds[middle + 1]! - start;
      const n = Math.min(length, target.length);
      let k = Math.min(lowMatch, highMatch);
      while (k < n && keys[start + k] === target.charCodeAt(k)) k++;
      const isBefore = k < n ? keys[start + k]! < target.charCodeAt(k) : length < target.length;
      if (isBefore) {
        low = middle + 1;
        lowMatch = k;
      } else {
        high = middle;
        highMatch = k;
      }
    }
    return low;
  }

  /** How separator `i` sorts against `target`. */
  compare(i: number, target: ByteString): number {
    const { keys } = this;
    const start = this.keyEnds[i]!;
    const length = this.keyEnds[i + 1]! - start;
    const n = Math.min(length, target.length);
    for (let k = 0; k < n; k++) {
      const d = keys[start + k]! - target.charCodeAt(k);
      if (d !== 0) return d;
    }
    return length - target.length;
  }
}

export interface IndexBlock extends Block {
  readonly index: IndexRows;
}

export class RowIndexBlock extends RowBlock implements IndexBlock {
  readonly index: IndexRows;
  private handleEnd = 0;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle);
    const entries = new RowEntries();
    entries.load(this);
    const ends = [0];
    const offsets: number[] = [];
    const lengths: number[] = [];
    const limit = MAX_KEY_EXPANSION * bytes.length;
    let keys = new Uint8Array(bytes.length);
    let used = 0;
    while (entries.next()) {
      const length = entries.keyLength - TRAILER_BYTES;
      if (length < 0) throw this.malformed(entries.valueStart, 'separator shorter than 8 bytes');
      if (used + length > limit) throw this.malformed(entries.valueStart, 'separators expand');
      if (used + length > keys.length) {
        const bigger = new Uint8Array(2 * (used + length));
        bigger.set(keys.subarray(0, used));
        keys = bigger;
      }
      // Keys are short: a loop beats the view that `set` would need.
      const { key } = entries;
      for (let i = 0; i < length; i++) keys[used + i] = key[i]!;
      used += length;
      ends.push(used);
      const { valueStart, valueEnd } = entries;
      const offset = this.uvarint(valueStart, valueEnd, 'offset');
      const lengthAt = this.handleEnd;
      offsets.push(offset);
      lengths.push(this.uvarint(lengthAt, valueEnd, 'length'));
    }
    this.index = new IndexRows(
      offsets.length,
      keys.slice(0, used),
      Uint32Array.from(ends),
      Float64Array.from(offsets),
      Float64Array.from(lengths),
    );
  }

  override get memoryBytes(): number {
    return super.memoryBytes + this.index.memoryBytes;
  }

  /** Part of a handle; leaves `handleEnd` behind it. Without an object: there is one for every block. */
  private uvarint(start: number, end: number, what: string): number {
    let value = 0;
    let scale = 1;
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at]!;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 0x80) {
        this.handleEnd = at + 1;
        return value;
      }
      scale *= 128;
    }
    throw this.malformed(start, `block handle: its ${what} is no number of at most 53 bits`);
  }
}

const COLUMNS = [COLUMN.BYTES, COLUMN.UINT, COLUMN.UINT, COLUMN.BYTES] as const;

export class ColumnIndexBlock extends ColumnarBlock implements IndexBlock {
  readonly index: IndexRows;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 0, COLUMNS);
    const separators = this.bytesColumn(0);
    const offsetColumn = this.uintColumn(1);
    const lengthColumn = this.uintColumn(2);
    this.bytesColumn(3);
    const count = this.rows;
    const ends = new Uint32Array(count + 1);
    const offsets = new Float64Array(count);
    const lengths = new Float64Array(count);
    const first = count === 0 ? 0 : separators.start(0);
    for (let i = 0; i < count; i++) {
      ends[i + 1] = separators.stop(i) - first;
      offsets[i] = offsetColumn.size(i);
      lengths[i] = lengthColumn.size(i);
      if (offsets[i]! < 0 || lengths[i]! < 0) throw this.malformed(0, `handle of row ${i}`);
    }
    const keys = bytes.subarray(first, first + ends[count]!);
    this.index = new IndexRows(count, keys, ends, offsets, lengths);
  }

  override get memoryBytes(): number {
    return super.memoryBytes + this.index.memoryBytes;
  }
}
