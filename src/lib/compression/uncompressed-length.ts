/**
 * The uvarint that opens Snappy, zstd (as Pebble frames it) and MinLZ payloads: the length of the
 * output. It is checked against the limit before anything is allocated (spec/pebble.md B.3-B.5,
 * §9).
 */
import { CorruptionError, UnsupportedError } from '../core/errors.js';
import type { Site } from '../core/site.js';

/** Where the compressed bytes lie, for errors, and how much they may become. */
export interface DecompressOptions {
  readonly site: Site;
  readonly maxBytes: number;
  /** Room for an output that is to go where the last one was. Not every codec asks for it. */
  readonly allocate?: ((length: number) => Uint8Array) | undefined;
}

export interface UncompressedLength {
  readonly length: number;
  /** Bytes the varint takes, counted from the position it was read at. */
  readonly size: number;
}

/** @throws {CorruptionError} when the varint does not end within 5 bytes or 32 bits */
export function decodeUncompressedLength(
  payload: Uint8Array,
  pos: number,
  { site, maxBytes }: DecompressOptions,
): UncompressedLength {
  let length = 0;
  let scale = 1;
  for (let i = 0; i < 5 && pos + i < payload.length; i++) {
    const byte = payload[pos + i]!;
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    if (length > 0xffffffff) break;
    if (length > maxBytes) {
      throw new UnsupportedError(
        'limit-exceeded',
        `decompresses to ${length} bytes, more than the limit of ${maxBytes}`,
        { site },
      );
    }
    return { length, size: i + 1 };
  }
  throw corruptCompression('the uncompressed length does not decode', site);
}

export function corruptCompression(message: string, site: Site): CorruptionError {
  return new CorruptionError('compressed-data-corrupt', message, { site });
}
