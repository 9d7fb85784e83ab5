import type { ByteString } from '../../bytes/byte-string.js';
import { SHARED_BUFFER } from '../../bytes/kernel-memory.js';
import { InternalIterator } from '../base/internal-iterator.js';
import { MAX_ROWS, PointRows } from '../base/point-rows.js';
import type { Block } from './block.js';
import type { Exposure } from './exposure.js';
import type { IndexRows } from './index-block.js';
import { ScanRoom } from './scan-room.js';
import { VALUE_PLACE, type PointDecoder, type ValuePlace } from './point-decoder.js';
import type { TableBlocks } from './table-blocks.js';

const SCAN_FROM_BLOCKS = 2;
const NO_BUFFER = new ArrayBuffer(0);
/** Points that are decoded at a time in search of one: those from one restart to the next. */
const SEEK_ROWS = 16;

/**
 * The points of one table in order, as an `Exposure` shows them. Moving reads the index and data
 * blocks it needs and no others; nothing is allocated per entry unless its value is asked for.
 */
export class TableIterator extends InternalIterator {
  private readonly blocks: TableBlocks;
  private readonly exposure: Exposure;
  private readonly decoder: PointDecoder;
  private top: IndexRows | undefined;
  private topRow = 0;
  private leaf: IndexRows | undefined;
  /** The row of `leaf`: which block it is. */
  private leafRow = 0;
  private block: Block | undefined;
  /** Where its bytes lie, looked up once. */
  private blockBuffer: ArrayBufferLike = NO_BUFFER;
  private blockAt = 0;
  /** Blocks passed one after the other: from the third on it is a scan. */
  private passed = 0;
  private readonly room: ScanRoom;
  private readonly own = new PointRows();
  /** Whether keys of this block can lie behind the bounds. */
  private checksEnd = false;
  /** Of the entry behind `rows`; it is met again until the iterator is sent elsewhere. */
  private fault: Error | undefined;
  /** There is nothing behind `rows`. */
  private isLast = true;

  constructor(blocks: TableBlocks, exposure: Exposure) {
    super();
    this.blocks = blocks;
    this.exposure = exposure;
    this.decoder = blocks.pointDecoder(exposure.prefixBytes);
    this.room = new ScanRoom(blocks.reader.scanRooms);
  }

  get value(): Uint8Array {
    const { rows, row } = this;
    const start = rows.valueStart(row);
    const end = rows.valueEnd(row);
    const place = rows.valuePlace(row) as ValuePlace;
    const block = this.block!;
    if (place === VALUE_PLACE.INLINE) {
      return new Uint8Array(this.blockBuffer, this.blockAt + start, end - start);
    }
    return this.blocks.externalValue(block, place, start, end);
  }

  first(): boolean {
    this.fault = undefined;
    const { bounds } = this.exposure;
    if (bounds) return this.seek(bounds.lower);
    return this.firstStored();
  }

  seek(target: ByteString): boolean {
    this.fault = undefined;
    const { bounds, end, prefix, suffix } = this.exposure;
    const from = bounds && target < bounds.lower ? bounds.lower : target;
    if (end !== undefined && from >= end) return this.end();
    if (suffix !== '') return this.seekSuffixed(from);
    if (prefix === '') return this.seekStored(from);
    if (from.startsWith(prefix)) return this.seekStored(from.slice(prefix.length));
    return from < prefix ? this.firstStored() : this.end();
  }

  nextRows(): boolean {
    if (this.fault !== undefined) throw this.fault;
    if (this.isLast) return this.endScan();
    try {
      if (this.decoder.decodePoints(this.own, MAX_ROWS)) return this.show(0);
    } catch (error) {
      this.endScan();
      this.fault = error as Error;
      throw error;
    }
    return this.nextBlock();
  }

  override endScan(): false {
    this.releaseRoom();
    this.blocks.reader.releaseWindow();
    return this.end();
  }

  /**
   * A suffix can only bring a stored key behind the target when that key is a proper prefix of it:
   * starts at the shortest such prefix and walks on to the target.
   */
  private seekSuffixed(target: ByteString): boolean {
    const { prefix, suffix } = this.exposure;
    if (!target.startsWith(prefix)) {
      if (target > prefix) return this.end();
      return this.firstStored();
    }
    let length = prefix.length;
    while (length < target.length && target.slice(0, length) + suffix < target) length++;
    let found = this.seekStored(target.slice(prefix.length, length));
    while (found && this.rows.compareTo(this.row, target) < 0) found = this.next();
    return found;
  }

