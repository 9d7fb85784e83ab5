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
  private readonly view: StreamView;
  /** The key lies here; pages stay as they are, so it may be looked at until the cursor moves. */
  private keyBuffer: Uint8Array = new Uint8Array(0);
  private keyPos = 0;
  private keyLength = 0;
  private valueOffset = 0;
  private valueLength = 0;

  constructor(view: StreamView) {
    this.view = view;
  }

  get key(): Uint8Array {
    return this.keyBuffer.subarray(this.keyPos, this.keyPos + this.keyLength);
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
    while (more && this.isBelow(target)) more = this.next();
    return more;
  }

  /** Whether the key sorts before `target`, without making a view of it. */
  private isBelow(target: ByteString): boolean {
    const { keyBuffer, keyPos, keyLength } = this;
    const n = Math.min(keyLength, target.length);
    for (let i = 0; i < n; i++) {
      const d = keyBuffer[keyPos + i]! - target.charCodeAt(i);
      if (d !== 0) return d < 0;
    }
    return keyLength < target.length;
  }

  private stand(offset: number): boolean {
    const { reader, end } = this.view;
    this.valid = offset < end;
    if (!this.valid) return false;
    reader.locate(offset, LENGTH_BYTES);
    this.keyLength = size64le(reader.buffer, reader.pos);
    if (this.keyLength < 0 || this.keyLength > KEY_LIMIT.max) throw this.changed(offset);
    const keyOffset = offset + LENGTH_BYTES;
    reader.locate(keyOffset, this.keyLength + LENGTH_BYTES);
    this.keyBuffer = reader.buffer;
    this.keyPos = reader.pos;
    this.valueLength = size64le(reader.buffer, reader.pos + this.keyLength);
    this.valueOffset = keyOffset + this.keyLength + LENGTH_BYTES;
    if (this.valueLength < 0 || this.valueLength > VALUE_LIMIT.max) throw this.changed(keyOffset);
    return true;
  }

  private changed(offset: number): IoError {
    return new IoError('io-changed', 'a length differs from what was read before', {
      site: { path: this.view.reader.source.path, offset },
    });
  }
}
