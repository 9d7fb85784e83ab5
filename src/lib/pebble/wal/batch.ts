/**
 * The payload of one WAL record is one batch (spec/pebble.md §4):
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 8 | u64 LE sequence number of the first operation (*base*) |
 * | 8 | 4 | u32 LE count of operations that consume a sequence number |
 * | 12 | | operations: kind u8, varstring key, for some kinds varstring value |
 *
 * Lengths are uvarint32. The i-th consuming operation has number base + i; LOGDATA consumes none.
 */
import { u32le } from '../../bytes/read.js';
import { CorruptionError } from '../../core/errors.js';
import { KIND, seqNumOf } from '../base/internal-key.js';

export const BATCH_HEADER_BYTES = 12;

const HAS_KEY = 1;
const HAS_VALUE = 2;
const CONSUMES = 4;

/** What follows each kind byte, and whether it takes a number; 0 for kinds no batch may hold. */
const SHAPE = new Uint8Array(256);
for (const kind of [KIND.DELETE, KIND.SINGLEDEL, KIND.INGESTSST]) SHAPE[kind] = HAS_KEY | CONSUMES;
for (const kind of [
  KIND.SET,
  KIND.MERGE,
  KIND.RANGEDEL,
  KIND.RANGEKEYDEL,
  KIND.RANGEKEYUNSET,
  KIND.RANGEKEYSET,
  KIND.DELSIZED,
  KIND.EXCISE,
]) {
  SHAPE[kind] = HAS_KEY | HAS_VALUE | CONSUMES;
}
SHAPE[KIND.LOGDATA] = HAS_KEY;

/**
 * Walks the operations of one batch without allocating. Positions point into `bytes`, which is
 * borrowed from the caller.
 *
 * @throws {CorruptionError} `pebble-wal-batch`, at the record's file offset
 */
export class BatchReader {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly baseHigh: number;
  readonly baseLow: number;
  kind = 0;
  keyPos = 0;
  keyEnd = 0;
  /** Equal to `valueEnd` for kinds without a value. */
  valuePos = 0;
  valueEnd = 0;
  /** Sequence number of the present operation, when its kind consumes one. */
  seqHigh = 0;
  seqLow = 0;

  private readonly path: string;
  private readonly offset: number;
  private pos = BATCH_HEADER_BYTES;
  private consumed = 0;

  /** @param offset file offset of the record, for errors */
  constructor(bytes: Uint8Array, path: string, offset: number) {
    this.bytes = bytes;
    this.path = path;
    this.offset = offset;
    if (bytes.length < BATCH_HEADER_BYTES) {
      throw this.corrupt(`record has ${bytes.length} B, a batch at least ${BATCH_HEADER_BYTES}`);
    }
    this.baseLow = u32le(bytes, 0);
    this.baseHigh = u32le(bytes, 4);
    this.count = u32le(bytes, 8);
    if (this.baseHigh > 0xff_ffff) {
      throw this.corrupt(`sequence number ${this.base} exceeds 56 bits`);
    }
  }

  get base(): bigint {
    return seqNumOf(this.baseHigh, this.baseLow);
  }

  get seqNum(): bigint {
    return seqNumOf(this.seqHigh, this.seqLow);
  }

  /** True when the present operation took a sequence number. */
  get consumes(): boolean {
    return ((SHAPE[this.kind] ?? 0) & CONSUMES) !== 0;
  }

  /** To the next operation. @returns false behind the last one, the count having been checked */
  next(): boolean {
    const bytes = this.bytes;
    if (this.pos >= bytes.length) {
      if (this.consumed !== this.count) {
        throw this.corrupt(
          `batch ${this.base} has ${this.consumed} operations, its header says ${this.count}`,
        );
      }
      return false;
    }
    const kind = bytes[this.pos]!;
    const shape = SHAPE[kind]!;
    if (shape === 0) throw this.corrupt(`batch ${this.base}: unknown kind ${kind}`);
    this.kind = kind;
    const keyLength = this.length(this.pos + 1, 'key');
    this.keyPos = this.pos;
    this.keyEnd = this.pos + keyLength;
    this.pos = this.keyEnd;
    if ((shape & HAS_VALUE) !== 0) {
      const valueLength = this.length(this.keyEnd, 'value');
      this.valuePos = this.pos;
      this.pos += valueLength;
    } else {
      this.valuePos = this.pos;
    }
    this.valueEnd = this.pos;
    if ((shape & CONSUMES) !== 0) this.number();
    return true;
  }

  private number(): void {
    const low = this.baseLow + this.consumed;
    this.seqHigh = this.baseHigh + (low > 0xffffffff ? 1 : 0);
    this.seqLow = low >>> 0;
    this.consumed++;
  }

  /** Reads the uvarint32 length at `pos` and leaves the cursor on the bytes it announces. */
  private length(pos: number, field: string): number {
    const bytes = this.bytes;
    let value = 0;
    let scale = 1;
    let at = pos;
    for (;;) {
      if (at >= bytes.length || at - pos === 5) {
        throw this.corrupt(`batch ${this.base}: ${field} length at ${pos} is cut or overlong`);
      }
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    if (value > bytes.length - at) {
      throw this.corrupt(
        `batch ${this.base}: ${field} at ${at} needs ${value} B, ${bytes.length - at} B left`,
      );
    }
    this.pos = at;
    return value;
  }

  corrupt(message: string): CorruptionError {
    return new CorruptionError('pebble-wal-batch', message, {
      site: { path: this.path, offset: this.offset },
    });
  }
}
