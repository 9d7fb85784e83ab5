/** A view over pairs held in memory: small payloads, the empty store, tests. */
import { fromByteString, type ByteString } from '../bytes/byte-string.js';
import type { KvCursor, KvView } from './kv-view.js';

const NOTHING = new Uint8Array(0);

export class MemoryView implements KvView {
  readonly keys: readonly ByteString[];
  readonly values: readonly Uint8Array[];

  /** @param pairs  in any order; of a key given twice the later one counts. Values are kept. */
  constructor(pairs: Iterable<readonly [ByteString, Uint8Array]>) {
    const byKey = new Map(pairs);
    this.keys = [...byKey.keys()].sort((a, b) => (a < b ? -1 : 1));
    this.values = this.keys.map((key) => byKey.get(key) ?? NOTHING);
  }

  get(key: ByteString): Uint8Array | undefined {
    const i = this.lowerBound(key);
    return this.keys[i] === key ? this.values[i] : undefined;
  }

  cursor(): KvCursor {
    return new MemoryCursor(this);
  }

  /** Position of the first key that is `>= target`. */
  lowerBound(target: ByteString): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] ?? '') < target) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class MemoryCursor implements KvCursor {
  private readonly view: MemoryView;
  private i: number;

  constructor(view: MemoryView) {
    this.view = view;
    this.i = view.keys.length;
  }

  get valid(): boolean {
    return this.i < this.view.keys.length;
  }

  get key(): Uint8Array {
    return fromByteString(this.view.keys[this.i] ?? '');
  }

  get value(): Uint8Array {
    return this.view.values[this.i] ?? NOTHING;
  }

  seek(target: ByteString): boolean {
    this.i = this.view.lowerBound(target);
    return this.valid;
  }

  first(): boolean {
    this.i = 0;
    return this.valid;
  }

  next(): boolean {
    this.i++;
    return this.valid;
  }
}

/** The store of a node that starts without `fsm.db`. */
export const EMPTY_VIEW: KvView = new MemoryView([]);
