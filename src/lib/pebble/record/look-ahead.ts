/**
 * Reads on behind a chunk that does not parse. Two questions, never mixed: does a later chunk's
 * synced offset prove that these bytes were durable once (what Pebble asks, spec/pebble.md §2.3),
 * and are there later records that nobody will see (what an operator asks, §2.4)?
 */
import type { ByteSource } from '../../io/byte-source.js';
import {
  BLOCK_BYTES,
  chunkCrcMatches,
  chunkLength,
  chunkLogNumber,
  chunkSyncedOffset,
  headerLength,
  LEGACY_HEADER,
  PART,
  partOf,
  WAL_SYNC_HEADER,
} from './chunk.js';

/** Reads the block at `blockOffset` into `block`. @returns the bytes of it that exist */
function loadBlock(source: ByteSource, blockOffset: number, block: Uint8Array): Uint8Array {
  return block.subarray(0, source.readAt(blockOffset, block));
}

/** Length with header of the chunk at `pos`, as its type and length say, or 0 when they cannot. */
function chunkSpan(block: Uint8Array, pos: number): number {
  if (pos + LEGACY_HEADER > block.length) return 0;
  const header = headerLength(block[pos + 6] ?? 0);
  if (header === 0 || pos + header > block.length) return 0;
  const total = header + chunkLength(block, pos);
  return pos + total > block.length ? 0 : total;
}

/** True for a chunk that verifies and, where its family names the log, names this one. */
function isSound(block: Uint8Array, pos: number, total: number, logNumber: number): boolean {
  const isNumbered = headerLength(block[pos + 6] ?? 0) > LEGACY_HEADER;
  if (isNumbered && chunkLogNumber(block, pos) !== logNumber) return false;
  return chunkCrcMatches(block, pos, pos + total);
}

/**
 * Searches the blocks behind the one of `badOffset` for a WAL-sync chunk whose synced offset lies
 * beyond it. Each block is left at its first chunk that does not parse.
 *
 * @returns the file offset of that chunk, or undefined
 */
export function findSyncProof(
  source: ByteSource,
  badOffset: number,
  logNumber: number,
): number | undefined {
  const buffer = new Uint8Array(BLOCK_BYTES);
  const next = (Math.floor(badOffset / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  for (let offset = next; offset < source.size; offset += BLOCK_BYTES) {
    const block = loadBlock(source, offset, buffer);
    let pos = 0;
    for (;;) {
      const total = chunkSpan(block, pos);
      if (total === 0 || !isSound(block, pos, total, logNumber)) break;
      if (
        headerLength(block[pos + 6] ?? 0) === WAL_SYNC_HEADER &&
        chunkSyncedOffset(block, pos) > badOffset
      ) {
        return offset + pos;
      }
      pos += total;
    }
  }
  return undefined;
}

/** Sound chunks of the same log behind the place where reading stopped. */
export interface LostChunks {
  /** Chunks that begin a record (FULL or FIRST). */
  readonly records: number;
  readonly chunks: number;
  /** Payload bytes of those chunks. */
  readonly bytes: number;
  /** File offset of the first of them; meaningless when there are none. */
  readonly firstOffset: number;
}

/**
 * Counts the chunks of log `logNumber` behind `badOffset` that verify. Within a block it steps over
 * a chunk that is not sound by that chunk's own length, so damage in one small record does not hide
 * its neighbours; where no length can be believed it goes on at the next block.
 */
export function findLostChunks(
  source: ByteSource,
  badOffset: number,
  logNumber: number,
): LostChunks {
  const buffer = new Uint8Array(BLOCK_BYTES);
  const lost = { records: 0, chunks: 0, bytes: 0, firstOffset: 0 };
  const firstBlock = Math.floor(badOffset / BLOCK_BYTES) * BLOCK_BYTES;
  for (let offset = firstBlock; offset < source.size; offset += BLOCK_BYTES) {
    const block = loadBlock(source, offset, buffer);
    let pos = offset === firstBlock ? badOffset - firstBlock : 0;
    for (;;) {
      const total = chunkSpan(block, pos);
      if (total === 0) break;
      // A legacy chunk in a WAL names no log: it may be anybody's.
      const type = block[pos + 6] ?? 0;
      const header = headerLength(type);
      if (header > LEGACY_HEADER && isSound(block, pos, total, logNumber)) {
        if (lost.chunks === 0) lost.firstOffset = offset + pos;
        lost.chunks++;
        lost.bytes += total - header;
        const part = partOf(type);
        if (part === PART.FULL || part === PART.FIRST) lost.records++;
      }
      pos += total;
    }
  }
  return lost;
}
