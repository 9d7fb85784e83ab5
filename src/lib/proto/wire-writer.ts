/** Protobuf wire format, written: tags, varints of 64 bits, length-delimited fields. */

/** Bytes of a varint, its value given in unsigned halves. */
export function varintLength(hi: number, lo: number): number {
  const bits = hi === 0 ? 32 - Math.clz32(lo) : 64 - Math.clz32(hi);
  return bits === 0 ? 1 : Math.ceil(bits / 7);
}

/** Collects a message; a field that is undefined is left out. */
export class WireWriter {
  private readonly parts: Uint8Array[] = [];

  varint(field: number, value: bigint | number | boolean | undefined): this {
    if (value === undefined) return this;
    const out: number[] = [];
    pushVarint(out, BigInt(field << 3));
    pushVarint(out, BigInt(value));
    this.parts.push(Uint8Array.from(out));
    return this;
  }

  bytes(field: number, value: Uint8Array | undefined): this {
    if (value === undefined) return this;
    const head: number[] = [];
    pushVarint(head, BigInt((field << 3) | 2));
    pushVarint(head, BigInt(value.length));
    this.parts.push(Uint8Array.from(head), value);
    return this;
  }

  /** Bytes that are fields already: the unknown ones of a message that was read. */
  raw(fields: Uint8Array | undefined): this {
    if (fields !== undefined) this.parts.push(fields);
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

/** Negative numbers (an enum may hold one) count as their 64-bit two's complement. */
function pushVarint(out: number[], value: bigint): void {
  let v = BigInt.asUintN(64, value);
  for (; v >= 0x80n; v >>= 7n) out.push(Number(v & 0x7fn) | 0x80);
  out.push(Number(v));
}
