/**
 * Blob files (spec/pebble.md §6.10): values that tables refer to. The footer is the last 38 bytes:
 *
 * | at | size | field                                              |
 * |----|------|----------------------------------------------------|
 * | 0  | 4    | masked CRC-32C of the 34 bytes that follow         |
 * | 4  | 8    | u64 index offset                                   |
 * | 12 | 8    | u64 index length                                   |
 * | 20 | 1    | checksum type                                      |
 * | 21 | 1    | format = 1                                         |
 * | 22 | 8    | u64 original file number                           |
 * | 30 | 8    | magic f0 9f aa b3 f0 9f a6 80                      |
 *
 * Index block: custom header u32 virtual block count V; columns 0 uint virtual map (V rows), 1 uint
 * block offset (rows + 1). Physical block b spans [offset b, offset b + 1) with its trailer, and
 * holds one bytes column of values. With V > 0 a handle's block id goes through the map: low 32
 * bits are the block, high 32 bits are added to the value id.
 */
import { Cursor } from '../../bytes/cursor.js';
import { hex, hex32 } from '../../bytes/hex.js';
import { u32le } from '../../bytes/read.js';
import { maskedCrc32c } from '../../checksum/crc32c-masked.js';
import { CorruptionError, UnsupportedError } from '../../core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { readRange, type ByteSource } from '../../io/byte-source.js';
import type { Block } from './block.js';
import type { BlockCache } from './block-cache.js';
import { BLOCK_TRAILER_BYTES, type BlockHandle } from './block-handle.js';
import { BlockReader } from './block-reader.js';
import { COLUMN, ColumnarBlock, type BytesColumn, type UintColumn } from './columns.js';
import { CHECKSUM_TYPE, type ChecksumType } from './footer.js';
import { readUvarint32, uvarint32End } from './uvarint32.js';

export const BLOB_FOOTER_BYTES = 38;
const MAGIC = 'f09faab3f09fa680';
const FORMAT = 1;

/** What stands in the place of a separated value. */
export interface BlobHandle {
  /** Position in the table's list of blob references. */
  readonly reference: number;
  readonly length: number;
  readonly block: number;
  readonly value: number;
}

/** Finds the blob files of one table; given by whoever knows the MANIFEST. */
export interface BlobResolver {
  /** The file behind a table's reference, or undefined when there is no such reference or file. */
  blobFile(reference: number): BlobFile | undefined;
}

/** @param start  behind the prefix byte */
export function decodeBlobHandle(block: Block, start: number, end: number): BlobHandle {
  const { bytes } = block;
  const lengthAt = uvarint32End(bytes, start);
  const blockAt = uvarint32End(bytes, lengthAt);
  const valueAt = uvarint32End(bytes, blockAt);
  if (uvarint32End(bytes, valueAt) !== end) {
    throw block.malformed(start, `blob handle does not fill its ${end - start} bytes`);
  }
  return {
    reference: readUvarint32(bytes, start),
    length: readUvarint32(bytes, lengthAt),
    block: readUvarint32(bytes, blockAt),
    value: readUvarint32(bytes, valueAt),
  };
}

class BlobIndexBlock extends ColumnarBlock {
  readonly virtualCount: number;
  readonly virtualMap: UintColumn;
  readonly blocks: readonly BlockHandle[];

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 4, [COLUMN.UINT, COLUMN.UINT]);
    this.virtualCount = u32le(bytes, 0);
    this.virtualMap = this.uintColumn(0, this.virtualCount);
    const offsets = this.uintColumn(1, this.rows + 1);
    const blocks: BlockHandle[] = [];
    for (let b = 0; b < this.rows; b++) {
      const offset = offsets.size(b);
      const length = offsets.size(b + 1) - offset - BLOCK_TRAILER_BYTES;
      if (offset < 0 || length < 0) throw this.malformed(0, `blob block ${b} at ${offset}`);
      blocks.push({ offset, length });
    }
    this.blocks = blocks;
  }
}

class BlobValueBlock extends ColumnarBlock {
  readonly values: BytesColumn;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 0, [COLUMN.BYTES]);
    this.values = this.bytesColumn(0);
  }
}

export interface BlobFile {
  readonly path: string;
  readonly size: number;
  readonly originalFileNumber: bigint;
  readonly checksumType: ChecksumType;
  readonly indexHandle: BlockHandle;
  /** Handles of the value blocks, ascending. Reads the index block. */
  blocks(): readonly BlockHandle[];
  /** The value, borrowed from its block. @throws {CorruptionError} `sst-value-handle` */
  value(handle: BlobHandle): Uint8Array;
  /** Reads and decodes one value block without caching it. @returns how many values it holds */
  verifyBlock(handle: BlockHandle): number;
  close(): void;
}

