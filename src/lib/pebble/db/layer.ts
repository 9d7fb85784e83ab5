/**
 * Layers of tables, each a sorted run of tables with disjoint points: one L0 or ingested table, or
 * one whole level below L0 (spec/pebble.md §5.2).
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { isExclusiveSentinel } from '../manifest/table-meta.js';
import type { LayerTable } from './layer-table.js';
import type { Cover } from './tombstones.js';

const NO_BYTES = new Uint8Array(0);

export class Layer {
  /** Tables with points, ascending. */
  readonly tables: readonly LayerTable[];
  /** Largest user key of each table; undefined: unknown, in a layer of one ingested table. */
  private readonly largest: readonly (ByteString | undefined)[];
  private readonly exclusive: readonly boolean[];
  private tombstoned: boolean | undefined;

  constructor(tables: readonly LayerTable[]) {
    this.tables = tables.filter((table) => table.hasPoints);
    this.largest = this.tables.map((table) => table.points?.largest.userKey);
    this.exclusive = this.tables.map(
      ({ points }) => points !== undefined && isExclusiveSentinel(points.largest),
    );
  }

  /** Position of the first table that does not end before `key`; past the end when all do. */
  position(key: ByteString): number {
    let low = 0;
    let high = this.tables.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const largest = this.largest[middle];
      const ends =
        largest !== undefined && (this.exclusive[middle] === true ? largest <= key : largest < key);
      if (ends) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The one table whose bounds contain `key`, if there is one. */
  tableFor(key: ByteString): LayerTable | undefined {
    const table = this.tables[this.position(key)];
    if (table === undefined) return undefined;
    const smallest = table.points?.smallest.userKey;
    return smallest !== undefined && key < smallest ? undefined : table;
  }

  /** The range tombstone over `key`, and the first key behind it where that may change. */
  cover(key: ByteString): Cover {
    const at = this.position(key);
    const table = this.tables[at];
    if (table === undefined) return { seqNum: 0n, until: undefined };
    const smallest = table.points?.smallest.userKey;
    if (smallest !== undefined && key < smallest) return { seqNum: 0n, until: smallest };
    const cover = table.tombstones().at(key);
    const largest = this.largest[at];
    if (largest === undefined) return cover;
    // Tombstones of the table behind this one begin no sooner than it ends.
    const end = this.exclusive[at] === true ? largest : `${largest}\0`;
    return {
      seqNum: cover.seqNum,
      until: cover.until === undefined || end < cover.until ? end : cover.until,
    };
  }

  /** Opens every table of the layer to know. */
  hasTombstones(): boolean {
    this.tombstoned ??= this.tables.some((table) => table.tombstones().count > 0);
    return this.tombstoned;
  }

  iterator(): InternalIterator {
    return new LayerIterator(this);
  }
}

/** The points of a layer's tables one after another; a table is opened when it is entered. */
class LayerIterator implements InternalIterator {
  private readonly layer: Layer;
  private readonly iterators: (InternalIterator | undefined)[] = [];
  private at = -1;
  private inner: InternalIterator | undefined;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  get valid(): boolean {
    return this.inner !== undefined;
  }

  get userKey(): Uint8Array {
    return this.inner === undefined ? NO_BYTES : this.inner.userKey;
  }

  get kind(): number {
    return this.inner === undefined ? 0 : this.inner.kind;
  }

  get seqHigh(): number {
    return this.inner === undefined ? 0 : this.inner.seqHigh;
  }

  get seqLow(): number {
    return this.inner === undefined ? 0 : this.inner.seqLow;
  }

  get value(): Uint8Array {
    return this.inner === undefined ? NO_BYTES : this.inner.value;
  }

  first(): boolean {
    return this.enter(0);
  }

  seek(target: ByteString): boolean {
    const at = this.layer.position(target);
    const inner = this.iteratorAt(at);
    if (inner !== undefined && inner.seek(target)) {
      this.at = at;
      this.inner = inner;
      return true;
    }
    return this.enter(at + 1);
  }

  next(): boolean {
    if (this.inner === undefined) return false;
    return this.inner.next() || this.enter(this.at + 1);
  }

  /** To the first entry of the first table from `at` on that has one. */
  private enter(at: number): boolean {
    for (let i = at; i < this.layer.tables.length; i++) {
      const inner = this.iteratorAt(i);
      if (inner !== undefined && inner.first()) {
        this.at = i;
        this.inner = inner;
        return true;
      }
    }
    this.at = this.layer.tables.length;
    this.inner = undefined;
    return false;
  }

  private iteratorAt(at: number): InternalIterator | undefined {
    const known = this.iterators[at];
    if (known) return known;
    const iterator = this.layer.tables[at]?.table().points();
    if (iterator) this.iterators[at] = iterator;
    return iterator;
  }
}
