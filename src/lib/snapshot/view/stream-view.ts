import { compareBytesToString, type ByteString } from '../../bytes/byte-string.js';
import { size64le } from '../../bytes/read.js';
import { IoError } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';
import { KEY_LIMIT, VALUE_LIMIT } from '../payload/pebble-stream.js';
import type { SparseIndex } from './sparse-index.js';

const LENGTH_BYTES = 8;
/** A seek reads what lies between two marks; whoever goes on from there is read ahead for. */
const SEEK_BYTES = 6 << 10;
const MAX_AHEAD_BYTES = 256 << 10;

/**
 * An `EKVPBBL1` stream whose keys rise, looked at where it lies: a seek goes to the last mark of the
 * sparse index and walks from there. The stream has been validated by the pass that made the index.
 */
export class StreamView implements KvView {
  readonly source: ByteSource;
  readonly index: SparseIndex;
  /** Absolute offsets of the first pair and behind the last one. */
  readonly start: number;
  readonly end: number;
  private readonly own: StreamCursor;

  constructor(source: ByteSource, start: number, end: number, index: SparseIndex) {
    this.source = source;
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

/** Reads through a buffer of its own: what it shows stays until it moves, whatever others do. */
class StreamCursor implements KvCursor {
  valid = false;
  private readonly view: StreamView;
  private buffer: Uint8Array = new Uint8Array(SEEK_BYTES);
  /** The part of the stream that the buffer holds. */
  private from = 0;
  private to = 0;
  private ahead = SEEK_BYTES;
  /** Offsets of the present pair, and where its key lies in the buffer. */
  private offset = 0;
  private valueOffset = 0;
  private keyPos = 0;
  private keyLength = 0;
  private valueLength = 0;

  constructor(view: StreamView) {
    this.view = view;
  }

  get key(): Uint8Array {
    return this.buffer.subarray(this.keyPos, this.keyPos + this.keyLength);
  }

  get value(): Uint8Array {
    const pairEnd = this.valueOffset + this.valueLength;
    // A key that was handed out lies in the old buffer: that one is left as it is.
    if (pairEnd > this.to) this.fill(this.offset, pairEnd - this.offset, true);
    const pos = this.valueOffset - this.from;
    return this.buffer.subarray(pos, pos + this.valueLength);
  }

  first(): boolean {
    this.ahead = SEEK_BYTES;
    return this.stand(this.view.start);
  }

  next(): boolean {
    return this.stand(this.valueOffset + this.valueLength);
  }

  seek(target: ByteString): boolean {
    this.ahead = SEEK_BYTES;
    let more = this.stand(this.view.index.before(target) ?? this.view.start);
    while (more && this.isBelow(target)) more = this.next();
    return more;
  }

  /** Whether the key sorts before `target`, without making a view of it. */
  private isBelow(target: ByteString): boolean {
    const { buffer, keyPos, keyLength } = this;
    const n = Math.min(keyLength, target.length);
    for (let i = 0; i < n; i++) {
      const d = buffer[keyPos + i]! - target.charCodeAt(i);
      if (d !== 0) return d < 0;
    }
    return keyLength < target.length;
  }

  private stand(offset: number): boolean {
    this.valid = offset < this.view.end;
    if (!this.valid) return false;
    this.need(offset, LENGTH_BYTES);
    this.keyLength = size64le(this.buffer, offset - this.from);
    if (this.keyLength < 0 || this.keyLength > KEY_LIMIT.max) throw this.changed(offset);
    const head = LENGTH_BYTES + this.keyLength + LENGTH_BYTES;
    this.need(offset, head);
    this.offset = offset;
    this.keyPos = offset - this.from + LENGTH_BYTES;
    this.valueLength = size64le(this.buffer, this.keyPos + this.keyLength);
    this.valueOffset = offset + head;
    if (this.valueLength < 0 || this.valueLength > VALUE_LIMIT.max) throw this.changed(offset);
    return true;
  }

  /** Brings `[offset, offset + length)` into the buffer. */
  private need(offset: number, length: number): void {
    if (offset >= this.from && offset + length <= this.to) return;
    this.fill(offset, length, false);
    this.ahead = Math.min(2 * this.ahead, MAX_AHEAD_BYTES);
  }

  private fill(offset: number, length: number, fresh: boolean): void {
    const { source, end } = this.view;
    if (offset + length > end) throw this.changed(offset);
    const wanted = Math.min(Math.max(length, this.ahead), end - offset);
    if (fresh || wanted > this.buffer.length) this.buffer = new Uint8Array(wanted);
    this.from = this.to = offset;
    this.to += source.readAt(offset, this.buffer.subarray(0, wanted));
    this.keyPos = LENGTH_BYTES;
  }

  private changed(offset: number): IoError {
    return new IoError('io-changed', 'a length differs from what was read before', {
      site: { path: this.view.source.path, offset },
    });
  }
}
