/**
 * Columnar block (spec/pebble.md §6.9). Positions count from the first byte of the uncompressed
 * block, and so does alignment:
 *
 *   custom header (C bytes) | version u8 = 1 | column count u16 | row count u32
 *   | per column: type u8, start offset u32 | column data … | one padding byte 0
 *
 * | type         | id | n rows                                                                  |
 * |--------------|----|-------------------------------------------------------------------------|
 * | bool         | 1  | u8 1: all false. u8 0: align 8, ceil(n/64) u64 words, summary words     |
 * | uint         | 2  | u8 width 0, 1, 2, 4, 8, bit 7 delta; u64 base if delta; align; integers |
 * | bytes        | 3  | n + 1 offsets as a uint column, data                                    |
 * | prefix-bytes | 4  | u8 log2 of bundle size; n + bundles + 1 offsets as a uint column; data  |
 *
 * Every column must end exactly where the next one starts: the best check there is, and made once
 * when a block is decoded, so that reading rows needs none.
 */
import { u16le, u32le } from '../../bytes/read.js';
import { Block } from './block.js';
import type { BlockHandle } from './block-handle.js';

export const COLUMN = { BOOL: 1, UINT: 2, BYTES: 3, PREFIX_BYTES: 4 } as const;
type ColumnType = (typeof COLUMN)[keyof typeof COLUMN];

const VERSION = 1;
const DELTA_BIT = 0x80;

export abstract class ColumnarBlock extends Block {
  readonly rows: number;
  private readonly starts: number[] = [];

  constructor(
    bytes: Uint8Array,
    path: string,
    handle: BlockHandle,
    customLength: number,
    types: readonly ColumnType[],
  ) {
    super(bytes, path, handle);
    const header = customLength + 7;
    const columnsAt = header + 5 * types.length;
    if (bytes.length < columnsAt + 1) throw this.malformed(0, 'shorter than a columnar header');
    const version = bytes[customLength]!;
    if (version !== VERSION) throw this.malformed(customLength, `columnar version ${version}`);
    const count = u16le(bytes, customLength + 1);
    if (count !== types.length) {
      throw this.malformed(customLength + 1, `${count} columns instead of ${types.length}`);
    }
    this.rows = u32le(bytes, customLength + 3);
    // Rows differ in something, so each takes at least a bit: a bound on work, not on the format.
    if (this.rows > 8 * bytes.length) {
      throw this.malformed(customLength + 3, `${this.rows} rows in ${bytes.length} bytes`);
    }
    for (let i = 0; i < types.length; i++) {
      const at = header + 5 * i;
      if (bytes[at] !== types[i]) {
        throw this.malformed(at, `column ${i} of type ${bytes[at]}, expected ${types[i]}`);
      }
      const start = u32le(bytes, at + 1);
      const least = this.starts[i - 1] ?? columnsAt;
      if (start < least || start > bytes.length - 1 || (i === 0 && start !== columnsAt)) {
        throw this.malformed(at + 1, `column ${i} starts at ${start}`);
      }
      this.starts.push(start);
    }
    this.starts.push(bytes.length - 1);
  }

  protected uintColumn(column: number, rows = this.rows): UintColumn {
    const uint = new UintColumn(this, this.starts[column]!, rows, false);
    this.checkEnd(column, uint.end);
    return uint;
  }

  protected boolColumn(column: number): BoolColumn {
    const bool = new BoolColumn(this, this.starts[column]!, this.rows);
    this.checkEnd(column, bool.end);
    return bool;
  }

  protected bytesColumn(column: number, rows = this.rows): BytesColumn {
    const bytes = new BytesColumn(this, this.starts[column]!, rows);
    this.checkEnd(column, bytes.end);
    return bytes;
  }

  protected prefixBytesColumn(column: number): PrefixBytesColumn {
    const bytes = new PrefixBytesColumn(this, this.starts[column]!, this.rows);
    this.checkEnd(column, bytes.end);
    return bytes;
  }

  private checkEnd(column: number, end: number): void {
    const next = this.starts[column + 1]!;
    if (end !== next) {
      throw this.malformed(this.starts[column]!, `column ${column} ends at ${end}, not ${next}`);
    }
  }
}

/** n integers of one width over a base; the value is their sum mod 2^64. */
export class UintColumn {
  readonly end: number;
  readonly width: number;
  private readonly bytes: Uint8Array;
  private readonly at: number;
  private readonly baseLow: number;
  private readonly baseHigh: number;

  /** @param isOffsets  offsets of a bytes column: no base, at most 4 bytes wide */
  constructor(block: Block, start: number, rows: number, isOffsets: boolean) {
    const { bytes } = block;
    this.bytes = bytes;
    this.at = start;
    this.width = 0;
    this.baseLow = 0;
    this.baseHigh = 0;
    this.end = start;
    if (rows === 0) return;
    const encoding = bytes[start]!;
    const width = encoding & ~DELTA_BIT;
    const hasBase = (encoding & DELTA_BIT) !== 0;
    const isKnown = width === 0 || width === 1 || width === 2 || width === 4 || width === 8;
    if (!isKnown || (hasBase && width === 8) || (isOffsets && (hasBase || width === 8))) {
      throw block.malformed(start, `integer encoding ${encoding}`);
    }
    let at = start + 1;
    if (hasBase) {
      if (at + 8 > bytes.length) throw block.malformed(at, 'integer base overruns the block');
      this.baseLow = u32le(bytes, at);
      this.baseHigh = u32le(bytes, at + 4);
      at += 8;
    }
    if (width > 0) at = Math.ceil(at / width) * width;
    this.width = width;
    this.at = at;
    this.end = at + rows * width;
    if (this.end > bytes.length) throw block.malformed(at, `${rows} integers overrun the block`);
  }

