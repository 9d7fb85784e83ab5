/**
 * The pieces of a large file whose CRCs two threads work out: each takes the next piece that nobody
 * has taken, so a thread that is held up holds up nothing else. What they share is one small buffer:
 *
 *     u32   number of the next piece
 *     u32   unused
 *     per piece: u32 state, u32 CRC of the piece by itself
 */
import { readSync } from 'node:fs';
import { borrowChunk, crc32cRange, returnChunk } from '../checksum/crc32c.js';

/** Small, so that neither thread waits long for the other's last one. */
export const PIECE_BYTES = 16 << 20;
const HEAD_WORDS = 2;
const NEXT = 0;

/** State of a piece whose CRC is there. */
export const DONE = 1;

export interface CrcJob {
  /** Threads of one process share their descriptors; every read says where, so that none disturbs another. */
  readonly fd: number;
  readonly from: number;
  readonly to: number;
  readonly shared: SharedArrayBuffer;
}

export function newCrcJob(fd: number, from: number, to: number): CrcJob {
  const words = HEAD_WORDS + 2 * Math.ceil((to - from) / PIECE_BYTES);
  return { fd, from, to, shared: new SharedArrayBuffer(4 * words) };
}

export function pieceCount({ from, to }: CrcJob): number {
  return Math.ceil((to - from) / PIECE_BYTES);
}

export function pieceLength({ from, to }: CrcJob, piece: number): number {
  return Math.min(PIECE_BYTES, to - from - piece * PIECE_BYTES);
}

/** @returns the number of a piece that is now the caller's, or undefined */
export function takePiece(job: CrcJob): number | undefined {
  const piece = Atomics.add(new Uint32Array(job.shared), NEXT, 1);
  return piece < pieceCount(job) ? piece : undefined;
}

export function setCrc({ shared }: CrcJob, piece: number, crc: number): void {
  const words = new Uint32Array(shared);
  words[HEAD_WORDS + 2 * piece + 1] = crc;
  Atomics.store(words, HEAD_WORDS + 2 * piece, DONE);
}

/** The CRC of a piece; undefined where it is not there. */
export function crcOf({ shared }: CrcJob, piece: number): number | undefined {
  const words = new Uint32Array(shared);
  if (Atomics.load(words, HEAD_WORDS + 2 * piece) !== DONE) return undefined;
  return words[HEAD_WORDS + 2 * piece + 1];
}

/** The other thread's part: pieces until none is left. One that cannot be read stays undone. */
export function workOnPieces(job: CrcJob): void {
  const chunk = borrowChunk();
  try {
    for (let piece = takePiece(job); piece !== undefined; piece = takePiece(job)) {
      let offset = job.from + piece * PIECE_BYTES;
      let left = pieceLength(job, piece);
      let crc = 0;
      while (left > 0) {
        const got = readSync(job.fd, chunk, 0, Math.min(left, chunk.length), offset);
        if (got === 0) return;
        crc = crc32cRange(chunk, 0, got, crc);
        offset += got;
        left -= got;
      }
      setCrc(job, piece, crc);
    }
  } finally {
    returnChunk(chunk);
  }
}
