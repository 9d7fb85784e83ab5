/**
 * Where the parts of a `.snap` lie (spec/etcd-wal.md §5.1), for hexdumps and for files too large to
 * be brought into memory: a legacy snapshot has its whole payload inside.
 *
 * ```
 * 08 crc (varint)   12 length (varint)   raftpb.Snapshot to the end of the file:
 *     0a length  data (token or inline payload)    12 length  metadata
 * ```
 *
 * Only this order, the one every writer uses; any other is left to the protobuf decoder.
 */
import { readRange, type ByteSource } from '../io/byte-source.js';

export interface SnapLayout {
  readonly crc: number;
  /** Of the crc's varint. */
  readonly crcOffset: number;
  readonly crcLength: number;
  /** Of the encoded `raftpb.Snapshot`, which reaches to the end of the file. */
  readonly offset: number;
  /** The snapshot's data: a token or a whole payload; undefined where there is none. */
  readonly data: Extent | undefined;
  readonly metadata: Extent | undefined;
}

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

const MAX_VARINT_BYTES = 10;

/** @returns undefined when the file does not have exactly this form */
export function readSnapLayout(source: ByteSource): SnapLayout | undefined {
  const crc = field(source, 0, 0x08);
  if (crc === undefined || crc.value > 0xffff_ffff) return undefined;
  const outer = field(source, crc.end, 0x12);
  if (outer === undefined || outer.end + outer.value !== source.size) return undefined;
  let offset = outer.end;
  const data = extent(source, offset, 0x0a);
  if (data !== undefined) offset = data.offset + data.length;
  const metadata = extent(source, offset, 0x12);
  if (metadata !== undefined) offset = metadata.offset + metadata.length;
  if (offset !== source.size) return undefined;
  return {
    crc: crc.value,
    crcOffset: 1,
    crcLength: crc.end - 1,
    offset: outer.end,
    data,
    metadata,
  };
}

function extent(source: ByteSource, offset: number, tag: number): Extent | undefined {
  const length = field(source, offset, tag);
  if (length === undefined || length.end + length.value > source.size) return undefined;
  return { offset: length.end, length: length.value };
}

/** A one-byte tag and a varint that a double holds. */
function field(
  source: ByteSource,
  offset: number,
  tag: number,
): { readonly value: number; readonly end: number } | undefined {
  const left = source.size - offset;
  if (left < 2) return undefined;
  const bytes = readRange(source, offset, Math.min(1 + MAX_VARINT_BYTES, left));
  if (bytes[0] !== tag) return undefined;
  let value = 0;
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (i - 1));
    if (byte >= 0x80) continue;
    return Number.isSafeInteger(value) ? { value, end: offset + i + 1 } : undefined;
  }
  return undefined;
}
