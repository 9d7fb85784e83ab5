/**
 * The memory that the kernels of a scan share, so that a block is read, summed, decompressed and
 * decoded without being copied from one to the next. It never grows: views of it stay good. Pages that
 * nobody used take no room.
 *
 * | from     | up to    | what                                                            |
 * |----------|----------|-----------------------------------------------------------------|
 * | 0        | 0x400    | state of the row kernel                                         |
 * | 0x400    | 0x160000 | the CRC kernel's: tables, scratch, stage, chunk (crc32c.ts)     |
 * | 0x160000 | 0x1a0000 | rows and keys that the row kernel makes (row-points.ts)         |
 * | 0x1a0000 | 0x800000 | rooms, each lent to one borrower at a time                      |
 *
 * Kernels move 8 or 16 bytes at a time and touch some behind the end of a part: `SLACK_BYTES` behind
 * every room belong to nobody.
 */
import { assert } from '../core/errors.js';
import { newKernelMemory } from './wasm-kernel.js';

const MEMORY_PAGES = 128;
export const SLACK_BYTES = 64;
export const ROW_PART_AT = 0x160000;
export const ROW_PART_BYTES = 0x40000;
const ROOMS_AT = ROW_PART_AT + ROW_PART_BYTES;
/** Length of a room: 128 KiB. */
export const ROOM_BYTES = 0x20000;
const ROOM_STRIDE = ROOM_BYTES + SLACK_BYTES;

export const SHARED_MEMORY = newKernelMemory(MEMORY_PAGES, MEMORY_PAGES);
/** For good, since the memory does not grow. */
export const SHARED_BUFFER = SHARED_MEMORY.buffer;
export const SHARED_BYTES = new Uint8Array(SHARED_BUFFER);

/** How many rooms there are. */
export const ROOM_COUNT = Math.floor((SHARED_BYTES.length - ROOMS_AT) / ROOM_STRIDE);

/** Numbers of those nobody has, the next to go out last. */
const free = Array.from({ length: ROOM_COUNT }, (_, i) => ROOM_COUNT - 1 - i);
const isOut = new Uint8Array(ROOM_COUNT);

/** A room, with what its last borrower left in it; undefined when all are out. */
export function borrowRoom(): Uint8Array<ArrayBuffer> | undefined {
  const number = free.pop();
  if (number === undefined) return undefined;
  isOut[number] = 1;
  return new Uint8Array(SHARED_BUFFER, ROOMS_AT + number * ROOM_STRIDE, ROOM_BYTES);
}

/** Of a room as it was lent. Nothing may look at it any more. */
export function returnRoom(room: Uint8Array): void {
  const number = (room.byteOffset - ROOMS_AT) / ROOM_STRIDE;
  assert(room.buffer === SHARED_BUFFER && isOut[number] === 1, 'a room comes back once');
  isOut[number] = 0;
  free.push(number);
}
