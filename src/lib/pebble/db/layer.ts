/**
 * Layers of tables, each a sorted run of tables with disjoint points: one L0 or ingested table, or
 * one whole level below L0 (spec/pebble.md §5.2).
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { InternalIterator } from '../base/internal-iterator.js';
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
class LayerIterator extends InternalIterator {
  private readonly layer: Layer;
  private at = -1;
  private inner: InternalIterator | undefined;
  /** The table that `inner` is of. */
  private innerAt = -1;

  constructor(layer: Layer) {
    super();
    this.layer = layer;
  }

  get value(): Uint8Array {
    if (this.inner === undefined) return NO_BYTES;
    this.inner.row = this.row;
    return this.inner.value;
  }

  first(): boolean {
    return this.enter(0);
  }

  seek(target: ByteString): boolean {
    const at = this.layer.position(target);
    const inner = this.iteratorAt(at);
    if (inner !== undefined && inner.seek(target)) return this.stand(at, inner);
    return this.enter(at + 1);
  }

  nextRows(): boolean {
    const { at, inner } = this;
    if (inner === undefined || at !== this.innerAt) return false;
    return inner.nextRows() ? this.stand(at, inner) : this.enter(at + 1);
  }

  /** To the first entry of the first table from `at` on that has one. */
  private enter(at: number): boolean {
    for (let i = at; i < this.layer.tables.length; i++) {
      const inner = this.iteratorAt(i);
      if (inner !== undefined && inner.first()) return this.stand(i, inner);
    }
    this.at = this.layer.tables.length;
    return this.leave();
  }

  private stand(at: number, inner: InternalIterator): true {
    this.at = at;
    this.rows = inner.rows;
    this.row = inner.row;
    return true;
  }

  /** Only one is kept: what it has read ahead takes memory. */
  private iteratorAt(at: number): InternalIterator | undefined {
    if (at !== this.innerAt) {
      this.inner?.endScan();
      this.inner = this.layer.tables[at]?.table().points();
      this.innerAt = at;
    }
    return this.inner;
  }
}
