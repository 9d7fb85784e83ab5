/**
 * Reads blocks with their 5-byte trailer (spec/pebble.md §6.4):
 *
 * | at     | size | field                                                          |
 * |--------|------|----------------------------------------------------------------|
 * | 0      | n    | payload, n = the handle's length                               |
 * | n      | 1    | compression code                                               |
 * | n + 1  | 4    | checksum over payload and code: masked CRC-32C, or low half of |
 * |        |      | XXH64 with seed 0, as the footer says                          |
 */
import { copyOf } from '../../bytes/copy.js';
import { hex32 } from '../../bytes/hex.js';
import { borrowRoom, returnRoom, ROOM_BYTES, SHARED_BUFFER } from '../../bytes/kernel-memory.js';
import { u32le } from '../../bytes/read.js';
import { maskCrc32c } from '../../checksum/crc32c-masked.js';
import { crc32cRange } from '../../checksum/crc32c.js';
import { xxhash64Low32 } from '../../checksum/xxhash64.js';
import { COMPRESSION, decompressBlock } from '../../compression/block-codec.js';
import { CorruptionError, UnsupportedError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { readRange, type ByteSource } from '../../io/byte-source.js';
import { Block } from './block.js';
import type { FileCache } from './block-cache.js';
import { BLOCK_TRAILER_BYTES, checkHandle, type BlockHandle } from './block-handle.js';
import { CHECKSUM_TYPE, type ChecksumType } from './footer.js';
import type { ScanRoom } from './scan-room.js';

/** How far a scan reads ahead: a read of the system per block would cost more than its bytes. */
const WINDOW_BYTES = ROOM_BYTES;

/** A class of decoded blocks, made from the verified and decompressed bytes. */
export type BlockClass<T extends Block> = new (
  bytes: Uint8Array,
  path: string,
  handle: BlockHandle,
) => T;

export class BlockReader {
  readonly source: ByteSource;
  readonly checksumType: ChecksumType;
  /** Where blocks end and the footer begins. */
  readonly end: number;
  readonly limits: Limits;
  private readonly cache: FileCache;
  /** Those of scans over this file that have a room of the shared memory. */
  readonly scanRooms = new Set<ScanRoom>();
  /** Where the block behind the last one read begins: reading it next is a scan. */
  private nextOffset = -1;
  private window: Uint8Array | undefined;
  private windowStart = 0;
  private windowEnd = 0;

  constructor(
    source: ByteSource,
    checksumType: ChecksumType,
    end: number,
    cache: FileCache,
    limits: Limits,
  ) {
    this.source = source;
    this.checksumType = checksumType;
    this.end = end;
    this.cache = cache;
    this.limits = limits;
  }

  /** The block decoded as `type`, from the cache if it was read before. */
  block<T extends Block>(offset: number, length: number, type: BlockClass<T>, what: string): T {
    const known = this.cache.get(offset);
    if (known instanceof type && known.handle.length === length) return known;
    const block = this.uncached({ offset, length }, type, what);
    this.cache.set(block);
    return block;
  }

  /**
   * As `block` for one that is passed once: not into the cache, whose blocks it would only drive out,
   * and into the caller's memory where that can be.
   */
  scanned<T extends Block>(
    offset: number,
    length: number,
    type: BlockClass<T>,
    what: string,
    room: ScanRoom,
  ): T {
    const known = this.cache.get(offset);
    if (known instanceof type && known.handle.length === length) return known;
    const handle = { offset, length };
    const bytes = this.decompress(this.readStored(handle, what, true), room.allocate);
    return new type(bytes, this.path, handle);
  }

  /** As `block`, but neither from the cache nor into it. */
  uncached<T extends Block>(handle: BlockHandle, type: BlockClass<T>, what: string): T {
    return new type(this.decompress(this.readStored(handle, what)), this.path, handle);
  }

  get path(): string {
    return this.source.path;
  }

  releaseCache(): void {
    this.cache.clear();
    this.releaseWindow();
  }

  /** Behind all scans: their blocks are gone. */
  releaseRooms(): void {
    for (const room of this.scanRooms) room.release();
    this.releaseWindow();
  }

  /** Behind a scan. What was borrowed of it is gone with it. */
  releaseWindow(): void {
    if (this.window?.buffer === SHARED_BUFFER) returnRoom(this.window);
    this.window = undefined;
    this.windowEnd = this.windowStart;
  }

  /**
   * Payload and code, checksum verified; borrowed until the next read.
   *
   * @param isScanned  by somebody who will say when the scan is over: its window may be a room of the
   *   shared memory
   * @throws {CorruptionError} `sst-block-checksum`
   */
  readStored(handle: BlockHandle, what: string, isScanned = false): StoredBlock {
    const site = { path: this.path, offset: handle.offset };
    checkHandle(handle, this.end, what, site);
    if (handle.length > this.limits.maxRecordBytes) {
      throw new UnsupportedError(
        'limit-exceeded',
        `${what} block of ${handle.length} bytes, limit ${this.limits.maxRecordBytes}`,
        { site },
      );
    }
    const bytes = this.fetch(handle.offset, handle.length + BLOCK_TRAILER_BYTES, isScanned);
    const stored = u32le(bytes, handle.length + 1);
    const computed =
      this.checksumType === CHECKSUM_TYPE.CRC32C
        ? maskCrc32c(crc32cRange(bytes, 0, handle.length + 1, 0))
        : xxhash64Low32(bytes.subarray(0, handle.length + 1));
    if (stored !== computed) {
      throw new CorruptionError(
        'sst-block-checksum',
        `${what} block of ${handle.length} bytes: checksum stored ${hex32(stored)},` +
          ` computed ${hex32(computed)}`,
        { site },
      );
    }
    return { payload: bytes.subarray(0, handle.length), code: bytes[handle.length]!, handle };
  }

  /**
   * The bytes of a range, borrowed until the next fetch. Blocks read one behind the other come out
   * of a window that is filled ahead; a block by itself is read by itself.
   */
  private fetch(offset: number, length: number, isScanned: boolean): Uint8Array {
    const isScan = offset === this.nextOffset;
    this.nextOffset = offset + length;
    if (offset < this.windowStart || offset + length > this.windowEnd) {
      if (!isScan || length > WINDOW_BYTES) return readRange(this.source, offset, length);
      if (isScanned && this.window?.buffer !== SHARED_BUFFER) {
        this.window = borrowRoom() ?? this.window;
      }
      this.window ??= new Uint8Array(WINDOW_BYTES);
      this.windowStart = offset;
      this.windowEnd = offset;
      const ahead = this.window.subarray(0, Math.min(WINDOW_BYTES, this.end - offset));
      this.windowEnd += this.source.readAt(offset, ahead);
    }
    const at = offset - this.windowStart;
    return this.window!.subarray(at, at + length);
  }

  decompress(stored: StoredBlock, allocate?: (length: number) => Uint8Array): Uint8Array {
    if (stored.code === COMPRESSION.NONE) {
      if (allocate === undefined) return copyOf(stored.payload);
      const copy = allocate(stored.payload.length);
      copy.set(stored.payload);
      return copy;
    }
    return decompressBlock(stored.code, stored.payload, {
      site: { path: this.path, offset: stored.handle.offset },
      maxBytes: this.limits.maxDecompressedBytes,
      allocate,
    });
  }
}

export interface StoredBlock {
  readonly payload: Uint8Array;
  /** One of `COMPRESSION`. */
  readonly code: number;
  readonly handle: BlockHandle;
}
