/**
 * Pairs packed into one buffer, as one thread hands them to another:
 *
 *     per pair: u32 LE key length, u32 LE value length, key, value
 */
import { u32le } from '../bytes/read.js';

const CHUNK_BYTES = 1 << 20;
/** The first one, which is all that a small store needs. */
const FIRST_BYTES = 32 << 10;
const HEAD_BYTES = 8;

export class PairChunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used = 0;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }

  static first(): PairChunk {
    return new PairChunk(new Uint8Array(FIRST_BYTES));
  }

  /**
   * @param least  room for this much, and for a chunk's usual size
   * @param spare  memory to use where it is large enough
   */
  static next(least: number, spare?: ArrayBuffer): PairChunk {
    const length = Math.max(CHUNK_BYTES, least);
    const isEnough = spare !== undefined && spare.byteLength >= length;
    return new PairChunk(isEnough ? new Uint8Array(spare) : new Uint8Array(length));
  }

  static bytesFor(key: Uint8Array, value: Uint8Array): number {
    return HEAD_BYTES + key.length + value.length;
  }

  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.bytes.length;
  }

  add(key: Uint8Array, value: Uint8Array): void {
    const { bytes } = this;
    const at = this.used;
    writeU32(bytes, at, key.length);
    writeU32(bytes, at + 4, value.length);
    bytes.set(key, at + HEAD_BYTES);
    bytes.set(value, at + HEAD_BYTES + key.length);
    this.used = at + HEAD_BYTES + key.length + value.length;
  }

  get pairs(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.used);
  }
}

export function eachPair(
  pairs: Uint8Array,
  take: (key: Uint8Array, value: Uint8Array) => void,
): void {
  const { buffer, byteOffset } = pairs;
  for (let at = 0; at < pairs.length;) {
    const keyAt = at + HEAD_BYTES;
    const keyLength = u32le(pairs, at);
    const valueLength = u32le(pairs, at + 4);
    const valueAt = keyAt + keyLength;
    // The constructor takes half as long as `subarray`.
    const key = new Uint8Array(buffer, byteOffset + keyAt, keyLength);
    take(key, new Uint8Array(buffer, byteOffset + valueAt, valueLength));
    at = valueAt + valueLength;
  }
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
