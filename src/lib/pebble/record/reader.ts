/**
 * Reads the records of one MANIFEST or WAL file by the rules of spec/pebble.md §2.2, which are
 * Pebble's own down to what it fails to notice; what it fails to notice is kept in `oddities`.
 */
import { isZero } from '../../bytes/read.js';
import { UnsupportedError } from '../../core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { ByteSource } from '../../io/byte-source.js';
import {
  BLOCK_BYTES,
  chunkCrcMatches,
  chunkLength,
  chunkLogNumber,
  headerLength,
  LEGACY_HEADER,
  PART,
  partOf,
  RECYCLABLE_HEADER,
  WAL_SYNC_HEADER,
} from './chunk.js';
import type { LogEnd } from './log-end.js';
import { findSyncProof } from './look-ahead.js';

/** Blocks that are brought into memory at a time. */
const WINDOW_BLOCKS = 8;

/** A chunk that is sound by itself and out of place in its record. */
export interface ChunkOddity {
  readonly offset: number;
  readonly message: string;
}

export class RecordReader {
  /** The record last read; borrowed until the next call. */
  record: Uint8Array = new Uint8Array(0);
  /** File offset of that record's first chunk. */
  recordOffset = 0;
  /** Set once `next` has returned false. */
  end: LogEnd | undefined;
  readonly oddities: ChunkOddity[] = [];

  readonly source: ByteSource;
  private readonly logNumber: number;
  private readonly maxRecordBytes: number;
  private readonly window: Uint8Array;
  private windowOffset = 0;
  private windowBytes = 0;
  /** The present block: its place in the window, its length and the cursor in it. */
  private blockPos = 0;
  private blockBytes = 0;
  private pos = 0;
  private recordsEnd = 0;
  private payloadFrom = 0;
  private payloadTo = 0;
  private chunkPart = 0;
  private chunkOffset = 0;
  private parts: Uint8Array = new Uint8Array(0);

  /** @param logNumber the WAL's number (its low 32 bits count), 0 for a MANIFEST */
  constructor(source: ByteSource, logNumber: number, limits: Limits = DEFAULT_LIMITS) {
    this.source = source;
    this.logNumber = logNumber % 0x1_0000_0000;
    this.maxRecordBytes = limits.maxRecordBytes;
    const blocks = Math.min(WINDOW_BLOCKS, Math.max(1, Math.ceil(source.size / BLOCK_BYTES)));
    this.window = new Uint8Array(blocks * BLOCK_BYTES);
  }

  /** Reads one record. @returns false at the end, with `end` set */
  next(): boolean {
    if (this.end) return false;
    if (!this.nextChunk(true)) return false;
    this.recordOffset = this.chunkOffset;
    if (this.chunkPart === PART.FULL) {
      this.record = this.window.subarray(this.payloadFrom, this.payloadTo);
    } else if (!this.assemble()) {
      return false;
    }
    this.recordsEnd = this.fileOffset(this.pos);
    return true;
  }

  /**
   * Gives the record last read away for keeps, where it was put together in memory that is not much
   * larger. @returns whether it did
   */
  giveRecord(): boolean {
    const { record, parts } = this;
    if (record.buffer !== parts.buffer || 2 * record.length < parts.length) return false;
    this.parts = new Uint8Array(0);
    return true;
  }

  private assemble(): boolean {
    let length = 0;
    for (;;) {
      length = this.append(length);
      if (this.chunkPart === PART.LAST || this.chunkPart === PART.FULL) break;
      if (!this.nextChunk(false)) return false;
      if (this.chunkPart === PART.FIRST || this.chunkPart === PART.FULL) {
        this.oddities.push({
          offset: this.chunkOffset,
          message: 'a record begins inside another; Pebble joins the two',
        });
      }
    }
    this.record = this.parts.subarray(0, length);
    return true;
  }

  private append(length: number): number {
    const total = length + this.payloadTo - this.payloadFrom;
    if (total > this.maxRecordBytes) {
      throw new UnsupportedError('limit-exceeded', `record exceeds ${this.maxRecordBytes} bytes`, {
        site: { path: this.source.path, offset: this.recordOffset },
      });
    }
    if (total > this.parts.length) {
      const grown = new Uint8Array(Math.max(total, this.parts.length * 2, 4 * BLOCK_BYTES));
      grown.set(this.parts.subarray(0, length));
      this.parts = grown;
    }
    this.parts.set(this.window.subarray(this.payloadFrom, this.payloadTo), length);
    return total;
  }

  private fileOffset(pos: number): number {
    return this.windowOffset + this.blockPos + pos;
  }