  private firstStored(): boolean {
    if (!this.toLeaf(0)) return this.end();
    this.leafRow = -1;
    return this.nextBlock();
  }

  private seekStored(target: ByteString): boolean {
    this.end();
    this.passed = 0;
    this.releaseRoom();
    const top = this.loadTop();
    if (this.blocks.hasTwoLevelIndex) {
      const topRow = top.seek(target);
      if (!this.toLeaf(topRow)) return false;
    } else {
      this.leaf = top;
    }
    const leaf = this.leaf!;
    this.leafRow = leaf.seek(target);
    if (this.leafRow >= leaf.count) return this.nextBlock();
    this.loadBlock(leaf, this.leafRow);
    const { decoder, own } = this;
    decoder.seek(target);
    while (decoder.decodePoints(own, SEEK_ROWS)) {
      const row = own.lowerBound(target, this.exposure.prefixBytes.length, 0, own.count);
      if (row < own.count) return this.show(row);
    }
    // The target lies between the block's last key and its separator.
    return this.nextBlock();
  }

  private nextBlock(): boolean {
    this.end();
    try {
      return this.enterNextBlock();
    } catch (error) {
      this.endScan();
      throw error;
    }
  }

  /** To the first point of the next block that has any. */
  private enterNextBlock(): boolean {
    for (;;) {
      this.leafRow++;
      this.passed++;
      while (this.leafRow >= this.leaf!.count) {
        if (!this.blocks.hasTwoLevelIndex || !this.toLeaf(this.topRow + 1)) {
          return this.endScan();
        }
        this.leafRow = 0;
      }
      this.loadBlock(this.leaf!, this.leafRow);
      if (this.decoder.decodePoints(this.own, MAX_ROWS)) return this.show(0);
    }
  }

  private loadTop(): IndexRows {
    this.top ??= this.blocks.topIndex().index;
    return this.top;
  }

  /** @returns false when the top level has no such row */
  private toLeaf(topRow: number): boolean {
    const top = this.loadTop();
    if (!this.blocks.hasTwoLevelIndex) {
      this.leaf = top;
      return true;
    }
    if (topRow >= top.count) return false;
    if (topRow !== this.topRow || this.leaf === undefined) {
      this.leaf = this.blocks.leafIndex(top.offsets[topRow]!, top.lengths[topRow]!).index;
      this.topRow = topRow;
    }
    return true;
  }

  private loadBlock(leaf: IndexRows, row: number): void {
    const { end, storedEnd } = this.exposure;
    this.checksEnd =
      end !== undefined && (storedEnd === undefined || leaf.compare(row, storedEnd) >= 0);
    const offset = leaf.offsets[row]!;
    if (this.block?.handle.offset === offset) {
      this.decoder.load(this.block);
      return;
    }
    const { reader } = this.blocks;
    const { blockClass } = this.decoder;
    const length = leaf.lengths[row]!;
    // What is read may take its place before it turns out to be damaged.
    this.block = undefined;
    const block =
      this.passed > SCAN_FROM_BLOCKS
        ? reader.scanned(offset, length, blockClass, 'data', this.room)
        : reader.block(offset, length, blockClass, 'data');
    this.block = block;
    this.decoder.load(block);
    this.blockBuffer = block.bytes.buffer;
    this.blockAt = block.bytes.byteOffset;
  }

  /** Stands on a row of those that were decoded, as the version shows them, if it is within bounds. */
  private show(row: number): boolean {
    const { own } = this;
    const { globalHigh, globalLow, suffixBytes } = this.exposure;
    this.isLast = false;
    if (globalHigh >= 0) own.renumber(globalHigh, globalLow);
    if (suffixBytes.length > 0) own.lengthenKeys(suffixBytes);
    if (this.checksEnd) this.cutAtEnd(own);
    if (row >= own.count) return this.endScan();
    this.rows = own;
    this.row = row;
    return true;
  }

  private cutAtEnd(rows: PointRows): void {
    const end = this.exposure.end!;
    let shown = 0;
    while (shown < rows.count && rows.compareTo(shown, end) < 0) shown++;
    if (shown === rows.count) return;
    rows.count = shown;
    this.isLast = true;
  }

  /** Of the scan that was. */
  private releaseRoom(): void {
    this.room.release();
    if (this.blockBuffer === SHARED_BUFFER) this.block = undefined;
  }

  private end(): false {
    this.isLast = true;
    return this.leave();
  }
}
