/**
 * The masked CRC-32C of LevelDB's descendants (spec/pebble.md B.1): a CRC that lies beside the
 * bytes it covers would be weak if those were summed again, so it is stored rotated and offset:
 * `masked = rotate_right(crc, 15) + 0xA282EAD8 mod 2^32`.
 */
import { crc32c } from './crc32c.js';

export function maskCrc32c(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function unmaskCrc32c(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated << 15) | (rotated >>> 17)) >>> 0;
}

export function maskedCrc32c(bytes: Uint8Array): number {
  return maskCrc32c(crc32c(bytes));
}