  /** Finds the next chunk that counts. @returns false at the end */
  private nextChunk(wantFirst: boolean): boolean {
    for (;;) {
      const left = this.blockBytes - this.pos;
      if (left < LEGACY_HEADER) {
        if (this.blockBytes > 0 && this.blockBytes < BLOCK_BYTES) {
          if (wantFirst && left === 0) return this.finish('clean-eof', false, 'end of file');
          return this.fail('invalid', 'the file ends inside a chunk header');
        }
        if (this.loadBlock()) continue;
        if (wantFirst) return this.finish('clean-eof', false, 'end of file');
        return this.finish('unexpected-eof', false, 'the file ends inside a record');
      }
      const block = this.window.subarray(this.blockPos, this.blockPos + this.blockBytes);
      const verdict = this.judge(block, wantFirst);
      if (verdict === 'ended') return false;
      if (verdict === 'padding') continue;
      const from = this.pos;
      const type = block[from + 6] ?? 0;
      this.payloadFrom = this.blockPos + from + headerLength(type);
      this.payloadTo = this.payloadFrom + chunkLength(block, from);
      this.pos = this.payloadTo - this.blockPos;
      this.chunkPart = partOf(type);
      this.chunkOffset = this.fileOffset(from);
      if (!wantFirst || this.chunkPart === PART.FULL || this.chunkPart === PART.FIRST) return true;
      this.oddities.push({
        offset: this.chunkOffset,
        message: 'a chunk continues a record whose beginning is missing; Pebble skips it',
      });
      this.recordsEnd = this.fileOffset(this.pos);
    }
  }

  /** Checks the chunk at the cursor, of which the 7 bytes of the shortest header are there. */
  private judge(block: Uint8Array, wantFirst: boolean): 'chunk' | 'padding' | 'ended' {
    const pos = this.pos;
    const type = block[pos + 6] ?? 0;
    const header = headerLength(type);
    if (header === 0) {
      if (type === 0 && isZero(block, pos, pos + LEGACY_HEADER)) return this.zeroHeader(block);
      this.fail('invalid', `chunk type ${type}`);
      return 'ended';
    }
    if (pos + header > block.length) {
      this.fail('invalid', 'a chunk header crosses the block end');
      return 'ended';
    }
    if (header >= RECYCLABLE_HEADER) {
      const number = chunkLogNumber(block, pos);
      if (number !== this.logNumber) {
        if (wantFirst && number === (this.logNumber + 1) % 0x1_0000_0000) {
          this.finish('clean-eof', true, 'EOF trailer');
        } else {
          this.fail('invalid', `chunk of log ${number}, this is log ${this.logNumber}`);
        }
        return 'ended';
      }
    }
    const end = pos + header + chunkLength(block, pos);
    if (end > block.length) {
      this.fail('invalid', `chunk needs ${end - pos} B, ${block.length - pos} B left in the block`);
      return 'ended';
    }
    if (!chunkCrcMatches(block, pos, end)) {
      this.fail('invalid', 'chunk crc mismatch');
      return 'ended';
    }
    return 'chunk';
  }

  private zeroHeader(block: Uint8Array): 'padding' | 'ended' {
    const left = block.length - this.pos;
    const padding =
      left < RECYCLABLE_HEADER || (left < WAL_SYNC_HEADER && isZero(block, this.pos, block.length));
    if (padding) {
      this.pos = block.length;
      return 'padding';
    }
    this.fail('zeroed', 'zeroes in the place of a chunk');
    return 'ended';
  }

  private loadBlock(): boolean {
    this.blockPos += this.blockBytes;
    this.pos = 0;
    if (this.blockPos >= this.windowBytes) {
      this.windowOffset += this.blockPos;
      this.blockPos = 0;
      this.windowBytes = this.source.readAt(this.windowOffset, this.window);
    }
    this.blockBytes = Math.min(BLOCK_BYTES, this.windowBytes - this.blockPos);
    return this.blockBytes > 0;
  }

  /** INVALID or ZEROED: final only when a later chunk proves that these bytes were durable. */
  private fail(kind: 'invalid' | 'zeroed', reason: string): false {
    const badOffset = this.fileOffset(this.pos);
    const provenBy = findSyncProof(this.source, badOffset, this.logNumber);
    this.finish(provenBy === undefined ? 'unexpected-eof' : kind, false, reason, provenBy);
    return false;
  }

  private finish(kind: LogEnd['kind'], trailer: boolean, reason: string, provenBy?: number): false {
    const badOffset = this.fileOffset(this.pos);
    const offset = kind === 'clean-eof' && !trailer ? badOffset : this.recordsEnd;
    this.end = { kind, trailer, offset, badOffset, reason, provenBy };
    return false;
  }
}