/** Reads the footer; the index when it is needed. @throws {CorruptionError | UnsupportedError} */
export function openBlobFile(
  source: ByteSource,
  cache: BlockCache,
  limits: Limits = DEFAULT_LIMITS,
): BlobFile {
  return new OpenBlobFile(source, cache, limits);
}

class OpenBlobFile implements BlobFile {
  readonly originalFileNumber: bigint;
  readonly checksumType: ChecksumType;
  readonly indexHandle: BlockHandle;
  private readonly source: ByteSource;
  private readonly reader: BlockReader;
  private index: BlobIndexBlock | undefined;

  constructor(source: ByteSource, cache: BlockCache, limits: Limits) {
    this.source = source;
    const site = { path: source.path, offset: Math.max(source.size - BLOB_FOOTER_BYTES, 0) };
    if (source.size < BLOB_FOOTER_BYTES) {
      throw new CorruptionError('sst-too-small', `${source.size} bytes cannot hold a blob file`, {
        site,
      });
    }
    const footer = readRange(source, site.offset, BLOB_FOOTER_BYTES);
    const magic = hex(footer.subarray(30));
    if (magic !== MAGIC) {
      throw new CorruptionError('sst-bad-magic', `magic ${magic} is not that of a blob file`, {
        site,
      });
    }
    const computed = maskedCrc32c(footer.subarray(4));
    const cursor = new Cursor(footer, source.path, site.offset);
    const stored = cursor.u32le('checksum');
    if (stored !== computed) {
      throw new CorruptionError(
        'sst-bad-footer',
        `footer checksum stored ${hex32(stored)}, computed ${hex32(computed)}`,
        { site },
      );
    }
    this.indexHandle = { offset: cursor.size64le('index'), length: cursor.size64le('index') };
    const checksumType = cursor.u8('checksum type');
    const format = cursor.u8('format');
    if (checksumType !== CHECKSUM_TYPE.CRC32C && checksumType !== CHECKSUM_TYPE.XXHASH64) {
      throw new UnsupportedError('sst-unsupported-format', `checksum type ${checksumType}`, {
        site,
      });
    }
    if (format !== FORMAT) {
      throw new UnsupportedError('sst-unsupported-format', `blob file format ${format}`, { site });
    }
    this.checksumType = checksumType;
    this.originalFileNumber = cursor.u64le('original file number');
    this.reader = new BlockReader(source, checksumType, site.offset, cache.file(), limits);
  }

  get path(): string {
    return this.source.path;
  }

  get size(): number {
    return this.source.size;
  }

  blocks(): readonly BlockHandle[] {
    return this.loadIndex().blocks;
  }

  value(handle: BlobHandle): Uint8Array {
    const index = this.loadIndex();
    let number = handle.block;
    let row = handle.value;
    if (index.virtualCount > 0) {
      if (number >= index.virtualCount) {
        throw this.outside(handle, `there are ${index.virtualCount} virtual blocks`);
      }
      row += index.virtualMap.high(number);
      number = index.virtualMap.low(number);
    }
    const at = index.blocks[number];
    if (!at) throw this.outside(handle, `there are ${index.blocks.length} blocks`);
    const block = this.reader.block(at.offset, at.length, BlobValueBlock, 'blob value');
    if (row >= block.rows) throw this.outside(handle, `its block has ${block.rows} values`);
    const start = block.values.start(row);
    const stop = block.values.stop(row);
    if (stop - start !== handle.length) {
      throw this.outside(handle, `the value there has ${stop - start} bytes`);
    }
    return block.bytes.subarray(start, stop);
  }

  verifyBlock(handle: BlockHandle): number {
    return this.reader.uncached(handle, BlobValueBlock, 'blob value').rows;
  }

  close(): void {
    this.reader.releaseCache();
    this.source.close();
  }

  private loadIndex(): BlobIndexBlock {
    this.index ??= this.reader.uncached(this.indexHandle, BlobIndexBlock, 'blob index');
    return this.index;
  }

  private outside(handle: BlobHandle, message: string): CorruptionError {
    return new CorruptionError(
      'sst-value-handle',
      `value ${handle.value} of blob block ${handle.block}, ${handle.length} bytes: ${message}`,
      { site: { path: this.path, offset: this.indexHandle.offset } },
    );
  }
}
