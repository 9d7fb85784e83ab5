/**
 * CRC-32C of a payload whose front was replaced, without reading the rest again. A CRC is linear: that
 * of `a ++ b` is that of `a`, moved up by the length of `b`, xor that of `b`; moving up by n bits is
 * multiplying by x^n modulo the polynomial.
 */

const POLYNOMIAL = 0x82f63b78;
const ONE = 0x80000000;

/** Product modulo the polynomial, bits reflected as in the CRC itself. */
function multiply(a: number, b: number): number {
  let product = 0;
  let power = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= power;
    power = (power & 1) !== 0 ? (power >>> 1) ^ POLYNOMIAL : power >>> 1;
  }
  return product >>> 0;
}

/** `crc` as it would be with `bytes` zero bytes' worth of positions behind it. */
function movedUp(crc: number, bytes: number): number {
  let result = crc;
  // x^8, then its squares.
  let power = 0x00800000;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(power, result);
    power = multiply(power, power);
  }
  return result;
}

/**
 * @param whole  CRC of `front ++ rest`
 * @param front  CRC of the front that goes
 * @param newFront  CRC of the one that comes
 * @param restBytes  length of the rest
 */
export function crcWithFront(
  whole: number,
  front: number,
  newFront: number,
  restBytes: number,
): number {
  return (whole ^ movedUp((front ^ newFront) >>> 0, restBytes)) >>> 0;
}
