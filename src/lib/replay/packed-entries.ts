/**
 * Entries on their way to another thread: handed-on records as bytes in one buffer, several hundred to
 * a piece, because a message an entry, or an object an entry, would cost more than the work that is
 * given away. An entry begins at a multiple of 8:
 *
 *     u64   index, term, offset, proposal id, ceiling in ms (i64)
 *     u32   flags (below), file, tag, payload length, number of requests, length of all of this
 *     …     requests, each: u64 timestamp, commit timestamp | u32 phase, mutations, key length or
 *           -1, whether the commit timestamp is null | the key's hex digits, to a multiple of 8
 *     …     payload, to a multiple of 8
 *
 * File, tag and phase are numbers of texts, which travel once. What has no place here, errors and conf
 * changes, travels as the record itself.
 */
import { byteStringOf } from '../bytes/byte-string.js';
import { DISPOSITIONS, type EntryRecord, type RequestRecord } from '../engine/boot-report.js';
import type { DraftDetail, DraftRecord, EntrySink } from './replay-record.js';

/** A piece is handed on when it holds so much. */
export const PIECE_BYTES = 1 << 20;
/** The last entry of most pieces fits too. */
const ROOM_BYTES = PIECE_BYTES + (64 << 10);
const HEAD_BYTES = 64;
const REQUEST_BYTES = 32;

const ENTRY_TYPES: readonly EntryRecord['entryType'][] = [
  'normal',
  'confChange',
  'confChangeV2',
  'unknown',
];

/** Bits 0 and 1 are the entry type, 2 to 5 the disposition. */
const TYPE_MASK = 3;
const DISPOSITION_AT = 2;
const DISPOSITION_MASK = 15;
const NO_DISPOSITION = 15;
const FLAG = {
  committed: 1 << 6,
  knowsCommitted: 1 << 7,
  told: 1 << 8,
  applied: 1 << 9,
  wrapped: 1 << 10,
  onlyRead: 1 << 11,
  hasOffset: 1 << 12,
  hasProposal: 1 << 13,
  hasCeiling: 1 << 14,
  hasPayload: 1 << 15,
  /** The record itself is in `others`. */
  other: 1 << 16,
} as const;

const NO_REQUESTS: readonly RequestRecord[] = [];
const NO_NAMES: readonly string[] = [];
/** The number that stands for no text. */
const NO_TEXT = 0xffff_ffff;
const NO_KEY = 0xffff_ffff;

/** Places of the u32 behind the five u64, counted in u32 from the beginning. */
const FLAGS = 10;
const FILE = 11;
const TAG = 12;
const PAYLOAD_LENGTH = 13;
const REQUESTS = 14;
const LENGTH = 15;

/** A record that does not fit the bytes; its payload is in them all the same. */
export interface OtherEntry {
  readonly record: DraftRecord;
  readonly detail: DraftDetail;
}

/** Everything in it may be cloned; `memory` may be handed over. */
export interface PackedEntries {
  readonly memory: ArrayBuffer;
  /** How much of it is in use. */
  readonly length: number;
  /** Those that no earlier piece has had, numbered on. */
  readonly texts: readonly string[];
  readonly others: readonly OtherEntry[];
}

/** One piece of memory in the sizes that are written and read. */
class Piece {
  readonly memory: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;

