/**
 * Protobuf at the wire, with exactly the leniency of the node's decoder (spec/fsm-apply.md §2): one
 * error anywhere and the whole payload does not parse. Failure is a return value, `false`, because
 * the legacy guess makes it an ordinary event.
 */
import { joinU64 } from '../bytes/halves.js';

const VARINT_BYTES = 10;
const MAX_FIELD_NUMBER = 0x1fff_ffff;
const MAX_NUMBER_IN_GROUP = 0x7fff_ffff;
const MAX_GROUP_DEPTH = 10_001;

export const WIRE = {
  VARINT: 0,
  FIXED64: 1,
  BYTES: 2,
  GROUP: 3,
  END_GROUP: 4,
  FIXED32: 5,
} as const;

export class WireReader {
  readonly bytes: Uint8Array;
  pos = 0;
  /** End of the message being read. */
  end: number;
  /** The last varint: its lower and upper 32 bits, unsigned. */
  low = 0;
  high = 0;
  /** The last tag. */
  field = 0;
  wire = 0;
  /** The bytes of the last length-delimited field: `[from, pos)`. */
  from = 0;

  constructor(bytes: Uint8Array, from: number) {
    this.bytes = bytes;
    this.pos = from;
    this.end = bytes.length;
  }

  /** At most ten bytes, the tenth 0 or 1; padding is fine. */
  varint(): boolean {
    const bytes = this.bytes;
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      if (this.pos >= this.end) return false;
      const byte = bytes[this.pos++]!;
      const seven = byte & 0x7f;
      if (i < 4) low |= seven << (7 * i);
      else if (i === 4) {
        low |= seven << 28;
        high = seven >>> 4;
      } else if (i < 9) high |= seven << (7 * i - 32);
      else {
        if (byte > 1) return false;
        high |= byte << 31;
      }
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return true;
      }
    }
    return false;
  }

  u64(): bigint {
    return joinU64(this.high, this.low);
  }

  /** A tag of a message; false for what no field may have, an end-group included. */
  tag(): boolean {
    return this.anyTag(MAX_FIELD_NUMBER) && this.wire !== WIRE.END_GROUP;
  }

  /** A length and that many bytes. */
  delimited(): boolean {
    if (!this.varint()) return false;
    if (this.high !== 0 || this.low > this.end - this.pos) return false;
    this.from = this.pos;
    this.pos += this.low;
    return true;
  }

  /** The value of a field that is not wanted, by the wire type of its tag. */
  skip(): boolean {
    return this.wire === WIRE.GROUP ? this.skipGroup(this.field) : this.skipPlain();
  }

  private anyTag(maxNumber: number): boolean {
    if (!this.varint()) return false;
    this.wire = this.low & 7;
    // The number is 61 bits wide; beyond 35 of them it is too large anyway.
    if (this.high > 7) return false;
    this.field = this.high * 0x2000_0000 + (this.low >>> 3);
    return this.field >= 1 && this.field <= maxNumber && this.wire <= WIRE.FIXED32;
  }

  private skipPlain(): boolean {
    switch (this.wire) {
      case WIRE.VARINT:
        return this.varint();
      case WIRE.FIXED64:
        return this.step(8);
      case WIRE.BYTES:
        return this.delimited();
      default:
        return this.step(4);
    }
  }

  /** Fields up to the end-group of the same number; groups may lie in groups. */
  private skipGroup(number: number): boolean {
    const open = [number];
    while (open.length > 0) {
      if (!this.anyTag(MAX_NUMBER_IN_GROUP)) return false;
      if (this.wire === WIRE.END_GROUP) {
        if (open.pop() !== this.field) return false;
      } else if (this.wire === WIRE.GROUP) {
        if (open.length === MAX_GROUP_DEPTH) return false;
        open.push(this.field);
      } else if (!this.skipPlain()) {
        return false;
      }
    }
    return true;
  }

  private step(bytes: number): boolean {
    this.pos += bytes;
    return this.pos <= this.end;
  }
}
