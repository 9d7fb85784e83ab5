/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF;
 * check value of "123456789" is 0xE3069283 (spec/00-overview.md, conventions).
 *
 * Slicing-by-8: eight tables fold eight bytes a step.
 */
const TABLES: readonly Int32Array[] = makeTables();

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    tables[0]![i] = c;
  }
  for (let t = 1; t < 8; t++) {
    for (let i = 0; i < 256; i++) {
      const c = tables[t - 1]![i]!;
      tables[t]![i] = (c >>> 8) ^ tables[0]![c & 255]!;
    }
  }
  return tables;
}

/**
 * Continues `crc` over `bytes`: `crc32c(b, crc32c(a))` equals `crc32c(a ++ b)`.
 * @returns the CRC as a u32
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  let c = ~crc;
  let pos = 0;
  const end8 = bytes.length & ~7;
  while (pos < end8) {
    c ^= bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
    c =
      t7[c & 255]! ^
      t6[(c >>> 8) & 255]! ^
      t5[(c >>> 16) & 255]! ^
      t4[c >>> 24]! ^
      t3[bytes[pos + 4]!]! ^
      t2[bytes[pos + 5]!]! ^
      t1[bytes[pos + 6]!]! ^
      t0[bytes[pos + 7]!]!;
    pos += 8;
  }
  while (pos < bytes.length) c = (c >>> 8) ^ t0[(c ^ bytes[pos++]!) & 255]!;
  return ~c >>> 0;
}
