/**
 * Walks the frames of one segment for forensics, going on after damage (spec/etcd-wal.md §4.7 step 4).
 * The node does none of it.
 *
 * A bad record's frame gives the next offset and its stored CRC is what its successor was written
 * with, so the successor can be verified. Where a frame is nonsense, every multiple of 8 is tried
 * until a frame in exactly the writer's form is found; that one is unverified, its successor again
 * is not.
 */
import { isZero, u32le } from '../../bytes/read.js';
import { crc32c } from '../../checksum/crc32c.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { ProtoError } from '../../proto/proto-error.js';
import { WireReader } from '../../proto/wire-reader.js';
import { EntryHead } from '../entry.js';
import { readHardState, type HardState } from '../hard-state.js';
import { RECORD_TYPE } from './decoder.js';
import { FRAME_BYTES, isWrittenForm, padBytesOf, recBytesOf } from './frame.js';
import { readSnapshotRecord, type SnapshotRecord } from './snapshot-record.js';
import { Window } from './window.js';

export interface WalkedRecord {
  /**
   * `ok`: the CRC continues the chain. `crc-mismatch`: it does not. `unverified`: what stood before
   * is unknown. `malformed`: the frame fits but the record does not parse.
   */
  readonly kind: 'ok' | 'crc-mismatch' | 'unverified' | 'malformed';
  readonly offset: number;
  /** Frame, record and padding. */
  readonly length: number;
  readonly recBytes: number;
  readonly padBytes: number;
  /** -1 where malformed or beyond u32. */
  readonly type: number;
  readonly storedCrc: number | undefined;
  readonly computedCrc: number | undefined;
  /** Absolute offset and length of the record's data; length 0 where it has none. */
  readonly dataOffset: number;
  readonly dataLength: number;
  /** What the data says, where it parses. */
  readonly entry?: { readonly index: bigint; readonly term: bigint; readonly type: number };
  readonly hardState?: HardState;
  readonly snapshot?: SnapshotRecord;
}

/** Bytes between frames: zeros up to the end, or rubbish up to the next frame or the end. */
export interface WalkedGap {
  readonly kind: 'zeros' | 'no-frame';
  readonly offset: number;
  readonly length: number;
}

export type WalkedFrame = WalkedRecord | WalkedGap;

export function isRecord(frame: WalkedFrame): frame is WalkedRecord {
  return frame.kind !== 'zeros' && frame.kind !== 'no-frame';
}

export interface WalkStart {
  readonly offset: number;
  /** Running CRC there; undefined: unknown. */
  readonly crc: number | undefined;
}

const FROM_START: WalkStart = { offset: 0, crc: 0 };

/** Every frame of `source` from `start` on, in order, without a hole and without overlap. */
export function* walkFrames(
  source: ByteSource,
  dialect: ProtoDialect,
  start: WalkStart = FROM_START,
): Generator<WalkedFrame, void> {
  const walker = new Walker(source, dialect);
  let { offset, crc } = start;
  while (offset < source.size) {
    const frame = walker.frameAt(offset, crc);
    yield frame;
    offset += frame.length;
    crc = isRecord(frame) ? frame.storedCrc : undefined;
  }
}

/** Longest head of a record in the writer's form: type, crc, tag and length of the data. */
const HEAD_BYTES = 24;

class Walker {
  private readonly source: ByteSource;
  private readonly window = new Window();
  private readonly record: WireReader;
  private readonly message: WireReader;
  /** For looking ahead without losing the place. */
  private readonly probe = new Window(FRAME_BYTES + HEAD_BYTES);
  /** Hostile lengths could make overlapping records be read again and again. */
  private budget: number;

  constructor(source: ByteSource, dialect: ProtoDialect) {
    this.source = source;
    this.window.turnTo(source);
    this.probe.turnTo(source);
    this.record = new WireReader(dialect);
    this.message = new WireReader(dialect);
    this.budget = 4 * source.size;
  }

  frameAt(offset: number, crc: number | undefined): WalkedFrame {
    const left = this.source.size - offset;
    if (left < FRAME_BYTES) return { kind: 'no-frame', offset, length: left };
    const pos = this.window.ensure(offset, FRAME_BYTES);
    const lo = u32le(this.window.bytes, pos);
    const hi = u32le(this.window.bytes, pos + 4);
    const recBytes = recBytesOf(hi, lo);
    const padBytes = padBytesOf(hi);
    const length = FRAME_BYTES + recBytes + padBytes;
    if ((lo | hi) === 0 || length > left) return this.gap(offset);
    this.budget -= length;
    if (this.budget < 0 && !this.mayFollow(offset + length)) return this.gap(offset);
    const found = this.recordAt(offset, recBytes, padBytes, crc);
    // A bad record is believed about its length only if something sensible follows there.
    const believed = found.kind === 'ok' || this.mayFollow(offset + length);
    return believed ? found : this.gap(offset);
  }

