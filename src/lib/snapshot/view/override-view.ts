import { compareBytesToString, fromByteString, type ByteString } from '../../bytes/byte-string.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';

/**
 * A view with a few pairs written over it: what a restore does with the metadata keys. An undefined
 * value deletes the key.
 */
export class OverrideView implements KvView {
  readonly base: KvView;
  readonly values: ReadonlyMap<ByteString, Uint8Array | undefined>;
  readonly sorted: readonly ByteString[];

  constructor(base: KvView, values: ReadonlyMap<ByteString, Uint8Array | undefined>) {
    this.base = base;
    this.values = values;
    this.sorted = [...values.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  get(key: ByteString): Uint8Array | undefined {
    return this.values.has(key) ? this.values.get(key) : this.base.get(key);
  }

  cursor(): KvCursor {
    return new OverrideCursor(this);
  }
}

class OverrideCursor implements KvCursor {
  private readonly view: OverrideView;
  private readonly under: KvCursor;
  /** The next override that has not been passed. */
  private i = 0;
  /** Whether the cursor stands on override `i` rather than on `under`. */
  private onOverride = false;
  private overrideKey: Uint8Array = new Uint8Array(0);

  constructor(view: OverrideView) {
    this.view = view;
    this.under = view.base.cursor();
  }

  get valid(): boolean {
    return this.onOverride || this.under.valid;
  }

  get key(): Uint8Array {
    return this.onOverride ? this.overrideKey : this.under.key;
  }

  get value(): Uint8Array {
    if (!this.onOverride) return this.under.value;
    return this.view.values.get(this.view.sorted[this.i]!)!;
  }

  first(): boolean {
    this.under.first();
    this.i = 0;
    return this.settle();
  }

  seek(target: ByteString): boolean {
    this.under.seek(target);
    const { sorted } = this.view;
    this.i = 0;
    while (this.i < sorted.length && sorted[this.i]! < target) this.i++;
    return this.settle();
  }

  next(): boolean {
    if (this.onOverride) this.i++;
    else if (this.under.valid) this.under.next();
    return this.settle();
  }

  /** Chooses the lower of the two; an override hides the pair under it, a deleted one itself too. */
  private settle(): boolean {
    for (;;) {
      const name = this.view.sorted[this.i];
      this.onOverride = false;
      if (name === undefined) return this.under.valid;
      const order = this.under.valid ? compareBytesToString(this.under.key, name) : 1;
      if (order < 0) return true;
      if (order === 0) this.under.next();
      if (this.view.values.get(name) !== undefined) {
        this.onOverride = true;
        this.overrideKey = fromByteString(name);
        return true;
      }
      this.i++;
    }
  }
}
