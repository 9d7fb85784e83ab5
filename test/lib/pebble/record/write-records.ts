/** Writes record files the way Pebble does, for tests: the counterpart of the reader. */
import { concatBytes, putU32le, putU64le } from '../../../../src/lib/bytes/write.js';
import { maskedCrc32c } from '../../../../src/lib/checksum/crc32c-masked.js';
import { BLOCK_BYTES } from '../../../../src/lib/pebble/record/chunk.js';

export type Family = 'legacy' | 'recyclable' | 'wal-sync';

const HEADER = { legacy: 7, recyclable: 11, 'wal-sync': 19 } as const;
const FIRST_TYPE = { legacy: 1, recyclable: 5, 'wal-sync': 9 } as const;

function chunk(
  family: Family,
  part: number,
  logNumber: number,
  syncedOffset: number,
  payload: Uint8Array,
): Uint8Array {
  const header = HEADER[family];
  const out = new Uint8Array(header + payload.length);
  out[4] = payload.length;
  out[5] = payload.length >>> 8;
  out[6] = FIRST_TYPE[family] + part;
  if (family !== 'legacy') putU32le(out, 7, logNumber);
  if (family === 'wal-sync') putU64le(out, 11, BigInt(syncedOffset));
  out.set(payload, header);
  putU32le(out, 0, maskedCrc32c(out.subarray(6)));
  return out;
}

/** `sync`: every chunk promises that all before it is durable. */
export function writeRecords(
  records: readonly Uint8Array[],
  family: Family,
  logNumber: number,
  options: { readonly trailer?: boolean; readonly sync?: boolean } = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  const header = HEADER[family];
  for (const record of records) {
    let pos = 0;
    let first = true;
    let last = false;
    while (!last) {
      const left = BLOCK_BYTES - (at % BLOCK_BYTES);
      if (left < header) {
        put(new Uint8Array(left));
        continue;
      }
      const length = Math.min(left - header, record.length - pos);
      last = pos + length === record.length;
      const part = first ? (last ? 0 : 1) : last ? 3 : 2;
      const synced = options.sync === true ? at : 0;
      put(chunk(family, part, logNumber, synced, record.subarray(pos, pos + length)));
      pos += length;
      first = false;
    }
  }
  if (options.trailer === true) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < 11) put(new Uint8Array(left));
    const trailer = new Uint8Array(11);
    trailer[6] = 5;
    putU32le(trailer, 7, logNumber + 1);
    put(trailer);
  }
  return concatBytes(...parts);
}
