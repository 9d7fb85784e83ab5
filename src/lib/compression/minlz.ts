/**
 * MinLZ block format (spec/pebble.md B.5). First byte not 0: the payload is a Snappy block. `00`
 * alone: empty. Else uvarint output length n, and for n = 0 the rest is the output; otherwise
 * elements:
 *
 * | tag & 3      | element                                                                        |
 * |--------------|--------------------------------------------------------------------------------|
 * | 0            | literals, or with bit 2 a copy at the last offset; v = tag >> 3                |
 * | 1            | copy, u16: offset (w >> 6) + 1, v = (w >> 2) & 15                              |
 * | 2            | copy, then u16 offset - 64; v = tag >> 2                                       |
 * | 3, bit 2 = 0 | 1..4 literals and a copy of 4..11, u16 offset - 64                             |
 * | 3, bit 2 = 1 | 0..3 literals and a copy, u32: offset (w >> 11) + 65536                        |
 *
 * At most 8 MiB of output. The last offset starts at 1; every copy sets it.
 */
import { u16le, u32le } from '../bytes/read.js';
import { decompressSnappy } from './snappy.js';
import {
  corruptCompression,
  decodeUncompressedLength,
  type DecompressOptions,
} from './uncompressed-length.js';

const MAX_BLOCK_BYTES = 8 << 20;

/** @throws {CorruptionError} when the payload is not a MinLZ block of exactly the stated length */
export function decompressMinlz(payload: Uint8Array, options: DecompressOptions): Uint8Array {
  if (payload.length === 0) throw corruptCompression('empty MinLZ payload', options.site);
  if (payload[0] !== 0) return decompressSnappy(payload, options);
  if (payload.length === 1) return new Uint8Array(0);
  const { length, size } = decodeUncompressedLength(payload, 1, options);
  if (length === 0) {
    const stored = payload.slice(1 + size);
    if (stored.length <= Math.min(options.maxBytes, MAX_BLOCK_BYTES)) return stored;
    throw corruptCompression(`MinLZ block of ${stored.length} stored bytes`, options.site);
  }
  if (length > MAX_BLOCK_BYTES) {
    throw corruptCompression(`MinLZ block of ${length} bytes, above 8 MiB`, options.site);
  }
  const decoder = new Decoder(payload, 1 + size, new Uint8Array(length));
  const failure = decoder.run();
  if (failure === undefined) return decoder.out;
  throw corruptCompression(
    `not a MinLZ block of ${length} bytes: ${failure} at byte ${decoder.pos} of the payload`,
    options.site,
  );
}

class Decoder {
  readonly out: Uint8Array;
  pos: number;
  private readonly src: Uint8Array;
  private written = 0;
  private lastOffset = 1;
  private failure: string | undefined;

  constructor(src: Uint8Array, pos: number, out: Uint8Array) {
    this.src = src;
    this.pos = pos;
    this.out = out;
  }

  /** @returns what is wrong, or undefined when the output is complete */
  run(): string | undefined {
    while (this.pos < this.src.length && this.failure === undefined) {
      const tag = this.src[this.pos]!;
      if ((tag & 3) === 0) this.literalOrRepeat(tag);
      else if ((tag & 3) === 1) this.copy1();
      else if ((tag & 3) === 2) this.copy2(tag);
      else if ((tag & 4) === 0) this.fused2(tag);
      else this.copy3();
    }
    if (this.failure !== undefined) return this.failure;
    return this.written === this.out.length ? undefined : `output ends at ${this.written} bytes`;
  }

  private literalOrRepeat(tag: number): void {
    const v = tag >> 3;
    this.pos++;
    const length = v <= 28 ? v + 1 : 30 + this.extra(v - 28);
    if ((tag & 4) === 0) this.literals(length);
    else this.copy(this.lastOffset, length);
  }

  private copy1(): void {
    if (!this.has(2)) return;
    const w = u16le(this.src, this.pos);
    this.pos += 2;
    const v = (w >> 2) & 15;
    this.copy((w >> 6) + 1, v < 15 ? v + 4 : 18 + this.extra(1));
  }

  private copy2(tag: number): void {
    if (!this.has(3)) return;
    const offset = u16le(this.src, this.pos + 1) + 64;
    this.pos += 3;
    const v = tag >> 2;
    this.copy(offset, v <= 60 ? v + 4 : 64 + this.extra(v - 60));
  }

  private fused2(tag: number): void {
    if (!this.has(3)) return;
    const offset = u16le(this.src, this.pos + 1) + 64;
    this.pos += 3;
    this.literals(((tag >> 3) & 3) + 1);
    this.copy(offset, (tag >> 5) + 4);
  }

  private copy3(): void {
    if (!this.has(4)) return;
    const w = u32le(this.src, this.pos);
    this.pos += 4;
    const v = (w >>> 5) & 63;
    const length = v <= 60 ? v + 4 : 64 + this.extra(v - 60);
    this.literals((w >>> 3) & 3);
    this.copy((w >>> 11) + 65536, length);
  }

  /** 1 to 3 more bytes of a length, little-endian. */
  private extra(bytes: number): number {
    if (!this.has(bytes)) return 0;
    let value = 0;
    for (let i = 0; i < bytes; i++) value |= this.src[this.pos + i]! << (8 * i);
    this.pos += bytes;
    return value;
  }

  private literals(length: number): void {
    if (this.failure !== undefined || !this.has(length)) return;
    if (length > this.out.length - this.written) {
      this.failure = 'literals beyond the output';
      return;
    }
    this.out.set(this.src.subarray(this.pos, this.pos + length), this.written);
    this.pos += length;
    this.written += length;
  }

  private copy(offset: number, length: number): void {
    if (this.failure !== undefined) return;
    const { out, written } = this;
    if (offset > written) this.failure = `copy from ${offset} back with ${written} written`;
    else if (length > out.length - written) this.failure = 'copy beyond the output';
    if (this.failure !== undefined) return;
    this.lastOffset = offset;
    this.written += length;
    if (offset >= length && length > 32) {
      out.copyWithin(written, written - offset, written - offset + length);
      return;
    }
    // Byte by byte: a copy may overlap what it writes.
    for (let i = written; i < written + length; i++) out[i] = out[i - offset]!;
  }

  private has(bytes: number): boolean {
    if (this.pos + bytes <= this.src.length) return true;
    this.failure = `element needs ${bytes} bytes, ${this.src.length - this.pos} left`;
    return false;
  }
}
