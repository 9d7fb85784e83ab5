/** Fixed-width integers into a buffer; the caller has made the room. */

export function putU16be(b: Uint8Array, pos: number, v: number): void {
  b[pos] = v >>> 8;
  b[pos + 1] = v;
}

export function putU32be(b: Uint8Array, pos: number, v: number): void {
  b[pos] = v >>> 24;
  b[pos + 1] = v >>> 16;
  b[pos + 2] = v >>> 8;
  b[pos + 3] = v;
}

export function putU32le(b: Uint8Array, pos: number, v: number): void {
  b[pos] = v;
  b[pos + 1] = v >>> 8;
  b[pos + 2] = v >>> 16;
  b[pos + 3] = v >>> 24;
}

export function putU64be(b: Uint8Array, pos: number, v: bigint): void {
  putU32be(b, pos, Number((v >> 32n) & 0xffffffffn));
  putU32be(b, pos + 4, Number(v & 0xffffffffn));
}

export function putU64le(b: Uint8Array, pos: number, v: bigint): void {
  putU32le(b, pos, Number(v & 0xffffffffn));
  putU32le(b, pos + 4, Number((v >> 32n) & 0xffffffffn));
}

export function u64beBytes(v: bigint): Uint8Array {
  const out = new Uint8Array(8);
  putU64be(out, 0, v);
  return out;
}

export function u64leBytes(v: bigint): Uint8Array {
  const out = new Uint8Array(8);
  putU64le(out, 0, v);
  return out;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let pos = 0;
  for (const part of parts) {
    out.set(part, pos);
    pos += part.length;
  }
  return out;
}
