/**
 * Protobuf wire format, read by position (spec/etcd-wal.md §3.1):
 *
 *     tag = varint(field << 3 | wireType)
 *     0 varint   1 eight bytes   2 varint length, bytes   3, 4 group   5 four bytes
 *
 * A varint lands in two unsigned halves, `lo` and `hi`, so that reading a message allocates nothing;
 * `u64()` makes a bigint of them. One reader can be reset over many messages.
 *
 *     while (r.next()) {
 *       if (r.field === 1 && r.varint('Term')) term = r.u64();
 *       else if (r.field === 4 && r.range('Data')) …r.from, r.to…
 *       else r.skip();
 *     }
 */
import { joinU64 } from '../bytes/halves.js';
import { assert } from '../core/errors.js';
import { checkListItems } from '../core/limits.js';
import type { ProtoDialect } from './dialect.js';
import { ProtoError } from './proto-error.js';

const EMPTY = new Uint8Array(0);
/** Deepest nesting of groups that the standard library reads. */
const MAX_GROUP_DEPTH = 10_001;
const NEGATIVE_LENGTH = 'proto: negative length found during unmarshaling';

export class WireReader {
  readonly dialect: ProtoDialect;
  bytes: Uint8Array = EMPTY;
  pos = 0;
  end = 0;
  /** Go's name of the message, for the texts of faults. */
  message = '';
  /** File the bytes come from and the absolute offset of `bytes[0]`; undefined: not from a file. */
  path: string | undefined;
  base = 0;

  /** Of the field at hand. */
  field = 0;
  wireType = 0;
  /** Halves of the varint read last, unsigned. */
  lo = 0;
  hi = 0;
  /** Range in `bytes` of the length-delimited field read last. */
  from = 0;
  to = 0;
  private fieldStart = 0;
  private start = 0;
  /** Unknown fields, where the dialect keeps them: offsets of tag, value and end. */
  private unknown: number[] | undefined;

  constructor(dialect: ProtoDialect) {
    this.dialect = dialect;
  }

  /** Aims at a message in `bytes[pos, end)`. */
  reset(bytes: Uint8Array, pos: number, end: number, message: string): this {
    assert(pos >= 0 && pos <= end && end <= bytes.length, 'message lies in its buffer');
    this.bytes = bytes;
    this.pos = pos;
    this.start = pos;
    this.end = end;
    this.message = message;
    this.unknown = undefined;
    return this;
  }

  /** Says where the bytes come from; kept over `reset`. */
  at(path: string | undefined, base: number): this {
    this.path = path;
    this.base = base;
    return this;
  }

  /** A reader of the sub-message read last. */
  nested(message: string): WireReader {
    const inner = new WireReader(this.dialect).at(this.path, this.base);
    return inner.reset(this.bytes, this.from, this.to, message);
  }

  /** To the next field's value. @returns false at the end of the message */
  next(): boolean {
    if (this.pos >= this.end) return false;
    this.fieldStart = this.pos;
    const tag = this.bytes[this.pos]!;
    if (tag >= 8 && tag < 0x80 && (tag & 7) !== 4) {
      this.pos++;
      this.wireType = tag & 7;
      this.field = tag >>> 3;
      return true;
    }
    return this.longTag();
  }

  private longTag(): boolean {
    this.rawVarint();
    this.wireType = this.lo & 7;
    this.field = (this.hi << 29) | (this.lo >>> 3) | 0;
    const outOfRange = this.hi !== 0 && this.dialect.mindsFieldNumberRange;
    if (this.wireType === 4) {
      throw this.fault(`proto: ${this.message}: wiretype end group for non-group`);
    }
    if (this.field <= 0 || outOfRange) {
      const what = `illegal tag ${this.field} (wire type ${this.u64()})`;
      throw this.fault(`proto: ${this.message}: ${what}`);
    }
    return true;
  }

  /**
   * The value of a varint field, into `lo` and `hi`.
   * @param name Go's name of the field, for the fault's text
   * @returns false when the wire type is another one and the field was skipped
   */
  varint(name: string): boolean {
    if (this.wireType !== 0) return this.foreign(name);
    this.rawVarint();
    return true;
  }

  /** The value of a length-delimited field, as the range `[from, to)`. Returns as `varint` does. */
  range(name: string): boolean {
    if (this.wireType !== 2) return this.foreign(name);
    this.rawRange();
    return true;
  }

  /** Appends the value, or the packed values, of a repeated uint64 field. */
  repeatedU64(name: string, into: bigint[]): void {
    if (this.wireType === 0) {
      this.rawVarint();
      checkListItems(into.length, name);
      into.push(this.u64());
      return;
    }
    if (this.wireType !== 2) {
      this.foreign(name);
      return;
    }
    this.rawRange();
    const stop = this.to;
    const end = this.end;
    // gogo bounds the last packed number by the message, the standard library by the field.
    if (!this.dialect.cutIsUnexpectedEof) this.end = stop;
    this.pos = this.from;
    while (this.pos < stop) {
      this.rawVarint();
      checkListItems(into.length, name);
      into.push(this.u64());
    }
    this.end = end;
  }

  /** Over a field that the message does not know. */
  skip(): void {
    const value = this.pos;
    this.skipValue();
    if (!this.dialect.keepsUnknown) return;
    this.unknown ??= [];
    this.unknown.push(this.fieldStart, value, this.pos);
  }

