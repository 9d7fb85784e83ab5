/**
 * The footer of a table (spec/pebble.md §6.2), read from the file's end: the last 8 bytes are the
 * magic, and with the version before it they settle the size.
 *
 * | field                        | LevelDB  | RocksDB v2, Pebble v1-v5 | Pebble v6 | Pebble v7 |
 * |------------------------------|----------|--------------------------|-----------|-----------|
 * | checksum type u8             | (CRC32C) | 0                        | 0         | 0         |
 * | metaindex, index, zero fill  | 0-39     | 1-40                     | 1-40      | 1-40      |
 * | attributes u32               |          |                          |           | 41-44     |
 * | footer checksum u32          |          |                          | 41-44     | 45-48     |
 * | version u32                  |          | 41-44                    | 45-48     | 49-52     |
 * | magic                        | 40-47    | 45-52                    | 49-56     | 53-60     |
 *
 * The footer checksum is the masked CRC-32C of the footer without those four bytes.
 */
import { Cursor } from '../../bytes/cursor.js';
import { hex, hex32 } from '../../bytes/hex.js';
import { u32le } from '../../bytes/read.js';
import { crc32c } from '../../checksum/crc32c.js';
import { maskCrc32c } from '../../checksum/crc32c-masked.js';
import { CorruptionError, ToolError, UnsupportedError } from '../../core/errors.js';
import type { Site } from '../../core/site.js';
import { readRange, type ByteSource } from '../../io/byte-source.js';
import { decodeBlockHandle, type BlockHandle } from './block-handle.js';
import {
  LEVELDB_FORMAT,
  PEBBLE_FORMATS,
  ROCKSDB_V2_FORMAT,
  type TableFormat,
} from './table-format.js';

const MAX_FOOTER_BYTES = 61;
const MIN_FOOTER_BYTES = 48;
const MAGIC_BYTES = 8;
const LEVELDB_MAGIC = '57fb808b247547db';
const ROCKSDB_MAGIC = 'f7cff485b741e288';
const PEBBLE_MAGIC = 'f09faab3f09faab3';

export const CHECKSUM_TYPE = { CRC32C: 1, XXHASH64: 3 } as const;
export type ChecksumType = (typeof CHECKSUM_TYPE)[keyof typeof CHECKSUM_TYPE];

export interface Footer {
  readonly format: TableFormat;
  readonly checksumType: ChecksumType;
  readonly metaindex: BlockHandle;
  /** The top level where the index has two. */
  readonly index: BlockHandle;
  /** v7's summary of the properties, 0 elsewhere. */
  readonly attributes: number;
  /** File offset of the footer: blocks end before it. */
  readonly offset: number;
}

/** @throws {CorruptionError | UnsupportedError} `sst-too-small`, `sst-bad-magic`, … */
export function readFooter(source: ByteSource): Footer {
  if (source.size < MIN_FOOTER_BYTES) {
    throw new CorruptionError(
      'sst-too-small',
      `${source.size} bytes cannot hold a table: its footer alone takes ${MIN_FOOTER_BYTES}`,
      { site: { path: source.path } },
    );
  }
  const length = Math.min(MAX_FOOTER_BYTES, source.size);
  const offset = source.size - length;
  return decodeFooter(readRange(source, offset, length), source.path, offset);
}

/**
 * @param tail  the last bytes of the file, at least 48
 * @param offset  file offset of `tail[0]`
 */
export function decodeFooter(tail: Uint8Array, path: string, offset: number): Footer {
  const format = decodeFormat(tail, path, offset);
  if (tail.length < format.footerLength) {
    throw new CorruptionError(
      'sst-bad-footer',
      `the footer of ${format.name} takes ${format.footerLength} bytes, the file has ${tail.length}`,
      { site: { path, offset } },
    );
  }
  const start = offset + tail.length - format.footerLength;
  const footer = tail.subarray(tail.length - format.footerLength);
  const site: Site = { path, offset: start };
  const isLevelDb = format === LEVELDB_FORMAT;
  const checksumType = isLevelDb ? CHECKSUM_TYPE.CRC32C : decodeChecksumType(footer[0] ?? 0, site);
  checkFooterChecksum(footer, format, site);
  const handles = new Cursor(
    footer.subarray(0, isLevelDb ? 40 : 41),
    path,
    start,
    isLevelDb ? 0 : 1,
  );
  const metaindex = decodeFooterHandle(handles, 'metaindex');
  const index = decodeFooterHandle(handles, 'index');
  const attributes = format.attributesPos === undefined ? 0 : u32le(footer, format.attributesPos);
  return { format, checksumType, metaindex, index, attributes, offset: start };
}

function decodeFormat(tail: Uint8Array, path: string, offset: number): TableFormat {
  const magicPos = tail.length - MAGIC_BYTES;
  const magic = hex(tail.subarray(magicPos));
  if (magic === LEVELDB_MAGIC) return LEVELDB_FORMAT;
  const site: Site = { path, offset: offset + magicPos };
  if (magic !== ROCKSDB_MAGIC && magic !== PEBBLE_MAGIC) {
    throw new CorruptionError('sst-bad-magic', `magic ${magic} is of no known table format`, {
      site,
    });
  }
  const version = u32le(tail, magicPos - 4);
  const format =
    magic === PEBBLE_MAGIC
      ? PEBBLE_FORMATS.get(version)
      : version === 2
        ? ROCKSDB_V2_FORMAT
        : undefined;
  if (format) return format;
  const family = magic === PEBBLE_MAGIC ? 'Pebble' : 'RocksDB';
  const known = magic === PEBBLE_MAGIC ? '1 to 7' : '2';
  throw new UnsupportedError(
    'sst-unsupported-format',
    `table format (${family},v${version}) is not read by Pebble v2.1; it knows ${known}`,
    { site },
  );
}

function decodeChecksumType(type: number, site: Site): ChecksumType {
  if (type === CHECKSUM_TYPE.CRC32C || type === CHECKSUM_TYPE.XXHASH64) return type;
  throw new UnsupportedError(
    'sst-unsupported-format',
    `checksum type ${type}; only CRC32C (1) and xxHash64 (3) are used`,
    { site },
  );
}

function checkFooterChecksum(footer: Uint8Array, format: TableFormat, site: Site): void {
  const pos = format.footerChecksumPos;
  if (pos === undefined) return;
  const stored = u32le(footer, pos);
  const computed = maskCrc32c(crc32c(footer.subarray(pos + 4), crc32c(footer.subarray(0, pos))));
  if (stored === computed) return;
  throw new CorruptionError(
    'sst-bad-footer',
    `footer checksum stored ${hex32(stored)}, computed ${hex32(computed)}`,
    { site },
  );
}

function decodeFooterHandle(cursor: Cursor, field: string): BlockHandle {
  const site = cursor.site();
  try {
    return decodeBlockHandle(cursor, field);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    throw new CorruptionError('sst-bad-footer', `${field} handle: ${cause.detail}`, {
      site,
      cause,
    });
  }
}
