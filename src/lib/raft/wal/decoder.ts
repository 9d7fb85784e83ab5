/**
 * Reads a list of segments record by record, exactly as the node does (spec/etcd-wal.md §2.5).
 *
 *     const decoder = new WalDecoder(segments, PROTO_37);
 *     while (decoder.next()) …decoder.type, decoder.dataFrom, decoder.dataTo in decoder.bytes…
 *     decoder.end
 *     decoder.close()
 *
 * `walpb.Record` (§2.2): 1 type: int64   2 crc: uint32   3 data: bytes
 *
 * The data's CRC is verified for every type but crc; for a crc record the caller calls
 * `acceptCrcRecord` (§2.4). A log that is read again need not be verified again: up to where the first
 * reading came, what a record says of its CRC is known to be true once the chains are in step, that
 * is behind a crc record. Memory is one window, grown to the largest record. Nothing is allocated per
 * record but a view for the checksum.
 */
import { joinU64 } from '../../bytes/halves.js';
import { u32le } from '../../bytes/read.js';
import { CHUNK_BYTES, borrowChunk, crc32cRange, returnChunk } from '../../checksum/crc32c.js';
import type { ErrorCode } from '../../core/codes/all.js';
import { assert } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { ProtoError } from '../../proto/proto-error.js';
import { WireReader } from '../../proto/wire-reader.js';
import { goQuote } from '../go-quote.js';
import { FRAME_BYTES, exactRecBytes, padBytesOf, recBytesOf } from './frame.js';
import { isTorn } from './torn.js';
import type { CorruptEnd, SkippedRest, TornEnd, WalEnd } from './wal-end.js';
import { Window } from './window.js';

export const RECORD_TYPE = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;

export const UNEXPECTED_EOF = 'unexpected EOF';
/** Without numbers and position: what a crc record that breaks the chain is called. */
export const BARE_CRC_MISMATCH = 'walpb: crc mismatch';

export interface WalSegment {
  readonly name: string;
  readonly source: ByteSource;
}

interface EndDetail {
  readonly panic?: boolean;
  readonly detail?: string;
}

/** A place in a log that was read before. */
export interface WalPlace {
  /** Undefined: nothing was read. */
  readonly segment: string | undefined;
  readonly offset: number;
}

export interface DecoderOptions {
  readonly windowBytes?: number | undefined;
  /** Up to here an earlier reading of these files, or of more of them, found every CRC right. */
  readonly verifiedTo?: WalPlace | undefined;
}

export class WalDecoder {
  readonly segments: readonly WalSegment[];
  /** Position in `segments` of the current one. */
  ordinal = 0;
  /** Behind the last good record of the current segment. */
  offset = 0;
  /** Running CRC. */
  crc = 0;
  /** Set once `next` has returned false. */
  end: WalEnd | undefined;
  /** Rests of segments passed over without a word. */
  readonly skipped: SkippedRest[] = [];

  /** Of the record at hand. `type` is -1 for a number that fits no u32; `typeNumber` is exact. */
  type = 0;
  storedCrc = 0;
  hasData = false;
  /** Range of the data in `bytes`, valid until the next call of `next`. */
  dataFrom = 0;
  dataTo = 0;
  /** Offset of the frame in the current segment; the record begins 8 bytes behind it. */
  frameOffset = 0;
  recBytes = 0;
  padBytes = 0;

  private typeLo = 0;
  private typeHi = 0;
  /** Position in `segments` of the place that was verified; -1 without one. */
  private readonly verifiedOrdinal: number;
  private readonly verifiedOffset: number;
  /** A crc record has been accepted: from there on the chain is the one that was verified. */
  private chained = false;
  /** Memory in which checksums need no copy; goes back on `close`. */
  private chunk: Uint8Array | undefined;
  private readonly window: Window;
  private readonly record: WireReader;
  private readonly message: WireReader;