  u64(): bigint {
    return joinU64(this.hi, this.lo);
  }

  /** A view of the length-delimited field read last: borrowed. */
  view(): Uint8Array {
    return this.bytes.subarray(this.from, this.to);
  }

  /**
   * A copy of the unknown fields met so far in their order, or undefined. A tag of more bytes than it
   * needs has become short, as the library that keeps them keeps it.
   */
  unknownFields(): Uint8Array | undefined {
    const offsets = this.unknown;
    if (offsets === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for (let i = 0; i < offsets.length; i += 3) {
      const value = offsets[i + 1]!;
      const isLong = this.bytes[value - 1] === 0;
      if (isLong) parts.push(shortVarint(this.bytes.subarray(offsets[i], value)));
      parts.push(this.bytes.subarray(isLong ? value : offsets[i], offsets[i + 2]));
    }
    // Not spread into arguments: hostile messages have millions of them.
    return Buffer.concat(parts);
  }

  private foreign(name: string): false {
    if (this.dialect.mindsWireTypes) {
      throw this.fault(`proto: wrong wireType = ${this.wireType} for field ${name}`);
    }
    this.skip();
    return false;
  }

  private rawRange(): void {
    this.rawVarint();
    if (this.hi !== 0) {
      // A Go int: its sign bit makes the length negative, a value near 2^63 overflows the sum.
      const sum = this.lo + (this.pos - this.start);
      const negative = this.hi >= 0x8000_0000 || (this.hi === 0x7fff_ffff && sum > 0xffff_ffff);
      throw negative ? this.fault(NEGATIVE_LENGTH) : this.cut();
    }
    if (this.lo > this.end - this.pos) throw this.cut();
    this.from = this.pos;
    this.to = this.pos + this.lo;
    this.pos = this.to;
  }

  private rawVarint(): void {
    if (this.pos < this.end && this.bytes[this.pos]! < 0x80) {
      this.lo = this.bytes[this.pos++]!;
      this.hi = 0;
      return;
    }
    this.longVarint();
  }

  private longVarint(): void {
    const b = this.bytes;
    const end = this.end;
    let pos = this.pos;
    if (pos >= end) throw this.cut();
    let byte = b[pos++]!;
    let lo = byte & 0x7f;
    let hi = 0;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 63) throw this.fault('proto: integer overflow');
      if (pos >= end) throw this.cut();
      byte = b[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else hi |= bits << (shift - 32);
      if (shift === 63 && byte > 1 && this.dialect.mindsVarintOverflow) {
        throw this.fault('proto: integer overflow');
      }
    }
    this.pos = pos;
    this.lo = lo >>> 0;
    this.hi = hi >>> 0;
  }

  private skipValue(): void {
    switch (this.wireType) {
      case 0:
        this.rawVarint();
        break;
      case 1:
        this.skipBytes(8);
        break;
      case 2:
        this.rawRange();
        break;
      case 3:
        this.skipGroup();
        break;
      case 5:
        this.skipBytes(4);
        break;
      default:
        throw this.fault(`proto: illegal wireType ${this.wireType}`);
    }
  }

  private skipBytes(length: number): void {
    if (length > this.end - this.pos) throw this.cut();
    this.pos += length;
  }

  /** gogo only counts the levels; the standard library matches the numbers. */
  private skipGroup(): void {
    const open = [this.field];
    while (open.length > 0) {
      if (this.pos >= this.end) throw this.cut();
      this.rawVarint();
      const wireType = this.lo & 7;
      const number = this.hi === 0 ? this.lo >>> 3 : this.hi * 0x2000_0000 + (this.lo >>> 3);
      if (this.dialect.mindsFieldNumberRange && (number === 0 || number > 0x7fff_ffff)) {
        throw this.fault('proto: illegal field number in a group');
      }
      if (wireType === 4) {
        if (open.pop() !== number && this.dialect.mindsFieldNumberRange) {
          throw this.fault('proto: mismatching end group');
        }
      } else if (wireType === 3) {
        open.push(number);
        if (open.length > MAX_GROUP_DEPTH && this.dialect.mindsFieldNumberRange) {
          throw this.fault('proto: groups nested too deeply');
        }
      } else {
        this.wireType = wireType;
        this.skipValue();
      }
    }
  }

  private cut(): ProtoError {
    if (this.dialect.cutIsUnexpectedEof) {
      return this.error(`${this.message} ends inside a field`, 'unexpected EOF', true);
    }
    return this.error(`${this.message} ends inside a field`, this.dialect.faultText!, false);
  }

  private fault(text: string): ProtoError {
    return this.error(text.replace(/^proto: /, ''), this.dialect.faultText ?? text, false);
  }

  private error(message: string, nodeError: string, unexpectedEof: boolean): ProtoError {
    const site =
      this.path === undefined
        ? undefined
        : { path: this.path, offset: this.base + this.fieldStart };
    return new ProtoError(
      `${message} (byte ${this.fieldStart - this.start})`,
      nodeError,
      unexpectedEof,
      site,
    );
  }
}

/** A varint without the bytes at its end that add nothing. */
function shortVarint(bytes: Uint8Array): Uint8Array {
  const short = bytes.slice(0, bytes.findLastIndex((byte) => (byte & 0x7f) !== 0) + 1);
  short[short.length - 1]! &= 0x7f;
  return short;
}
