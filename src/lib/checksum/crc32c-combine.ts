/**
 * The CRC-32C of two pieces joined, from those of the pieces: appending n bytes multiplies what stood
 * before by x^(8n) modulo the polynomial, and the rest is xor. Polynomials over GF(2) are reflected
 * here as in the CRC: bit 31 is x^0.
 */
const POLYNOMIAL = 0x82f6_3b78;
const ONE = 0x8000_0000;
/** x^1. */
const X = 0x4000_0000;

/**
 * @param length  bytes of the second piece, a safe integer
 * @returns crc of first ++ second as a u32
 */
export function combineCrc32c(first: number, second: number, length: number): number {
  if (length !== last.length) last = { length, power: powerOfX(8 * length) };
  return (multiply(last.power, first) ^ second) >>> 0;
}

/** Pieces of one length follow each other, and a power takes sixty times what the rest does. */
let last = { length: 0, power: ONE };

/** x^n by squaring; 8 times a file's length is exact up to 2^50 bytes. */
function powerOfX(n: number): number {
  let power = ONE;
  let square = X;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return power;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
