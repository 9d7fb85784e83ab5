import { toByteString, type ByteString } from '../../bytes/byte-string.js';
import { assert } from '../../core/errors.js';

const STRIDE_BYTES = 4 << 10;
const MAX_MARKS = 1 << 17;

/**
 * Remembers the key and offset of about every 4 KiB of an ordered stream while it is walked. When
 * there are too many marks every second one is dropped and the stride doubled, so that memory stays
 * bounded for any length of stream.
 */
export class SparseIndex {
  private keys: ByteString[] = [];
  private offsets: number[] = [];
  private stride: number;
  private readonly maxMarks: number;
  private nextMark = 0;

  constructor(strideBytes = STRIDE_BYTES, maxMarks = MAX_MARKS) {
    assert(strideBytes > 0 && maxMarks >= 2, 'a sparse index has room for marks');
    this.stride = strideBytes;
    this.maxMarks = maxMarks;
  }

  get marks(): number {
    return this.keys.length;
  }

  /** Takes note of a pair; keys and offsets must rise. */
  add(offset: number, key: Uint8Array): void {
    if (offset < this.nextMark) return;
    if (this.keys.length >= this.maxMarks) {
      this.keys = this.keys.filter((_, i) => i % 2 === 0);
      this.offsets = this.offsets.filter((_, i) => i % 2 === 0);
      this.stride *= 2;
      this.nextMark = (this.offsets.at(-1) ?? 0) + this.stride;
      if (offset < this.nextMark) return;
    }
    this.keys.push(toByteString(key));
    this.offsets.push(offset);
    this.nextMark = offset + this.stride;
  }

  /** Offset of the last mark whose key is `<= target`; undefined when every mark is above it. */
  before(target: ByteString): number | undefined {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle]! <= target) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.offsets[low - 1];
  }
}
