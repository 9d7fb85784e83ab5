/**
 * Looks up one key, newest layer first, and stops at the layer that decides (spec/pebble.md §5.4):
 * every entry of an older layer has a lower number.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { KIND, seqNumOf } from '../base/internal-key.js';
import type { Layers } from './layers.js';
import { joinOperands } from './merge-operands.js';
import { MergingIterator } from './merging-iterator.js';

const ABSENT = Symbol('decided: absent');
type Decided = Uint8Array | typeof ABSENT;

export class PointGet {
  private readonly layers: Layers;
  private readonly mem: InternalIterator;

  constructor(layers: Layers) {
    this.layers = layers;
    this.mem = layers.mem.iterator();
  }

  /** The value, borrowed until the next call; undefined when the key is absent. */
  get(key: ByteString): Uint8Array | undefined {
    const run = new Resolution(key);
    const decided = this.searchReplayed(run) ?? this.searchLevels(run) ?? run.pendingValue();
    return decided === ABSENT ? undefined : decided;
  }

  /** WAL entries and the tables that WALs name, whose numbers interleave. */
  private searchReplayed(run: Resolution): Decided | undefined {
    const { memTombstones, ingested } = this.layers;
    run.raise(memTombstones.at(run.key).seqNum);
    if (ingested.length === 0) {
      return this.mem.seek(run.key) ? run.walk(this.mem) : undefined;
    }
    const iterators = [this.mem];
    for (const layer of ingested) {
      const table = layer.tableFor(run.key);
      if (!table) continue;
      run.raise(table.tombstones().at(run.key).seqNum);
      iterators.push(table.getIterator());
    }
    const merge = new MergingIterator(iterators);
    merge.seek(run.key);
    while (merge.top !== undefined && run.isAt(merge.top)) {
      const decided = run.take(merge.top);
      if (decided !== undefined) return decided;
      merge.next();
    }
    return undefined;
  }

  private searchLevels(run: Resolution): Decided | undefined {
    for (const layer of this.layers.levels) {
      const table = layer.tableFor(run.key);
      if (!table) continue;
      run.raise(table.tombstones().at(run.key).seqNum);
      const entries = table.getIterator();
      const decided = entries.seek(run.key) ? run.walk(entries) : undefined;
      if (decided !== undefined) return decided;
    }
    return undefined;
  }
}

/** The state of one lookup: the highest tombstone so far, and merge operands still without a base. */
class Resolution {
  readonly key: ByteString;
  private coverSeqNum = 0n;
  private pending: Uint8Array[] | undefined;

  constructor(key: ByteString) {
    this.key = key;
  }

  raise(seqNum: bigint): void {
    if (seqNum > this.coverSeqNum) this.coverSeqNum = seqNum;
  }

  isAt(entry: InternalIterator): boolean {
    return entry.rows.compareTo(entry.row, this.key) === 0;
  }

  walk(entries: InternalIterator): Decided | undefined {
    while (entries.valid && this.isAt(entries)) {
      const decided = this.take(entries);
      if (decided !== undefined) return decided;
      entries.next();
    }
    return undefined;
  }

  /** Takes in one entry. @returns the outcome, or undefined when older entries still matter */
  take(entry: InternalIterator): Decided | undefined {
    const covered =
      this.coverSeqNum > 0n && seqNumOf(entry.seqHigh, entry.seqLow) < this.coverSeqNum;
    if (covered) return this.pendingValue();
    const { kind } = entry;
    if (kind === KIND.MERGE) {
      (this.pending ??= []).push(copyOf(entry.value));
      return undefined;
    }
    if (kind !== KIND.SET && kind !== KIND.SETWITHDEL) return this.pendingValue();
    if (this.pending === undefined) return entry.value;
    this.pending.push(entry.value);
    return this.pendingValue();
  }

  pendingValue(): Decided {
    return this.pending === undefined ? ABSENT : joinOperands(this.pending);
  }
}
