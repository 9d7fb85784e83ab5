/**
 * Columnar data block (spec/pebble.md §6.9), v5 on. Custom header: u32 upper bound of the key
 * length.
 *
 * | column | type         | content                                                      |
 * |--------|--------------|--------------------------------------------------------------|
 * | 0      | prefix-bytes | user key up to Split: all of it with the default comparer    |
 * | 1      | bytes        | the rest of the user key                                     |
 * | 2      | uint         | trailer, `seqnum * 256 + kind`                               |
 * | 3      | bool         | prefix differs from the row before                           |
 * | 4      | bytes        | value                                                        |
 * | 5      | bool         | the value begins with a prefix byte: its handle follows      |
 * | 6      | bool         | obsolete                                                     |
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Point, PointRows } from '../base/point-rows.js';
import type { BlockHandle } from './block-handle.js';
import {
  COLUMN,
  ColumnarBlock,
  type BoolColumn,
  type BytesColumn,
  type PrefixBytesColumn,
  type UintColumn,
} from './columns.js';
import { VALUE_PLACE, type PointDecoder, type ValuePlace } from './point-decoder.js';
import { IS_POINT_KIND } from './point-kinds.js';

const COLUMNS = [
  COLUMN.PREFIX_BYTES,
  COLUMN.BYTES,
  COLUMN.UINT,
  COLUMN.BOOL,
  COLUMN.BYTES,
  COLUMN.BOOL,
  COLUMN.BOOL,
] as const;

export class ColumnDataBlock extends ColumnarBlock {
  readonly prefixes: PrefixBytesColumn;
  readonly suffixes: BytesColumn;
  readonly trailers: UintColumn;
  readonly values: BytesColumn;
  readonly isExternal: BoolColumn;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 4, COLUMNS);
    this.prefixes = this.prefixBytesColumn(0);
    this.suffixes = this.bytesColumn(1);
    this.trailers = this.uintColumn(2);
    this.boolColumn(3);
    this.values = this.bytesColumn(4);
    this.isExternal = this.boolColumn(5);
    this.boolColumn(6);
  }

  override get memoryBytes(): number {
    return this.bytes.length + 1200 + 12 * this.rows;
  }

  /** How the user key of `row` sorts against `target`. */
  compareKey(row: number, target: ByteString): number {
    const { prefixes, suffixes } = this;
    const bundle = row >>> prefixes.bundleShift;
    const source = prefixes.sourceRow(row);
    let d = this.compareSlice(prefixes.sharedStart, prefixes.sharedStop, target, 0);
    let matched = prefixes.sharedStop - prefixes.sharedStart;
    if (d !== 0) return d;
    d = this.compareSlice(
      prefixes.bundleStart(bundle),
      prefixes.bundleStop(bundle),
      target,
      matched,
    );
    if (d !== 0) return d;
    matched += prefixes.bundleStop(bundle) - prefixes.bundleStart(bundle);
    d = this.compareSlice(prefixes.rowStart(source), prefixes.rowStop(source), target, matched);
    if (d !== 0) return d;
    matched += prefixes.rowStop(source) - prefixes.rowStart(source);
    d = this.compareSlice(suffixes.start(row), suffixes.stop(row), target, matched);
    if (d !== 0) return d;
    matched += suffixes.stop(row) - suffixes.start(row);
    return matched - target.length;
  }

  /** 0 when all of the slice equals the target from `from` on. */
  private compareSlice(start: number, stop: number, target: ByteString, from: number): number {
    const { bytes } = this;
    const length = stop - start;
    const n = Math.min(length, target.length - from);
    for (let i = 0; i < n; i++) {
      const d = bytes[start + i]! - target.charCodeAt(from + i);
      if (d !== 0) return d;
    }
    return length - n;
  }
}

