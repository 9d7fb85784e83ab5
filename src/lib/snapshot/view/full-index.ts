import { fromByteString, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { UnsupportedError, assert } from '../../core/errors.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';

const MAX_KEY_BYTES = 2 ** 30;
/** What a string and its places in the arrays take beside its characters. */
const KEY_OVERHEAD_BYTES = 48;

/**
 * Every key of a stream with the offset it was last set at: for streams whose order says nothing.
 * Keys are in memory, values stay where they are.
 */
export class FullIndexBuilder {
  private readonly path: string;
  private readonly maxBytes: number;
  private bytes = 0;
  private readonly places = new Map<ByteString, number>();

  constructor(path: string, maxBytes = MAX_KEY_BYTES) {
    this.path = path;
    this.maxBytes = maxBytes;
  }

  /** @throws {UnsupportedError} `limit-exceeded` when the keys are more than memory should hold */
  add(offset: number, key: Uint8Array): void {
    const name = toByteString(key);
    if (!this.places.has(name)) this.bytes += key.length + KEY_OVERHEAD_BYTES;
    if (this.bytes > this.maxBytes) {
      throw new UnsupportedError(
        'limit-exceeded',
        `the keys are out of order and need more than ${this.maxBytes} B to be sorted`,
        { site: { path: this.path, offset } },
      );
    }
    this.places.set(name, offset);
  }

  build(valueAt: (offset: number) => Uint8Array): KvView {
    const keys = [...this.places.keys()].sort((a, b) => (a < b ? -1 : 1));
    const offsets = new Float64Array(keys.length);
    keys.forEach((key, i) => {
      offsets[i] = this.places.get(key)!;
    });
    this.places.clear();
    return new FullIndexView(keys, offsets, valueAt);
  }
}

class FullIndexView implements KvView {
  readonly keys: readonly ByteString[];
  private readonly offsets: Float64Array;
  private readonly valueAt: (offset: number) => Uint8Array;

  constructor(
    keys: readonly ByteString[],
    offsets: Float64Array,
    valueAt: (offset: number) => Uint8Array,
  ) {
    this.keys = keys;
    this.offsets = offsets;
    this.valueAt = valueAt;
  }

  get(key: ByteString): Uint8Array | undefined {
    const i = this.lowerBound(key);
    return this.keys[i] === key ? this.value(i) : undefined;
  }

  cursor(): KvCursor {
    return new FullIndexCursor(this);
  }

  value(i: number): Uint8Array {
    return this.valueAt(this.offsets[i]!);
  }

  /** Position of the first key `>= target`. */
  lowerBound(target: ByteString): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

class FullIndexCursor implements KvCursor {
  private readonly view: FullIndexView;
  private i = -1;

  constructor(view: FullIndexView) {
    this.view = view;
  }

  get valid(): boolean {
    return this.i >= 0 && this.i < this.view.keys.length;
  }

  get key(): Uint8Array {
    const key = this.view.keys[this.i];
    assert(key !== undefined, 'a key is read while the cursor is valid');
    return fromByteString(key);
  }

  get value(): Uint8Array {
    assert(this.valid, 'a value is read while the cursor is valid');
    return this.view.value(this.i);
  }

  first(): boolean {
    this.i = 0;
    return this.valid;
  }

  next(): boolean {
    if (this.valid) this.i++;
    return this.valid;
  }

  seek(target: ByteString): boolean {
    this.i = this.view.lowerBound(target);
    return this.valid;
  }
}
