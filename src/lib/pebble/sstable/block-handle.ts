/**
 * Where a block lies: uvarint offset, uvarint length. The length leaves out the 5-byte trailer that
 * follows every block (spec/pebble.md §6.1).
 */
import type { Cursor } from '../../bytes/cursor.js';
import { CorruptionError } from '../../core/errors.js';
import type { Site } from '../../core/site.js';

/** Compression code and checksum behind a block's bytes. */
export const BLOCK_TRAILER_BYTES = 5;

export interface BlockHandle {
  readonly offset: number;
  readonly length: number;
}

/** @throws {CorruptionError} when it does not decode */
export function decodeBlockHandle(cursor: Cursor, field: string): BlockHandle {
  const offset = cursor.uvarint(`${field}.offset`);
  const length = cursor.uvarint(`${field}.length`);
  return { offset, length };
}

/**
 * @param end  where the footer begins: blocks and their trailers end before it
 * @throws {CorruptionError} `sst-bad-handle`
 */
export function checkHandle(handle: BlockHandle, end: number, what: string, site: Site): void {
  const blockEnd = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
  if (blockEnd <= end) return;
  throw new CorruptionError(
    'sst-bad-handle',
    `${what} handle (${handle.offset}, ${handle.length}) reaches ${blockEnd}, blocks end at ${end}`,
    { site },
  );
}
