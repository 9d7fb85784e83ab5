/**
 * Walks the live pairs of a database in key order: all layers merged, range tombstones swept along,
 * every user key shown at most once (spec/pebble.md §5.4).
 */
import { compareBytesToString, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import type { KvCursor } from '../../kv/kv-view.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import { HeldKey } from '../base/held-key.js';
import { CoverSweep, type Layers } from './layers.js';
import { MergingIterator } from './merging-iterator.js';
import { joinOperands } from './merge-operands.js';

export class DbCursor implements KvCursor {
  valid = false;
  private readonly merge: MergingIterator;
  private readonly sweep: CoverSweep;
  /** The present user key, where it would be overwritten while entries of it are skipped. */
  private readonly held = new HeldKey();
  /** The entry that this is, or undefined where `held` and `merged` are. */
  private entry: InternalIterator | undefined;
  private merged: Uint8Array = new Uint8Array(0);
  /** Rows of `entry` in front of this one follow each other: nothing comes between or hides them. */
  private runEnd = 0;

  constructor(layers: Layers) {
    const iterators: InternalIterator[] = [];
    if (layers.mem.count > 0) iterators.push(layers.mem.iterator());
    for (const layer of layers.ingested) iterators.push(layer.iterator());
    for (const layer of layers.levels) iterators.push(layer.iterator());
    this.merge = new MergingIterator(iterators);
    this.sweep = new CoverSweep(layers);
  }

  get key(): Uint8Array {
    return this.entry === undefined ? this.held.view : this.entry.rows.key(this.entry.row);
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
    const { entry } = this;
    if (entry !== undefined && entry.row + 1 < this.runEnd) {
      entry.row++;
      return true;
    }
    if (!this.valid) return false;
    this.skipRest(entry);
    return this.settle();
  }

  /** From the newest entry of some user key to the first user key that is present. */
  private settle(): boolean {
    this.entry = undefined;
    for (;;) {
      const { top } = this.merge;
      if (top === undefined) {
        this.valid = false;
        return false;
      }
      if (!this.sweep.holdsFor(top.rows, top.row)) this.sweep.find(toByteString(top.userKey));
      if (this.resolve(top)) {
        this.valid = true;
        return true;
      }
      this.skipRest(top);
    }
  }

  /** @returns true when the key is present, with `entry` or `merged` holding its value */
  private resolve(top: InternalIterator): boolean {
    if (this.isCovered(top)) return false;
    const { kind } = top;
    if (kind === KIND.SET || kind === KIND.SETWITHDEL) {
      this.entry = top;
      this.runEnd = this.endOfRun(top);
      return true;
    }
    return kind === KIND.MERGE && this.resolveMerge(top);
  }

  /** How many of the rows behind this entry are pairs just as they stand. */
  private endOfRun({ rows, row }: InternalIterator): number {
    const { sweep, merge } = this;
    const next = row + 1;
    if (sweep.seqHigh !== 0 || sweep.seqLow !== 0) return next;
    const { second } = merge;
    let end = second === undefined ? rows.count : rows.endBefore(next, second.rows, second.row);
    const { until } = sweep;
    if (until !== undefined && end > next && rows.compareTo(end - 1, until) >= 0) {
      end = rows.lowerBound(until, 0, next, end);
    }
    let plain = next;
    while (plain < end && rows.isPlain(plain)) plain++;
    return plain;
  }

  private isCovered(top: InternalIterator): boolean {
    const { seqHigh, seqLow } = this.sweep;
    return top.seqHigh < seqHigh || (top.seqHigh === seqHigh && top.seqLow < seqLow);
  }

  private resolveMerge(first: InternalIterator): boolean {
    this.held.take(first.rows, first.row);
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
  private skipRest(entry: InternalIterator | undefined): void {
    const { merge, held } = this;
    if (entry === undefined) {
      // Merged: it may stand behind them already.
      while (merge.top !== undefined && this.isPresentKey(merge.top)) merge.next();
      return;
    }
    const { rows, row } = entry;
    // These rows stay for another step, and most often one is enough.
    const stay = row + 1 < rows.count;
    if (!stay) held.take(rows, row);
    merge.next();
    const { top } = merge;
    if (stay) {
      if (top === undefined || !top.rows.isSameKey(top.row, rows, row)) return;
      held.take(rows, row);
    }
    while (merge.top !== undefined && this.isPresentKey(merge.top)) merge.next();
  }

  private isPresentKey({ rows, row }: InternalIterator): boolean {
    return this.held.is(rows, row);
  }
}