  constructor(
    segments: readonly WalSegment[],
    dialect: ProtoDialect,
    { windowBytes = CHUNK_BYTES, verifiedTo }: DecoderOptions = {},
  ) {
    this.segments = segments;
    this.verifiedOrdinal = segments.findIndex(({ name }) => name === verifiedTo?.segment);
    this.verifiedOffset = verifiedTo?.offset ?? 0;
    const sums = this.verifiedOrdinal < 0 && windowBytes === CHUNK_BYTES;
    this.chunk = sums ? borrowChunk() : undefined;
    this.window = new Window(windowBytes, this.chunk);
    this.record = new WireReader(dialect);
    this.message = new WireReader(dialect);
    if (segments[0]) this.window.turnTo(segments[0].source);
  }

  get bytes(): Uint8Array {
    return this.window.bytes;
  }

  /** Offset in the segment of the data of the record at hand. */
  get dataOffset(): number {
    return this.window.base + this.dataFrom;
  }

  get segment(): WalSegment {
    const segment = this.segments[this.ordinal];
    assert(segment !== undefined, 'a record was read from a segment');
    return segment;
  }

  /** The record's type as the signed 64-bit number it is. */
  get typeNumber(): bigint {
    return BigInt.asIntN(64, joinU64(this.typeHi, this.typeLo));
  }

  /** To the next good record. @returns false when the log has ended: see `end` */
  next(): boolean {
    if (this.end !== undefined) return false;
    const found = this.nextFrame();
    return found && this.readRecord();
  }

  /** Gives the window's memory back: nothing of the last record may be looked at any more. */
  close(): void {
    if (this.chunk) returnChunk(this.chunk);
    this.chunk = undefined;
  }

  /** §2.4: the crc record at hand becomes the running value. @returns false when it mismatches */
  acceptCrcRecord(): boolean {
    if (this.crc !== 0 && this.crc !== this.storedCrc) return false;
    this.crc = this.storedCrc;
    this.chained = true;
    return true;
  }

  /** A reader of the record's data as a message. Valid until the next call of `next`. */
  dataMessage(goName: string): WireReader {
    const reader = this.message.at(this.segment.source.path, this.window.base);
    return reader.reset(this.bytes, this.dataFrom, this.dataTo, goName);
  }

  /** The record at hand is what stops the reading. `offset` stays behind it. */
  stop(code: ErrorCode, nodeError: string, more?: EndDetail): CorruptEnd {
    const end = this.corruptEnd(code, nodeError, more);
    this.end = end;
    return end;
  }

  /** An end at the record at hand, for a reader that stops while another goes on. */
  corruptEnd(code: ErrorCode, nodeError: string, more: EndDetail = {}): CorruptEnd {
    return {
      kind: 'corrupt',
      code,
      segment: this.segment.name,
      offset: this.frameOffset,
      nodeError,
      panic: more.panic ?? false,
      detail: more.detail,
    };
  }

  /** Finds the next length field that is not zero, in this segment or a later one. */
  private nextFrame(): boolean {
    for (;;) {
      const segment = this.segments[this.ordinal];
      if (segment === undefined) {
        this.end = { kind: 'end-of-file', segment: undefined, offset: 0 };
        return false;
      }
      const left = segment.source.size - this.offset;
      if (left > 0 && left < FRAME_BYTES) {
        this.frameOffset = this.offset;
        return this.torn('length-field-cut', UNEXPECTED_EOF);
      }
      const pos = left <= 0 ? -1 : this.window.ensure(this.offset, FRAME_BYTES);
      if (pos >= 0) {
        const lo = u32le(this.bytes, pos);
        const hi = u32le(this.bytes, pos + 4);
        if ((lo | hi) !== 0) return this.checkLength(lo, hi, left);
      }
      if (this.ordinal === this.segments.length - 1) {
        const kind = pos < 0 ? 'end-of-file' : 'preallocated';
        this.end = { kind, segment: segment.name, offset: this.offset };
        return false;
      }
      if (pos >= 0) this.skipped.push({ segment: segment.name, offset: this.offset, bytes: left });
      this.ordinal++;
      this.offset = 0;
      this.window.turnTo(this.segment.source);
    }
  }