export class ColumnPoints implements PointDecoder<ColumnDataBlock>, Point {
  readonly blockClass = ColumnDataBlock;
  /** The point that is being decoded. */
  key: Uint8Array;
  readonly keyStart = 0;
  keyEnd = 0;
  kind = 0;
  seqHigh = 0;
  seqLow = 0;
  valueStart = 0;
  valueEnd = 0;
  place: ValuePlace = VALUE_PLACE.INLINE;
  private readonly prefixLength: number;
  private block: ColumnDataBlock | undefined;
  /** The row to decode next. */
  private row = 0;
  /** The bundle whose prefix stands in `key`, or -1. */
  private bundle = -1;
  private sharedEnd = 0;
  private bundleEnd = 0;

  constructor(prefix: Uint8Array) {
    this.prefixLength = prefix.length;
    this.key = new Uint8Array(Math.max(256, 2 * prefix.length));
    this.key.set(prefix);
  }

  load(block: ColumnDataBlock): void {
    this.block = block;
    this.row = 0;
    this.bundle = -1;
    const { sharedStart, sharedStop } = block.prefixes;
    this.sharedEnd = this.append(this.prefixLength, sharedStart, sharedStop);
  }

  seek(target: ByteString): void {
    const block = this.block!;
    let low = 0;
    let high = block.rows;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (block.compareKey(middle, target) < 0) low = middle + 1;
      else high = middle;
    }
    this.row = low;
  }

  decodePoints(rows: PointRows, most: number): boolean {
    const block = this.block!;
    rows.clear();
    while (this.row < block.rows && rows.count < most && !rows.isFull) {
      const fault = this.decode(block, this.row);
      if (fault !== undefined) {
        if (rows.count > 0) break;
        throw block.malformed(this.valueStart, fault);
      }
      rows.add(this);
      this.row++;
    }
    return rows.count > 0;
  }

  /** @returns what is wrong with it */
  private decode(block: ColumnDataBlock, row: number): string | undefined {
    const low = block.trailers.low(row);
    const high = block.trailers.high(row);
    this.kind = low & 0xff;
    this.seqLow = ((low >>> 8) | (high << 24)) >>> 0;
    this.seqHigh = high >>> 8;
    this.valueStart = block.values.start(row);
    this.valueEnd = block.values.stop(row);
    this.place = VALUE_PLACE.INLINE;
    if (IS_POINT_KIND[this.kind] === 0) return `kind ${this.kind}, row ${row}`;
    this.showKey(block, row);
    return block.isExternal.get(row) ? this.takePrefixByte(block) : undefined;
  }

  private showKey(block: ColumnDataBlock, row: number): void {
    const { prefixes, suffixes } = block;
    const bundle = row >>> prefixes.bundleShift;
    if (bundle !== this.bundle) {
      this.bundle = bundle;
      const start = prefixes.bundleStart(bundle);
      this.bundleEnd = this.append(this.sharedEnd, start, prefixes.bundleStop(bundle));
    }
    let start = prefixes.rowStart(row);
    let stop = prefixes.rowStop(row);
    if (start === stop) {
      const source = prefixes.sourceRow(row);
      start = prefixes.rowStart(source);
      stop = prefixes.rowStop(source);
    }
    const end = this.append(this.bundleEnd, start, stop);
    this.keyEnd = suffixes.isEmpty
      ? end
      : this.append(end, suffixes.start(row), suffixes.stop(row));
  }

  /** Copies a slice of the block behind the first `at` bytes of the key. @returns the new length */
  private append(at: number, start: number, stop: number): number {
    const length = stop - start;
    if (at + length > this.key.length) {
      const bigger = new Uint8Array(2 * (at + length));
      bigger.set(this.key.subarray(0, at));
      this.key = bigger;
    }
    const { key } = this;
    const { bytes } = this.block!;
    if (length > 64) key.set(bytes.subarray(start, stop), at);
    else for (let i = 0; i < length; i++) key[at + i] = bytes[start + i]!;
    return at + length;
  }

  private takePrefixByte(block: ColumnDataBlock): string | undefined {
    const place = this.valueStart < this.valueEnd ? block.bytes[this.valueStart]! >>> 6 : -1;
    if (place !== 1 && place !== 2) return `external value with prefix bits ${place}`;
    this.valueStart++;
    this.place = place === 1 ? VALUE_PLACE.BLOB : VALUE_PLACE.VALUE_BLOCK;
    return undefined;
  }
}