  constructor(memory: ArrayBuffer) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory);
    this.u32 = new Uint32Array(memory);
    this.u64 = new BigUint64Array(memory);
    this.i64 = new BigInt64Array(memory);
    this.f64 = new Float64Array(memory);
  }
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function putDigits(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

export class EntryPacker implements EntrySink {
  private piece = new Piece(new ArrayBuffer(ROOM_BYTES));
  private at = 0;
  private others: OtherEntry[] = [];
  private texts: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly full: (packed: PackedEntries) => ArrayBuffer | undefined;
  private lastFile: string | null = null;
  private lastFileNumber = NO_TEXT;
  /** One whose 64 bits have been looked at. */
  private lastCeiling = 0n;

  /** @param full  takes a piece that is full, and may give memory to go on with */
  constructor(full: (packed: PackedEntries) => ArrayBuffer | undefined) {
    this.full = full;
  }

  take(record: DraftRecord, detail: DraftDetail): void {
    const { requests } = record;
    const isOther = !this.fits(record, detail);
    const count = isOther ? 0 : requests.length;
    let length = HEAD_BYTES + count * REQUEST_BYTES + padded(detail.payload?.length ?? 0);
    for (let i = 0; i < count; i++) length += padded(requests[i]!.keyHex?.length ?? 0);
    if (this.at + length > this.piece.bytes.length) this.grow(length);
    if (isOther) {
      const change = detail.change && { ...detail.change, context: undefined };
      this.others.push({ record, detail: { ...detail, change, payload: null } });
    }
    this.putHead(record, detail, isOther, count, length);
    let at = this.at + HEAD_BYTES;
    for (let i = 0; i < count; i++) at = this.putRequest(requests[i]!, at);
    if (detail.payload !== null) this.piece.bytes.set(detail.payload, at);
    this.at += length;
    if (this.at >= PIECE_BYTES) this.finish();
  }

  /** Hands on what there is. */
  finish(): void {
    const { texts, others, at: length } = this;
    if (length === 0) return;
    this.texts = [];
    this.others = [];
    this.at = 0;
    const spare = this.full({ memory: this.piece.memory, length, texts, others });
    this.piece = new Piece(spare ?? new ArrayBuffer(ROOM_BYTES));
  }

  private grow(need: number): void {
    const { bytes } = this.piece;
    this.piece = new Piece(new ArrayBuffer(padded(this.at + need)));
    this.piece.bytes.set(bytes.subarray(0, this.at));
  }

  private fits(record: DraftRecord, detail: DraftDetail): boolean {
    const { ceilingMs, requests } = record;
    if (ceilingMs !== null && ceilingMs !== this.lastCeiling) {
      if (BigInt.asIntN(64, ceilingMs) !== ceilingMs) return false;
      this.lastCeiling = ceilingMs;
    }
    if (record.error !== null || record.errorNames.length > 0) return false;
    const { change, members, overwrittenBy, unreadable } = detail;
    if ((change ?? members ?? overwrittenBy ?? unreadable) !== null) return false;
    for (let i = 0; i < requests.length; i++) {
      const { error, errorNames, errorKeyHex } = requests[i]!;
      if (error !== null || errorNames.length > 0 || errorKeyHex !== null) return false;
    }
    return true;
  }

  private putHead(
    record: DraftRecord,
    { payload, onlyRead }: DraftDetail,
    isOther: boolean,
    count: number,
    length: number,
  ): void {
    const { u32, u64, i64, f64 } = this.piece;
    const { offset, proposalId, ceilingMs, committed, disposition } = record;
    const word = this.at >>> 3;
    u64[word] = record.index;
    u64[word + 1] = record.term;
    f64[word + 2] = offset ?? 0;
    u64[word + 3] = proposalId ?? 0n;
    i64[word + 4] = ceilingMs ?? 0n;
    const place = disposition === null ? NO_DISPOSITION : DISPOSITIONS.indexOf(disposition);
    const half = this.at >>> 2;
    u32[half + FLAGS] =
      ENTRY_TYPES.indexOf(record.entryType) |
      (place << DISPOSITION_AT) |
      (committed === true ? FLAG.committed : 0) |
      (committed === null ? 0 : FLAG.knowsCommitted) |
      (record.told ? FLAG.told : 0) |
      (record.applied ? FLAG.applied : 0) |
      (record.wrapped ? FLAG.wrapped : 0) |
      (onlyRead ? FLAG.onlyRead : 0) |
      (offset === null ? 0 : FLAG.hasOffset) |
      (proposalId === null ? 0 : FLAG.hasProposal) |
      (ceilingMs === null ? 0 : FLAG.hasCeiling) |
      (payload === null ? 0 : FLAG.hasPayload) |
      (isOther ? FLAG.other : 0);
    u32[half + FILE] = this.fileNumber(record.file);
    u32[half + TAG] = this.numberOf(record.tag);
    u32[half + PAYLOAD_LENGTH] = payload?.length ?? 0;
    u32[half + REQUESTS] = count;
    u32[half + LENGTH] = length;
  }

  private putRequest(
    { ts, commitTs, phase, mutations, keyHex }: RequestRecord,
    at: number,
  ): number {
    const { bytes, u32, u64 } = this.piece;
    const word = at >>> 3;
    u64[word] = ts;
    u64[word + 1] = commitTs ?? 0n;
    const half = (at >>> 2) + 4;
    u32[half] = this.numberOf(phase);
    u32[half + 1] = mutations;
    u32[half + 2] = keyHex?.length ?? NO_KEY;
    u32[half + 3] = commitTs === null ? 1 : 0;
    if (keyHex === null) return at + REQUEST_BYTES;
    putDigits(bytes, at + REQUEST_BYTES, keyHex);
    return at + REQUEST_BYTES + padded(keyHex.length);
  }

  private fileNumber(file: string | null): number {
    if (file !== this.lastFile) {
      this.lastFile = file;
      this.lastFileNumber = this.numberOf(file);
    }
    return this.lastFileNumber;
  }

  private numberOf(text: string | null): number {
    if (text === null) return NO_TEXT;
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(text, number);
      this.texts.push(text);
    }
    return number;
  }
}