  /** Low 32 bits. */
  low(row: number): number {
    switch (this.width) {
      case 0:
        return this.baseLow;
      case 1:
        return (this.baseLow + this.bytes[this.at + row]!) >>> 0;
      case 2:
        return (this.baseLow + u16le(this.bytes, this.at + 2 * row)) >>> 0;
      case 4:
        return (this.baseLow + u32le(this.bytes, this.at + 4 * row)) >>> 0;
      default:
        return u32le(this.bytes, this.at + 8 * row);
    }
  }

  /** High 32 bits. */
  high(row: number): number {
    if (this.width === 8) return u32le(this.bytes, this.at + 8 * row + 4);
    // The low half wrapped exactly if the sum came out below the base.
    const carry = this.low(row) < this.baseLow ? 1 : 0;
    return (this.baseHigh + carry) >>> 0;
  }

  /** The value as a safe integer, or -1 above 2^53-1. */
  size(row: number): number {
    const high = this.high(row);
    return high > 0x1fffff ? -1 : high * 0x1_0000_0000 + this.low(row);
  }
}

export class BoolColumn {
  readonly end: number;
  private readonly bytes: Uint8Array;
  /** Position of the bitmap, or -1 when all are false. */
  private readonly at: number;

  constructor(block: Block, start: number, rows: number) {
    this.bytes = block.bytes;
    this.at = -1;
    this.end = start + 1;
    const encoding = block.bytes[start]!;
    if (encoding > 1) throw block.malformed(start, `bitmap encoding ${encoding}`);
    if (encoding === 1) return;
    const words = Math.ceil(rows / 64);
    this.at = Math.ceil((start + 1) / 8) * 8;
    this.end = this.at + 8 * (words + Math.ceil(words / 64));
    if (this.end > block.bytes.length) throw block.malformed(start, 'bitmap overruns the block');
  }

  get(row: number): boolean {
    return this.at >= 0 && ((this.bytes[this.at + (row >>> 3)]! >>> (row & 7)) & 1) === 1;
  }
}

/**
 * Slices of data between ascending offsets. Slice i is [bounds[i], bounds[i + 1]), positions in the
 * block: worked out once, because every row looks up several.
 */
class Slices {
  readonly bounds: Uint32Array;
  readonly dataStart: number;
  readonly end: number;

  constructor(block: Block, start: number, count: number) {
    const offsets = new UintColumn(block, start, count + 1, true);
    const bounds = new Uint32Array(count + 1);
    this.bounds = bounds;
    this.dataStart = offsets.end;
    const limit = block.bytes.length;
    let previous = this.dataStart;
    for (let i = 0; i <= count; i++) {
      const at = this.dataStart + offsets.low(i);
      if (at < previous) throw block.malformed(start, `offset ${i} descends`);
      if (at > limit) throw block.malformed(start, 'data overruns the block');
      bounds[i] = at;
      previous = at;
    }
    this.end = previous;
  }
}

const NO_BOUNDS = new Uint32Array(1);

export class BytesColumn {
  readonly end: number;
  /** No row has any bytes. */
  readonly isEmpty: boolean;
  private readonly bounds: Uint32Array;

  constructor(block: Block, start: number, rows: number) {
    const slices = rows === 0 ? undefined : new Slices(block, start, rows);
    this.bounds = slices?.bounds ?? NO_BOUNDS;
    this.end = slices?.end ?? start;
    this.isEmpty = slices === undefined || slices.end === slices.dataStart;
    if (slices && this.bounds[0] !== slices.dataStart) {
      throw block.malformed(start, 'the first offset is not 0');
    }
  }

  start(row: number): number {
    return this.bounds[row]!;
  }

  stop(row: number): number {
    return this.bounds[row + 1]!;
  }
}

/**
 * Sorted keys: data[0, o_0) is shared by all rows, then bundle by bundle the bundle's prefix and
 * one slice a row. An empty slice repeats the row before it in the same bundle.
 */
export class PrefixBytesColumn {
  readonly end: number;
  readonly sharedStart: number;
  readonly sharedStop: number;
  readonly bundleShift: number;
  private readonly bounds: Uint32Array;

  constructor(block: Block, start: number, rows: number) {
    const shift = block.bytes[start]!;
    if (shift > 31) throw block.malformed(start, `bundles of 2^${shift} rows`);
    if (rows === 0) throw block.malformed(start, 'prefix-bytes column without rows');
    const bundles = Math.ceil(rows / 2 ** shift);
    this.bundleShift = shift;
    const slices = new Slices(block, start + 1, rows + bundles);
    this.bounds = slices.bounds;
    this.sharedStart = slices.dataStart;
    this.sharedStop = slices.bounds[0]!;
    this.end = slices.end;
  }

  /** Boundary of the prefix slice of a bundle; the slice ends at the next boundary. */
  bundleStart(bundle: number): number {
    return this.bounds[bundle * (2 ** this.bundleShift + 1)]!;
  }

  bundleStop(bundle: number): number {
    return this.bounds[bundle * (2 ** this.bundleShift + 1) + 1]!;
  }

  rowStart(row: number): number {
    return this.bounds[1 + (row >>> this.bundleShift) + row]!;
  }

  rowStop(row: number): number {
    return this.bounds[2 + (row >>> this.bundleShift) + row]!;
  }

  /** The row whose slice holds the key of `row`: itself, or the one that it repeats. */
  sourceRow(row: number): number {
    const first = (row >>> this.bundleShift) << this.bundleShift;
    let r = row;
    while (r > first && this.rowStart(r) === this.rowStop(r)) r--;
    return r;
  }
}