  private recordAt(
    offset: number,
    recBytes: number,
    padBytes: number,
    crc: number | undefined,
  ): WalkedRecord {
    const length = FRAME_BYTES + recBytes + padBytes;
    const pos = this.window.ensure(offset + FRAME_BYTES, recBytes);
    const r = this.record.at(this.source.path, this.window.base);
    r.reset(this.window.bytes, pos, pos + recBytes, 'Record');
    let type = 0;
    let storedCrc = 0;
    let from = pos;
    let to = pos;
    try {
      while (r.next()) {
        if (r.field === 1) {
          if (r.varint('Type')) type = r.hi === 0 ? r.lo : -1;
        } else if (r.field === 2) {
          if (r.varint('Crc')) storedCrc = r.lo;
        } else if (r.field === 3) {
          if (r.range('Data')) [from, to] = [r.from, r.to];
        } else r.skip();
      }
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      return {
        kind: 'malformed',
        offset,
        length,
        recBytes,
        padBytes,
        type: -1,
        storedCrc: undefined,
        computedCrc: undefined,
        dataOffset: offset + FRAME_BYTES,
        dataLength: 0,
      };
    }
    const computedCrc = this.computed(type, storedCrc, crc, from, to);
    const fits = computedCrc === storedCrc;
    return {
      kind: computedCrc === undefined ? 'unverified' : fits ? 'ok' : 'crc-mismatch',
      offset,
      length,
      recBytes,
      padBytes,
      type,
      storedCrc,
      computedCrc,
      dataOffset: this.window.base + from,
      dataLength: to - from,
      ...this.meaning(type, from, to),
    };
  }

  private computed(
    type: number,
    stored: number,
    crc: number | undefined,
    from: number,
    to: number,
  ): number | undefined {
    if (crc === undefined) return undefined;
    // A crc record carries the chain's value, and at the value 0 the reader believes it.
    if (type === RECORD_TYPE.crc) return crc === 0 ? stored : crc;
    return crc32c(this.window.bytes.subarray(from, to), crc);
  }

  private meaning(type: number, from: number, to: number): Partial<WalkedRecord> {
    const message = this.message.at(this.source.path, this.window.base);
    const at = (name: string): WireReader => message.reset(this.window.bytes, from, to, name);
    try {
      if (type === RECORD_TYPE.entry) {
        const head = new EntryHead();
        head.read(at('Entry'));
        return { entry: { index: head.index, term: head.term, type: head.type } };
      }
      if (type === RECORD_TYPE.state) return { hardState: readHardState(at('HardState')) };
      if (type === RECORD_TYPE.snapshot) return { snapshot: readSnapshotRecord(at('Snapshot')) };
      return {};
    } catch (error) {
      if (error instanceof ProtoError) return {};
      throw error;
    }
  }

  /** From `offset`, where no frame is, to the next one or the end. */
  private gap(offset: number): WalkedGap {
    let at = offset - (offset % 8) + 8;
    let zeros = this.isZeroWord(offset, Math.min(at, this.source.size));
    while (at < this.source.size) {
      const end = Math.min(at + 8, this.source.size);
      if (!this.isZeroWord(at, end)) {
        zeros = false;
        if (this.isWrittenFrame(this.window, at)) break;
      }
      at += 8;
    }
    const length = Math.min(at, this.source.size) - offset;
    return { kind: zeros ? 'zeros' : 'no-frame', offset, length };
  }

  private isZeroWord(from: number, to: number, window = this.window): boolean {
    const pos = window.ensure(from, to - from);
    return isZero(window.bytes, pos, pos + (to - from));
  }

  /** The end of the file, a zero length field, or a frame. */
  private mayFollow(offset: number): boolean {
    if (offset === this.source.size) return true;
    if (this.source.size - offset < FRAME_BYTES) return false;
    const { probe } = this;
    return (
      this.isZeroWord(offset, offset + FRAME_BYTES, probe) || this.isWrittenFrame(probe, offset)
    );
  }

  /** Whether frame and record at `offset` have exactly the form the writer gives them. */
  private isWrittenFrame(window: Window, offset: number): boolean {
    const left = this.source.size - offset;
    if (left < FRAME_BYTES) return false;
    const head = Math.min(FRAME_BYTES + HEAD_BYTES, left);
    const pos = window.ensure(offset, head);
    const bytes = window.bytes;
    const lo = u32le(bytes, pos);
    const hi = u32le(bytes, pos + 4);
    const recBytes = recBytesOf(hi, lo);
    if (!isWrittenForm(hi, lo) || recBytes < 4) return false;
    if (FRAME_BYTES + recBytes + padBytesOf(hi) > left) return false;
    const end = pos + Math.min(FRAME_BYTES + recBytes, head);
    return isWrittenHead(bytes, pos + FRAME_BYTES, end, recBytes);
  }
}

/** `08 type 10 crc`, then nothing or `1a length` with exactly that many bytes left. */
function isWrittenHead(bytes: Uint8Array, from: number, end: number, recBytes: number): boolean {
  const type = bytes[from + 1] ?? 0;
  if (bytes[from] !== 0x08 || type < 1 || type > 5 || bytes[from + 2] !== 0x10) return false;
  let pos = varintEnd(bytes, from + 3, end);
  if (pos < 0) return false;
  if (pos - from === recBytes) return true;
  if (pos >= end || bytes[pos] !== 0x1a) return false;
  let length = 0;
  let scale = 1;
  const lengthEnd = varintEnd(bytes, ++pos, end);
  if (lengthEnd < 0) return false;
  for (; pos < lengthEnd; pos++) {
    length += ((bytes[pos] ?? 0) & 0x7f) * scale;
    scale *= 128;
  }
  return lengthEnd - from + length === recBytes;
}

/** Position behind a varint of at most five bytes, or -1. */
function varintEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let pos = from; pos < Math.min(from + 5, end); pos++) {
    if ((bytes[pos] ?? 0) < 0x80) return pos + 1;
  }
  return -1;
}
