/**
 * A u64 is a bigint where it is a value and two unsigned halves where it is read, compared or written
 * by the million. One becomes the other through memory: shifting and joining bigints makes four of
 * them for one.
 */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);
const [LOW, HIGH] = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

export function joinU64(high: number, low: number): bigint {
  halves[LOW] = low;
  halves[HIGH] = high;
  return wide[0]!;
}

/** @param value  of 64 bits, unsigned */
export function lowHalf(value: bigint): number {
  wide[0] = value;
  return halves[LOW]!;
}

/** @param value  of 64 bits, unsigned */
export function highHalf(value: bigint): number {
  wide[0] = value;
  return halves[HIGH]!;
}
