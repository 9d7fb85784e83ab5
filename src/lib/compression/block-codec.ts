/**
 * The compression codes of a block trailer (spec/pebble.md §6.4):
 *
 * | code   | compression | payload                               |
 * |--------|-------------|---------------------------------------|
 * | 0      | none        | raw                                   |
 * | 1      | Snappy      | Snappy block                          |
 * | 7      | zstd        | uvarint output length, zstd frame     |
 * | 8      | MinLZ       | MinLZ block                           |
 * | others | zlib (2), bzip2 (3), lz4 (4), lz4hc (5), xpress (6): refused          |
 */
import { UnsupportedError } from '../core/errors.js';
import { decompressMinlz } from './minlz.js';
import { decompressSnappy } from './snappy.js';
import type { DecompressOptions } from './uncompressed-length.js';
import { decompressZstd } from './zstd.js';

export const COMPRESSION = { NONE: 0, SNAPPY: 1, ZSTD: 7, MINLZ: 8 } as const;

const REFUSED_NAMES: Readonly<Record<number, string>> = {
  2: 'zlib',
  3: 'bzip2',
  4: 'lz4',
  5: 'lz4hc',
  6: 'xpress',
};

/**
 * @param payload  bytes whose checksum has been verified
 * @returns the payload itself for code 0, else a buffer of its own or of `options.allocate`
 * @throws {UnsupportedError} `sst-compression-unsupported`, or `limit-exceeded`
 * @throws {CorruptionError} `compressed-data-corrupt`
 */
export function decompressBlock(
  code: number,
  payload: Uint8Array,
  options: DecompressOptions,
): Uint8Array {
  switch (code) {
    case COMPRESSION.NONE:
      return payload;
    case COMPRESSION.SNAPPY:
      return decompressSnappy(payload, options);
    case COMPRESSION.ZSTD:
      return decompressZstd(payload, options);
    case COMPRESSION.MINLZ:
      return decompressMinlz(payload, options);
    default: {
      const name = REFUSED_NAMES[code] ?? 'unknown';
      throw new UnsupportedError(
        'sst-compression-unsupported',
        `block compression ${code} (${name}) is not used by Pebble`,
        { site: options.site },
      );
    }
  }
}
