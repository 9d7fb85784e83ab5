import type { ByteSource } from '../../io/byte-source.js';
import { WINDOW_BYTES } from './window.js';

/** Bytes that are not zero behind the end of the log: the boot wipes them (§4.7 step 5). */
export interface TailResidue {
  /** Offset of the first byte that is not zero. */
  readonly from: number;
  /** Offset behind the last one. */
  readonly to: number;
  /** How many there are. */
  readonly count: number;
}

const ZEROS = new Uint8Array(1 << 16);

/** @returns undefined when everything from `offset` to the end of the file is zero */
export function scanTail(source: ByteSource, offset: number): TailResidue | undefined {
  const buffer = new Uint8Array(Math.min(WINDOW_BYTES, Math.max(source.size - offset, 0)));
  let from = -1;
  let to = -1;
  let count = 0;
  for (let at = offset; at < source.size;) {
    const got = source.readAt(at, buffer);
    if (got === 0) break;
    for (let pos = 0; pos < got; pos += ZEROS.length) {
      const piece = buffer.subarray(pos, Math.min(pos + ZEROS.length, got));
      if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0) continue;
      for (let i = 0; i < piece.length; i++) {
        if (piece[i] === 0) continue;
        if (from < 0) from = at + pos + i;
        to = at + pos + i + 1;
        count++;
      }
    }
    at += got;
  }
  return from < 0 ? undefined : { from, to, count };
}
