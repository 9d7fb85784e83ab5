import type { KeyWalk } from '../../kv/kv-view.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import { NO_ROWS, type PointRows } from '../base/point-rows.js';
import type { Layers } from './layers.js';

/** The point entries of all layers, one layer after the other. */
export class EntryWalk implements KeyWalk {
  hasDeletions: boolean;
  start = 0;
  end = 0;
  private readonly iterators: InternalIterator[];
  private at = -1;
  private rows: PointRows = NO_ROWS;
  private row = 0;

  constructor({ mem, memTombstones, ingested, levels }: Layers) {
    const layers = [...ingested, ...levels];
    this.hasDeletions = memTombstones.count > 0 || layers.some((layer) => layer.hasTombstones());
    this.iterators = layers.map((layer) => layer.iterator());
    if (mem.count > 0) this.iterators.push(mem.iterator());
  }

  get bytes(): Uint8Array {
    return this.rows.keys;
  }

  next(): boolean {
    if (++this.row >= this.rows.count && !this.nextRows()) return false;
    const { rows, row } = this;
    this.start = rows.keyStart(row);
    this.end = rows.keyEnd(row);
    const kind = rows.kind(row);
    if (kind !== KIND.SET && kind !== KIND.SETWITHDEL && kind !== KIND.MERGE) {
      this.hasDeletions = true;
    }
    return true;
  }

  private nextRows(): boolean {
    let iterator = this.iterators[this.at];
    let found = iterator !== undefined && iterator.nextRows();
    while (!found) {
      iterator = this.iterators[++this.at];
      if (iterator === undefined) return false;
      found = iterator.first();
    }
    this.rows = iterator!.rows;
    this.row = iterator!.row;
    return true;
  }
}
