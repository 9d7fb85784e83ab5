/**
 * LEB128 of at most 32 bits by position, for the entries of blocks (spec/pebble.md, notation). The
 * value and its end are read apart, so that neither allocates. Beyond the buffer bytes read as 0,
 * hence the end may lie behind it: callers compare.
 */
export const MAX_UVARINT32_BYTES = 5;

/** The value at `pos`; above 2^32-1 when the varint is longer than its type allows. */
export function readUvarint32(bytes: Uint8Array, pos: number): number {
  const b0 = bytes[pos]!;
  if (!(b0 >= 0x80)) return b0 | 0;
  const b1 = bytes[pos + 1]!;
  if (!(b1 >= 0x80)) return (b0 & 0x7f) | (b1 << 7);
  const b2 = bytes[pos + 2]!;
  const low = (b0 & 0x7f) | ((b1 & 0x7f) << 7) | ((b2 & 0x7f) << 14);
  if (!(b2 >= 0x80)) return low;
  const b3 = bytes[pos + 3]!;
  if (!(b3 >= 0x80)) return low | (b3 << 21);
  const b4 = bytes[pos + 4]! | 0;
  const high = ((b3 & 0x7f) << 21) + b4 * 0x1000_0000;
  return b4 >= 0x10 ? Number.MAX_SAFE_INTEGER : low + high;
}

/** Position behind the varint at `pos`, at most 5 further. */
export function uvarint32End(bytes: Uint8Array, pos: number): number {
  let p = pos;
  const last = pos + MAX_UVARINT32_BYTES - 1;
  while (p < last && bytes[p]! >= 0x80) p++;
  return p + 1;
}
