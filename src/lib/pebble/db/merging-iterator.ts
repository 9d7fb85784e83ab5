/**
 * Merges the point entries of several layers in internal-key order. It stands on the smallest entry
 * of all; `top` is the layer that holds it, and may be moved within its rows by whoever has made sure
 * that it then still comes first. Nothing is allocated on the way.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { InternalIterator } from '../base/internal-iterator.js';

export class MergingIterator {
  /** The layer that holds the present entry; undefined when there is none. */
  top: InternalIterator | undefined;
  private readonly layers: readonly InternalIterator[];
  private readonly heap: InternalIterator[] = [];
  /** The slot below the top that holds the smaller entry; 0: to be found out. */
  private runnerUp = 0;

  constructor(layers: readonly InternalIterator[]) {
    this.layers = layers;
  }

  first(): boolean {
    this.heap.length = 0;
    for (const layer of this.layers) if (layer.first()) this.heap.push(layer);
    return this.build();
  }

  seek(target: ByteString): boolean {
    this.heap.length = 0;
    for (const layer of this.layers) if (layer.seek(target)) this.heap.push(layer);
    return this.build();
  }

  /**
   * As `seek`, for a target behind every entry that was passed so far: a layer that already stands
   * at or behind it stays where it is, and one that is close is walked there.
   */
  seekForward(target: ByteString): boolean {
    const { heap } = this;
    let live = 0;
    for (let i = 0; i < heap.length; i++) {
      const layer = heap[i]!;
      if (advance(layer, target)) heap[live++] = layer;
    }
    heap.length = live;
    return this.build();
  }

  next(): boolean {
    const { heap } = this;
    const top = heap[0];
    if (top === undefined) return false;
    if (top.next()) {
      // One layer often holds many entries in a row: one comparison then keeps it on top.
      const { second } = this;
      if (second !== undefined && compareEntries(top, second) > 0) this.sink(0, top);
    } else {
      const last = heap.pop()!;
      this.runnerUp = 0;
      if (heap.length > 0) this.sink(0, last);
    }
    this.top = heap[0];
    return this.top !== undefined;
  }

  /** The layer that comes next when `top` has ended; undefined when there is none. */
  get second(): InternalIterator | undefined {
    const { heap } = this;
    if (this.runnerUp === 0 && heap.length > 1) {
      const isRight = heap.length > 2 && compareEntries(heap[2]!, heap[1]!) < 0;
      this.runnerUp = isRight ? 2 : 1;
    }
    return heap[this.runnerUp === 0 ? heap.length : this.runnerUp];
  }

  private build(): boolean {
    this.runnerUp = 0;
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i, this.heap[i]!);
    this.top = this.heap[0];
    return this.top !== undefined;
  }

  /** Puts `layer` at or below slot `i`, whose present holder is given up. */
  private sink(i: number, layer: InternalIterator): void {
    const { heap } = this;
    const size = heap.length;
    this.runnerUp = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      let smaller = heap[child]!;
      const right = heap[child + 1];
      if (right !== undefined && compareEntries(right, smaller) < 0) {
        smaller = right;
        child++;
      }
      if (compareEntries(layer, smaller) <= 0) break;
      heap[i] = smaller;
      i = child;
    }
    heap[i] = layer;
  }
}

/** Steps that cost less than a search through index and restart points. */
const MAX_STEPS = 4;

function advance(layer: InternalIterator, target: ByteString): boolean {
  for (let step = 0; step < MAX_STEPS; step++) {
    if (layer.rows.compareTo(layer.row, target) >= 0) return true;
    if (!layer.next()) return false;
  }
  return layer.rows.compareTo(layer.row, target) >= 0 || layer.seek(target);
}

function compareEntries(a: InternalIterator, b: InternalIterator): number {
  return a.rows.compareEntries(a.row, b.rows, b.row);
}