/** The other end: pieces in the order in which they were packed. */
export class EntryUnpacker {
  private readonly texts: string[];
  private readonly sink: EntrySink;

  /** @param texts  of pieces that somebody else has unpacked */
  constructor(sink: EntrySink, texts: readonly string[] = []) {
    this.sink = sink;
    this.texts = [...texts];
  }

  unpack({ memory, length, texts, others }: PackedEntries): void {
    this.texts.push(...texts);
    const piece = new Piece(memory);
    let other = 0;
    for (let at = 0; at < length; at += piece.u32[(at >>> 2) + LENGTH]!) {
      const half = at >>> 2;
      const flags = piece.u32[half + FLAGS]!;
      const size = piece.u32[half + PAYLOAD_LENGTH]!;
      const end = at + piece.u32[half + LENGTH]! - padded(size);
      const payload =
        (flags & FLAG.hasPayload) === 0 ? null : piece.bytes.subarray(end, end + size);
      if ((flags & FLAG.other) !== 0) {
        const { record, detail } = others[other++]!;
        this.sink.take(record, { ...detail, payload });
        continue;
      }
      this.sink.take(this.recordAt(piece, at, flags, size), {
        payload,
        change: null,
        members: null,
        encryption: null,
        overwrittenBy: null,
        onlyRead: (flags & FLAG.onlyRead) !== 0,
        unreadable: null,
      });
    }
  }

  private recordAt(piece: Piece, at: number, flags: number, size: number): DraftRecord {
    const { u32, u64, i64, f64 } = piece;
    const word = at >>> 3;
    const half = at >>> 2;
    const place = (flags >>> DISPOSITION_AT) & DISPOSITION_MASK;
    return {
      index: u64[word]!,
      term: u64[word + 1]!,
      file: this.texts[u32[half + FILE]!] ?? null,
      offset: (flags & FLAG.hasOffset) !== 0 ? f64[word + 2]! : null,
      entryType: ENTRY_TYPES[flags & TYPE_MASK]!,
      committed: (flags & FLAG.knowsCommitted) === 0 ? null : (flags & FLAG.committed) !== 0,
      disposition: DISPOSITIONS[place] ?? null,
      told: (flags & FLAG.told) !== 0,
      applied: (flags & FLAG.applied) !== 0,
      tag: this.texts[u32[half + TAG]!] ?? null,
      proposalId: (flags & FLAG.hasProposal) !== 0 ? u64[word + 3]! : null,
      wrapped: (flags & FLAG.wrapped) !== 0,
      payloadLength: (flags & FLAG.hasPayload) !== 0 ? size : null,
      payloadSha256: null,
      requests: this.requestsAt(piece, at),
      error: null,
      errorNames: NO_NAMES,
      ceilingMs: (flags & FLAG.hasCeiling) !== 0 ? i64[word + 4]! : null,
    };
  }

  private requestsAt({ bytes, u32, u64 }: Piece, entryAt: number): readonly RequestRecord[] {
    const count = u32[(entryAt >>> 2) + REQUESTS]!;
    if (count === 0) return NO_REQUESTS;
    const requests: RequestRecord[] = [];
    let at = entryAt + HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      const half = (at >>> 2) + 4;
      const keyLength = u32[half + 2]!;
      const keyAt = at + REQUEST_BYTES;
      requests.push({
        phase: this.texts[u32[half]!] as RequestRecord['phase'],
        ts: u64[at >>> 3]!,
        commitTs: u32[half + 3] === 1 ? null : u64[(at >>> 3) + 1]!,
        mutations: u32[half + 1]!,
        error: null,
        errorNames: NO_NAMES,
        errorKeyHex: null,
        keyHex: keyLength === NO_KEY ? null : byteStringOf(bytes, keyAt, keyAt + keyLength),
      });
      at = keyAt + (keyLength === NO_KEY ? 0 : padded(keyLength));
    }
    return requests;
  }
}
