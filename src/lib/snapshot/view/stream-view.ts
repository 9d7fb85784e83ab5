import { compareBytesToString, type ByteString } from '../../bytes/byte-string.js';
import { size64le } from '../../bytes/read.js';
import { IoError } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';
import { KEY_LIMIT, VALUE_LIMIT } from '../payload/pebble-stream.js';
import { PagedReader } from './paged-reader.js';
import type { SparseIndex } from './sparse-index.js';

const LENGTH_BYTES = 8;

/**
 * An `EKVPBBL1` stream whose keys rise, looked at where it lies: a seek goes to the last mark of the
 * sparse index and walks from there. The stream has been validated by the pass that made the index.
 */
export class StreamView implements KvView {
  readonly reader: PagedReader;
  readonly index: SparseIndex;
  /** Absolute offsets of the first pair and behind the last one. */
  readonly start: number;
  readonly end: number;
  private readonly own: StreamCursor;

  constructor(source: ByteSource, start: number, end: number, index: SparseIndex) {
    this.reader = new PagedReader(source);
    this.start = start;
    this.end = end;
    this.index = index;
    this.own = new StreamCursor(this);
  }

  get(key: ByteString): Uint8Array | undefined {
    const found = this.own.seek(key) && compareBytesToString(this.own.key, key) === 0;
    return found ? this.own.value : undefined;
  }

  cursor(): KvCursor {
    return new StreamCursor(this);
  }
}

class StreamCursor implements KvCursor {
  valid = false;
  key: Uint8Array = new Uint8Array(0);
  private readonly view: StreamView;
  private valueOffset = 0;
  private valueLength = 0;

  constructor(view: StreamView) {
    this.view = view;
  }

  get value(): Uint8Array {
    return this.view.reader.bytes(this.valueOffset, this.valueLength);
  }

  first(): boolean {
    return this.stand(this.view.start);
  }

  next(): boolean {
    return this.stand(this.valueOffset + this.valueLength);
  }

  seek(target: ByteString): boolean {
    let more = this.stand(this.view.index.before(target) ?? this.view.start);
    while (more && compareBytesToString(this.key, target) < 0) more = this.next();
    return more;
  }

  private stand(offset: number): boolean {
    this.valid = offset < this.view.end;
    if (!this.valid) return false;
    const keyOffset = offset + LENGTH_BYTES;
    const keyLength = this.length(offset, KEY_LIMIT.max);
    this.key = this.view.reader.bytes(keyOffset, keyLength);
    this.valueLength = this.length(keyOffset + keyLength, VALUE_LIMIT.max);
    this.valueOffset = keyOffset + keyLength + LENGTH_BYTES;
    return true;
  }

  private length(offset: number, max: number): number {
    const length = size64le(this.view.reader.bytes(offset, LENGTH_BYTES), 0);
    if (length >= 0 && length <= max) return length;
    throw new IoError('io-changed', 'a length differs from what was read before', {
      site: { path: this.view.reader.source.path, offset },
    });
  }
}
