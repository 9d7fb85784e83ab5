import { compareBytesToString, type ByteString } from '../../bytes/byte-string.js';
import { concatBytes } from '../../bytes/write.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import type { Block } from './block.js';
import { ScanRoom } from './block-reader.js';
import { VALUE_PLACE, type DataCursor } from './data-cursor.js';
import type { Exposure } from './exposure.js';
import type { IndexRows } from './index-block.js';
import type { TableBlocks } from './table-blocks.js';

/** Views of shorter keys are kept by length: they differ in nothing else. */
const KEPT_VIEW_LENGTHS = 1024;
const SCAN_FROM_BLOCKS = 2;

/**
 * The points of one table in order, as an `Exposure` shows them. Moving reads the index and data
 * blocks it needs and no others; nothing is allocated per entry unless its value is asked for.
 */
export class TableIterator implements InternalIterator {
  valid = false;
  private readonly blocks: TableBlocks;
  private readonly exposure: Exposure;
  private readonly cursor: DataCursor;
  private top: IndexRows | undefined;
  private topRow = 0;
  private leaf: IndexRows | undefined;
  private row = 0;
  private block: Block | undefined;
  /** Blocks passed one after the other: from the third on it is a scan. */
  private passed = 0;
  private readonly room = new ScanRoom();
  /** Whether keys of this block can lie behind the bounds. */
  private checksEnd = false;
  private viewed: Uint8Array | undefined;
  private views: Uint8Array[] = [];

  constructor(blocks: TableBlocks, exposure: Exposure) {
    this.blocks = blocks;
    this.exposure = exposure;
    this.cursor = blocks.dataCursor(exposure.prefixBytes);
  }

  get userKey(): Uint8Array {
    const { key, keyLength } = this.cursor;
    if (this.exposure.suffix !== '') {
      return concatBytes(key.subarray(0, keyLength), this.exposure.suffixBytes);
    }
    if (keyLength >= KEPT_VIEW_LENGTHS) return key.subarray(0, keyLength);
    if (key !== this.viewed) {
      this.viewed = key;
      this.views = [];
    }
    return (this.views[keyLength] ??= key.subarray(0, keyLength));
  }

  get kind(): number {
    return this.cursor.kind;
  }

  get seqHigh(): number {
    const { globalHigh } = this.exposure;
    return globalHigh < 0 ? this.cursor.seqHigh : globalHigh;
  }

  get seqLow(): number {
    const { globalHigh, globalLow } = this.exposure;
    return globalHigh < 0 ? this.cursor.seqLow : globalLow;
  }

  /** v4 on: a newer entry of the same key in this table hides this one. */
  get isObsolete(): boolean {
    return this.cursor.isObsolete;
  }

  get value(): Uint8Array {
    const { valueStart, valueEnd, valuePlace } = this.cursor;
    const block = this.block!;
    if (valuePlace === VALUE_PLACE.INLINE) return block.bytes.subarray(valueStart, valueEnd);
    return this.blocks.externalValue(block, valuePlace, valueStart, valueEnd);
  }

  first(): boolean {
    const { bounds } = this.exposure;
    if (bounds) return this.seek(bounds.lower);
    return this.firstStored();
  }

  seek(target: ByteString): boolean {
    const { bounds, end, prefix, suffix } = this.exposure;
    const from = bounds && target < bounds.lower ? bounds.lower : target;
    if (end !== undefined && from >= end) return (this.valid = false);
    if (suffix !== '') return this.seekSuffixed(from);
    if (prefix === '') return this.seekStored(from);
    if (from.startsWith(prefix)) return this.seekStored(from.slice(prefix.length));
    return from < prefix ? this.firstStored() : (this.valid = false);
  }

  next(): boolean {
    if (this.cursor.next()) return this.settle();
    return this.nextBlock();
  }

  /**
   * A suffix can only bring a stored key behind the target when that key is a proper prefix of it:
   * starts at the shortest such prefix and walks on to the target.
   */
  private seekSuffixed(target: ByteString): boolean {
    const { prefix, suffix } = this.exposure;
    if (!target.startsWith(prefix)) {
      if (target > prefix) return (this.valid = false);
      return this.firstStored();
    }
    let length = prefix.length;
    while (length < target.length && target.slice(0, length) + suffix < target) length++;
    let found = this.seekStored(target.slice(prefix.length, length));
    while (found && compareBytesToString(this.userKey, target) < 0) found = this.next();
    return found;
  }

  private firstStored(): boolean {
    if (!this.toLeaf(0)) return (this.valid = false);
    this.row = -1;
    return this.nextBlock();
  }

  private seekStored(target: ByteString): boolean {
    this.valid = false;
    this.passed = 0;
    const top = this.loadTop();
    if (this.blocks.hasTwoLevelIndex) {
      const topRow = top.seek(target);
      if (!this.toLeaf(topRow)) return false;
    } else {
      this.leaf = top;
    }
    const leaf = this.leaf!;
    this.row = leaf.seek(target);
    if (this.row >= leaf.count) return this.nextBlock();
    this.loadBlock(leaf, this.row);
    if (this.cursor.seek(target)) return this.settle();
    // The target lies between the block's last key and its separator.
    return this.nextBlock();
  }

  /** To the first point of the next block that has any. */
  private nextBlock(): boolean {
    this.valid = false;
    for (;;) {
      this.row++;
      this.passed++;
      while (this.row >= this.leaf!.count) {
        if (!this.blocks.hasTwoLevelIndex || !this.toLeaf(this.topRow + 1)) {
          return false;
        }
        this.row = 0;
      }
      this.loadBlock(this.leaf!, this.row);
      if (this.cursor.first()) return this.settle();
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
    if (this.block?.handle.offset === offset) return;
    const { reader } = this.blocks;
    const { blockClass } = this.cursor;
    const length = leaf.lengths[row]!;
    this.block =
      this.passed > SCAN_FROM_BLOCKS
        ? reader.scanned(offset, length, blockClass, 'data', this.room)
        : reader.block(offset, length, blockClass, 'data');
    this.cursor.load(this.block);
  }

  /** The cursor stands on a point: is it still within the bounds? */
  private settle(): boolean {
    if (this.checksEnd && compareBytesToString(this.userKey, this.exposure.end!) >= 0) {
      return (this.valid = false);
    }
    return (this.valid = true);
  }
}
