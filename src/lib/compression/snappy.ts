/**
 * Snappy block format (spec/pebble.md B.3): uvarint output length, then literals and copies. The
 * decoder is hysnappy's WASM; it is told the output length, so the length is read and bounded here.
 */
import { snappyUncompressor } from 'hysnappy';
import {
  corruptCompression,
  decodeUncompressedLength,
  type DecompressOptions,
} from './uncompressed-length.js';

type Uncompress = ReturnType<typeof snappyUncompressor>;

let uncompress: Uncompress | undefined;

/**
 * @returns the output, in a buffer of its own
 * @throws {CorruptionError} when the payload is not a Snappy block of exactly the stated length
 * @throws {UnsupportedError} above `maxBytes`
 */
export function decompressSnappy(payload: Uint8Array, options: DecompressOptions): Uint8Array {
  const { length } = decodeUncompressedLength(payload, 0, options);
  uncompress ??= snappyUncompressor();
  try {
    return uncompress(payload, length);
  } catch (error) {
    // A trap leaves the instance in an unknown state: the next block gets a fresh one.
    uncompress = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw corruptCompression(`not a Snappy block of ${length} bytes: ${reason}`, options.site);
  }
}
