/**
 * Walks the live pairs of a database in key order: all layers merged, range tombstones swept along,
 * every user key shown at most once (spec/pebble.md §5.4).
 */
import { compareBytesToString, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import type { KvCursor } from '../../kv/kv-view.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import { CoverSweep, type Layers } from './layers.js';
import { MergingIterator } from './merging-iterator.js';
import { joinOperands } from './merge-operands.js';

const FIRST_KEY_BYTES = 1024;
/** Views of shorter keys are kept by length: they differ in nothing else. */
const KEPT_VIEW_LENGTHS = 1024;

export class DbCursor implements KvCursor {
  valid = false;
  private readonly merge: MergingIterator;
  private readonly sweep: CoverSweep;
  /** The present user key: entries are skipped by comparing with it. */
  private keyBytes = new Uint8Array(FIRST_KEY_BYTES);
  private keyLength = 0;
  private keyViews: Uint8Array[] = [];
  private differed = 0;
  /** The entry whose value this is, or undefined where `merged` holds it. */
  private entry: InternalIterator | undefined;
  private merged: Uint8Array = new Uint8Array(0);

  constructor(layers: Layers) {
    const iterators: InternalIterator[] = [];
    if (layers.mem.count > 0) iterators.push(layers.mem.iterator());
    for (const layer of layers.ingested) iterators.push(layer.iterator());
    for (const layer of layers.levels) iterators.push(layer.iterator());
    this.merge = new MergingIterator(iterators);
    this.sweep = new CoverSweep(layers);
  }

  get key(): Uint8Array {
    const length = this.keyLength;
    if (length >= KEPT_VIEW_LENGTHS) return this.keyBytes.subarray(0, length);
    return (this.keyViews[length] ??= this.keyBytes.subarray(0, length));
  }

  get value(): Uint8Array {
    return this.entry === undefined ? this.merged : this.entry.value;
  }

  first(): boolean {
    this.sweep.reset();
    this.merge.first();
    return this.settle();
  }

  seek(target: ByteString): boolean {
    // All entries that were passed belong to the present key or to earlier ones.
    if (this.valid && compareBytesToString(this.key, target) < 0) {
      this.merge.seekForward(target);
    } else {
      this.sweep.reset();
      this.merge.seek(target);
    }
    return this.settle();
  }

  next(): boolean {
    if (!this.valid) return false;
    this.skipRest();
    return this.settle();
  }

  /** From the newest entry of some user key to the first user key that is present. */
  private settle(): boolean {
    for (;;) {
      const { top } = this.merge;
      if (top === undefined) {
        this.valid = false;
        return false;
      }
      this.takeKey(top.userKey);
      if (!this.sweep.holdsFor(this.keyBytes, this.keyLength)) {
        this.sweep.find(toByteString(this.key));
      }
      if (this.resolve(top)) {
        this.valid = true;
        return true;
      }
      this.skipRest();
    }
  }

  /** @returns true when the key is present, with `entry` or `merged` holding its value */
  private resolve(top: InternalIterator): boolean {
    if (this.isCovered(top)) return false;
    if (top.kind === KIND.SET || top.kind === KIND.SETWITHDEL) {
      this.entry = top;
      return true;
    }
    return top.kind === KIND.MERGE && this.resolveMerge();
  }

  private isCovered(top: InternalIterator): boolean {
    const { seqHigh, seqLow } = this.sweep;
    return top.seqHigh < seqHigh || (top.seqHigh === seqHigh && top.seqLow < seqLow);
  }

  private resolveMerge(): boolean {
    const operands: Uint8Array[] = [];
    let seqHigh = -1;
    let seqLow = -1;
    for (let top = this.merge.top; top !== undefined && this.isPresentKey(top);) {
      if (this.isCovered(top)) break;
      const twice = top.seqHigh === seqHigh && top.seqLow === seqLow;
      seqHigh = top.seqHigh;
      seqLow = top.seqLow;
      const { kind } = top;
      const isValue = kind === KIND.MERGE || kind === KIND.SET || kind === KIND.SETWITHDEL;
      if (isValue && !twice) operands.push(copyOf(top.value));
      if (kind !== KIND.MERGE) break;
      this.merge.next();
      top = this.merge.top;
    }
    this.merged = joinOperands(operands);
    this.entry = undefined;
    return true;
  }

  /** Moves behind the last entry of the present user key. */
  private skipRest(): void {
    const { merge } = this;
    let { top } = merge;
    while (top !== undefined && this.isPresentKey(top)) {
      merge.next();
      top = merge.top;
    }
  }

  private isPresentKey(top: InternalIterator): boolean {
    const key = top.userKey;
    const length = this.keyLength;
    if (key.length !== length) return false;
    const bytes = this.keyBytes;
    // Neighbours most often differ where the last two did.
    if (key[this.differed] !== bytes[this.differed] && this.differed < length) return false;
    for (let i = length - 1; i >= 0; i--) {
      if (key[i] === bytes[i]) continue;
      this.differed = i;
      return false;
    }
    return true;
  }

  private takeKey(key: Uint8Array): void {
    const length = key.length;
    if (length > this.keyBytes.length) {
      this.keyBytes = new Uint8Array(length * 2);
      this.keyViews = [];
    }
    const bytes = this.keyBytes;
    for (let i = 0; i < length; i++) bytes[i] = key[i]!;
    this.keyLength = length;
  }
}
