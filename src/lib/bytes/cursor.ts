import { CorruptionError, TruncatedError } from '../core/errors.js';
import type { Site } from '../core/site.js';
import { size64le, u32le, u64le } from './read.js';

/**
 * Reads fields one after another out of a buffer that lies at a known place in a file. Every read
 * names its field, so a failure says which field, where, how much was needed and how much is left.
 * For headers and rare records; hot loops read by position themselves.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly path: string;
  /** Absolute file offset of `bytes[0]`. */
  readonly base: number;
  pos: number;

  constructor(bytes: Uint8Array, path: string, base = 0, pos = 0) {
    this.bytes = bytes;
    this.path = path;
    this.base = base;
    this.pos = pos;
  }

  get left(): number {
    return this.bytes.length - this.pos;
  }

  /** Absolute offset of the next byte. */
  get offset(): number {
    return this.base + this.pos;
  }

  site(): Site {
    return { path: this.path, offset: this.offset };
  }

  u8(field: string): number {
    this.need(1, field);
    return this.bytes[this.pos++]!;
  }

  u32le(field: string): number {
    this.need(4, field);
    this.pos += 4;
    return u32le(this.bytes, this.pos - 4);
  }

  u64le(field: string): bigint {
    this.need(8, field);
    this.pos += 8;
    return u64le(this.bytes, this.pos - 8);
  }

  /** A u64 LE that is a length or offset. @throws {CorruptionError} above 2^53-1 */
  size64le(field: string): number {
    this.need(8, field);
    const size = size64le(this.bytes, this.pos);
    if (size < 0) throw this.corrupt(`${field} exceeds 2^53-1`);
    this.pos += 8;
    return size;
  }

  /** An unsigned LEB128 varint that fits a safe integer, at most ten bytes. */
  uvarint(field: string): number {
    let value = 0;
    let scale = 1;
    const start = this.pos;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8(field);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) {
          this.pos = start;
          throw this.corrupt(`${field} exceeds 2^53-1`);
        }
        return value;
      }
      scale *= 128;
    }
    this.pos = start;
    throw new CorruptionError('varint-overlong', `${field}: varint longer than 10 bytes`, {
      site: this.site(),
    });
  }

  /** An unsigned LEB128 varint of up to 64 bits. */
  uvarint64(field: string): bigint {
    let value = 0n;
    const start = this.pos;
    for (let i = 0n; i < 10n; i++) {
      const byte = this.u8(field);
      value |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80 && value <= 0xffff_ffff_ffff_ffffn) return value;
      if (byte < 0x80) break;
    }
    this.pos = start;
    throw new CorruptionError('varint-overlong', `${field}: varint exceeds 64 bits`, {
      site: this.site(),
    });
  }

  /** `length` bytes as a view into the buffer: borrowed, copy to keep. */
  borrow(length: number, field: string): Uint8Array {
    this.need(length, field);
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  /** uvarint length, then that many bytes: a borrowed view. */
  varstring(field: string): Uint8Array {
    const length = this.uvarint(`${field}.length`);
    return this.borrow(length, field);
  }

  private need(length: number, field: string): void {
    if (length <= this.left) return;
    throw new TruncatedError('truncated', `${field} needs ${length} B, ${this.left} B left`, {
      site: this.site(),
    });
  }

  private corrupt(message: string): CorruptionError {
    return new CorruptionError('limit-exceeded', message, { site: this.site() });
  }
}