  private checkLength(lo: number, hi: number, left: number): boolean {
    this.frameOffset = this.offset;
    this.recBytes = recBytesOf(hi, lo);
    this.padBytes = padBytesOf(hi);
    const limit = left - this.padBytes;
    if (this.recBytes > limit) {
      const { name, source } = this.segment;
      const sum = `fileSize(${source.size}) - offset(${this.offset}) - padBytes(${this.padBytes})`;
      return this.torn(
        'record-longer-than-file',
        `${UNEXPECTED_EOF}: [wal] max entry size limit exceeded when reading ${goQuote(name)}, ` +
          `recBytes: ${exactRecBytes(hi, lo)}, ${sum} = entryLimit(${limit})`,
      );
    }
    if (FRAME_BYTES + this.recBytes + this.padBytes > left) {
      return this.torn('record-cut', UNEXPECTED_EOF);
    }
    return true;
  }

  private readRecord(): boolean {
    const length = this.recBytes + this.padBytes;
    const at = this.frameOffset + FRAME_BYTES;
    const pos = this.window.ensure(at, length);
    try {
      this.parseRecord(pos);
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      if (this.inTornRecord(pos, length)) return this.torn('zero-sector', UNEXPECTED_EOF);
      if (error.unexpectedEof) return this.torn('message-cut', UNEXPECTED_EOF);
      this.stop('wal-record-malformed', error.nodeError ?? error.detail, { detail: error.detail });
      return false;
    }
    if (this.type !== RECORD_TYPE.crc) {
      const crc = this.crcOfRecord(at + length);
      if (crc !== this.storedCrc) return this.mismatch(crc, pos, length);
      this.crc = crc;
    }
    this.offset = at + length;
    return true;
  }

  /** The running CRC behind the record at hand. */
  private crcOfRecord(end: number): number {
    if (!this.hasData) return this.crc;
    const { ordinal, verifiedOrdinal } = this;
    const verified =
      ordinal < verifiedOrdinal || (ordinal === verifiedOrdinal && end <= this.verifiedOffset);
    if (verified && this.chained) return this.storedCrc;
    return crc32cRange(this.bytes, this.dataFrom, this.dataTo, this.crc);
  }

  private parseRecord(pos: number): void {
    const r = this.record.at(this.segment.source.path, this.window.base);
    r.reset(this.bytes, pos, pos + this.recBytes, 'Record');
    this.typeLo = this.typeHi = this.storedCrc = this.dataFrom = this.dataTo = 0;
    this.hasData = false;
    while (r.next()) {
      if (r.field === 1) {
        if (!r.varint('Type')) continue;
        this.typeLo = r.lo;
        this.typeHi = r.hi;
      } else if (r.field === 2) {
        if (r.varint('Crc')) this.storedCrc = r.lo;
      } else if (r.field === 3) {
        if (!r.range('Data')) continue;
        this.hasData = true;
        this.dataFrom = r.from;
        this.dataTo = r.to;
      } else r.skip();
    }
    this.type = this.typeHi === 0 ? this.typeLo : -1;
  }

  private mismatch(computed: number, pos: number, length: number): false {
    const where = `in file '${this.segment.name}' at position: ${this.frameOffset}`;
    if (this.inTornRecord(pos, length)) {
      return this.torn('zero-sector', `${UNEXPECTED_EOF}: ${where}`);
    }
    const stored = this.storedCrc.toString(16);
    this.stop(
      'wal-crc-mismatch',
      `${BARE_CRC_MISMATCH}: expected: ${stored} computed: ${computed.toString(16)}: ${where}`,
    );
    return false;
  }

  /** Asked only in the last segment of the list. */
  private inTornRecord(pos: number, length: number): boolean {
    if (this.ordinal !== this.segments.length - 1) return false;
    return isTorn(this.bytes, pos, pos + length, this.frameOffset + FRAME_BYTES);
  }

  private torn(why: TornEnd['why'], nodeError: string): false {
    this.end = {
      kind: 'torn',
      why,
      code: 'wal-torn',
      segment: this.segment.name,
      offset: this.offset,
      nodeError,
    };
    return false;
  }
}
