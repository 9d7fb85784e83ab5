/**
 * The torn test (spec/etcd-wal.md §2.6): record and padding, cut at multiples of 512 of the file
 * offset; torn means that at least one piece is entirely zero.
 */
import { isZero } from '../../bytes/read.js';

const SECTOR_BYTES = 512;

/**
 * @param from  record and padding are `bytes[from, to)`
 * @param fileOffset  offset of `bytes[from]` in the segment
 */
export function isTorn(bytes: Uint8Array, from: number, to: number, fileOffset: number): boolean {
  let pos = from;
  let pieceBytes = SECTOR_BYTES - (fileOffset % SECTOR_BYTES);
  while (pos < to) {
    const end = Math.min(pos + pieceBytes, to);
    if (isZero(bytes, pos, end)) return true;
    pos = end;
    pieceBytes = SECTOR_BYTES;
  }
  return false;
}
