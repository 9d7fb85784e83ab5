import type { KeyWalk } from '../../kv/kv-view.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import type { Layers } from './layers.js';

/** The point entries of all layers, one layer after the other. */
export class EntryWalk implements KeyWalk {
  hasDeletions: boolean;
  private readonly iterators: InternalIterator[];
  private at = -1;

  constructor({ mem, memTombstones, ingested, levels }: Layers) {
    const layers = [...ingested, ...levels];
    this.hasDeletions = memTombstones.count > 0 || layers.some((layer) => layer.hasTombstones());
    this.iterators = layers.map((layer) => layer.iterator());
    if (mem.count > 0) this.iterators.push(mem.iterator());
  }

  get key(): Uint8Array {
    return this.iterators[this.at]!.userKey;
  }

  next(): boolean {
    let iterator = this.iterators[this.at];
    let found = iterator !== undefined && iterator.next();
    while (!found) {
      iterator = this.iterators[++this.at];
      if (iterator === undefined) return false;
      found = iterator.first();
    }
    const { kind } = iterator!;
    if (kind !== KIND.SET && kind !== KIND.SETWITHDEL && kind !== KIND.MERGE) {
      this.hasDeletions = true;
    }
    return true;
  }
}
