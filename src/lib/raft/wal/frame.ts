/**
 * Frame around every WAL record (spec/etcd-wal.md §2.1).
 *
 *     length field  u64 LE   bits 0–55 recBytes, 63 padding follows, 56–58 padBytes (if 63)
 *     record        recBytes
 *     padding       padBytes zero bytes, so that the next frame starts at a multiple of 8
 */
export const FRAME_BYTES = 8;

/** padBytes of a length field, from its upper half. */
export function padBytesOf(hi: number): number {
  return hi >>> 31 === 0 ? 0 : (hi >>> 24) & 7;
}

/** recBytes of a length field: exact up to 2^53, of the right magnitude beyond. */
export function recBytesOf(hi: number, lo: number): number {
  return (hi & 0xff_ffff) * 0x1_0000_0000 + lo;
}

/** recBytes for texts, always exact. */
export function exactRecBytes(hi: number, lo: number): bigint {
  return (BigInt(hi & 0xff_ffff) << 32n) | BigInt(lo);
}

/** Padding the writer puts behind a record of `recBytes`. */
export function writtenPadBytes(recBytes: number): number {
  return (8 - (recBytes % 8)) % 8;
}

/** Bytes a record takes in the file, frame and padding included. */
export function framedBytes(recBytes: number): number {
  return FRAME_BYTES + recBytes + writtenPadBytes(recBytes);
}

/** Whether a length field has the form the writer gives it. */
export function isWrittenForm(hi: number, lo: number): boolean {
  const pad = writtenPadBytes(recBytesOf(hi, lo));
  return hi >>> 24 === (pad === 0 ? 0 : 0x80 | pad);
}
