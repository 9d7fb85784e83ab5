import { assert } from '../core/errors.js';
import type { ByteSource } from './byte-source.js';

/** Sees every byte from some offset on, once and in order; the chunk is borrowed for the call. */
export type ChunkTap = (chunk: Uint8Array) => void;

export const WINDOW_CHUNK_BYTES = 1 << 20;

/**
 * Reads a range of a source from front to back through one reused buffer. The buffer grows only to
 * hold what `ensure` is asked for, so the caller checks a length against its limit first. Views into
 * `bytes` are borrowed until the next call.
 */
export class Window {
  readonly source: ByteSource;
  /** Absolute offset behind the last byte of the range. */
  readonly end: number;
  bytes: Uint8Array;
  /** Of the next unread byte in `bytes`. */
  pos = 0;
  /** Bytes brought in from the source so far. */
  fetched = 0;
  private filled = 0;
  /** Absolute offset of `bytes[0]`. */
  private base: number;
  private readonly chunkBytes: number;
  private readonly taps: ChunkTap[] = [];

  constructor(source: ByteSource, from = 0, end = source.size, chunkBytes = WINDOW_CHUNK_BYTES) {
    assert(from >= 0 && from <= end && end <= source.size, 'a window lies in its source');
    assert(chunkBytes > 0, 'a window reads at least a byte at a time');
    this.source = source;
    this.base = from;
    this.end = end;
    this.chunkBytes = chunkBytes;
    this.bytes = new Uint8Array(Math.min(chunkBytes, end - from));
  }

  /** Absolute offset of the next unread byte. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** Absolute offset behind the last byte brought in. */
  get fetchedEnd(): number {
    return this.base + this.filled;
  }

  /** Bytes up to the end of the range. */
  get left(): number {
    return this.end - this.base - this.pos;
  }

  /** Shows `tap` everything from the next unread byte on, until the returned function is called. */
  tap(tap: ChunkTap): () => void {
    if (this.pos < this.filled) tap(this.bytes.subarray(this.pos, this.filled));
    this.taps.push(tap);
    return () => {
      const at = this.taps.indexOf(tap);
      if (at >= 0) this.taps.splice(at, 1);
    };
  }

  /** Makes `length` bytes available at `bytes[pos]`; false, with nothing moved, when fewer are left. */
  ensure(length: number): boolean {
    if (this.filled - this.pos >= length) return true;
    if (length > this.left) return false;
    this.bytes.copyWithin(0, this.pos, this.filled);
    this.filled -= this.pos;
    this.base += this.pos;
    this.pos = 0;
    if (this.bytes.length < length) {
      const grown = new Uint8Array(length + this.chunkBytes);
      grown.set(this.bytes.subarray(0, this.filled));
      this.bytes = grown;
    }
    while (this.filled < length) this.fetch();
    return true;
  }

  /** The next bytes, at most `length` and at least one unless the range has ended. */
  takeUpTo(length: number): Uint8Array {
    if (this.pos === this.filled && this.left > 0 && length > 0) {
      this.base += this.pos;
      this.pos = 0;
      this.filled = 0;
      this.fetch();
    }
    const taken = Math.min(length, this.filled - this.pos);
    this.pos += taken;
    return this.bytes.subarray(this.pos - taken, this.pos);
  }

  /** Passes over `length` bytes if they are in the buffer; otherwise nothing moves. */
  skipBuffered(length: number): boolean {
    if (this.filled - this.pos < length) return false;
    this.pos += length;
    return true;
  }

  private fetch(): void {
    const start = this.base + this.filled;
    const want = Math.min(this.chunkBytes, this.bytes.length - this.filled, this.end - start);
    const chunk = this.bytes.subarray(this.filled, this.filled + want);
    const got = this.source.readAt(start, chunk);
    assert(got === want && want > 0, 'a source gives all bytes below its size');
    this.filled += want;
    this.fetched += want;
    for (const tap of this.taps) tap(chunk);
  }
}
