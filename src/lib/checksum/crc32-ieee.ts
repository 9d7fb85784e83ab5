import { crc32 } from 'node:zlib';

/**
 * CRC-32 as in zlib and Ethernet (spec/00-overview.md, conventions): check value of "123456789" is
 * 0xCBF43926. Continues `crc` over `bytes`.
 * @returns the CRC as a u32
 */
export function crc32Ieee(bytes: Uint8Array, crc = 0): number {
  return crc32(bytes, crc);
}
