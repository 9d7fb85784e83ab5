/**
 * What a cut takes away, entry by entry: index, term, whether it was committed, which keys and commit
 * timestamps, and whether the store holds it already.
 */
import { fromByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import { openEntry } from '../engine/open-entry.js';
import type { EnvelopeWiring } from '../engine/envelopes.js';
import { entryTypeWord } from '../engine/entry-trace.js';
import type { EntryRecord } from '../engine/boot-report.js';
import { requestsOf } from '../fsm/entry-requests.js';
import { tagOf } from '../fsm/payload.js';
import { PHASE, phaseWord, type PhaseWord, type Request } from '../fsm/request.js';
import { Fault } from '../mvcc/fault.js';
import { readRange } from '../io/byte-source.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { ProtoError } from '../proto/proto-error.js';
import { decodeEntry, ENTRY_TYPE } from '../raft/entry.js';
import type { HardState } from '../raft/hard-state.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import { isRecord, walkFrames, type WalkedRecord } from '../raft/wal/frame-walk.js';
import { META_RECORD_PREFIX } from '../txn/keys.js';
import { decodeMetaRecord } from '../txn/meta-record.js';
import type { WalCut } from './wal-cut.js';

export interface LostRequest {
  readonly phase: PhaseWord;
  readonly ts: bigint;
  /** Null where it cannot be told. */
  readonly commitTs: bigint | null;
  readonly keysHex: readonly string[];
}

export interface LostEntry {
  readonly index: bigint;
  /** Null for an entry that must have been there and cannot be made out. */
  readonly term: bigint | null;
  readonly file: string | null;
  readonly offset: number | null;
  readonly entryType: EntryRecord['entryType'];
  /** The record's own checksum fits what stood before it. */
  readonly intact: boolean;
  readonly committed: boolean;
  /** The store's applied index has reached it. */
  readonly inStore: boolean;
  readonly tag: string | null;
  readonly wrapped: boolean;
  readonly requests: readonly LostRequest[];
  /** Why there are no requests to name; null where there is no reason to ask. */
  readonly note: string | null;
}

export interface WalLoss {
  /** By index, without a gap; of an index that was written twice the later record. */
  readonly entries: readonly LostEntry[];
  /** Records and bytes up to the last one that is not zero. */
  readonly records: number;
  readonly bytes: number;
  readonly segments: readonly string[];
  /** The newest intact one behind the cut. */
  readonly hardState: HardState | undefined;
  readonly snapshots: readonly { readonly index: bigint; readonly term: bigint }[];
  /** Places where no record can be made out. */
  readonly unreadableBytes: number;
  /** What was committed as far as anything shows it: states on either side, and the store. */
  readonly knownCommit: bigint;
}

export interface LossQuestion {
  readonly segments: readonly WalSegment[];
  readonly cut: WalCut;
  /** `T` and `C` of what remains. */
  readonly last: bigint;
  readonly commit: bigint;
  /** `H` of the store; null: no store or no such key. */
  readonly applied: bigint | null;
  readonly envelopes: EnvelopeWiring;
  readonly dialect: ProtoDialect;
}

interface FoundEntry {
  readonly index: bigint;
  readonly record: WalkedRecord;
  readonly segment: WalSegment;
}

export function findLoss(question: LossQuestion): WalLoss {
  const found: FoundEntry[] = [];
  const snapshots: { index: bigint; term: bigint }[] = [];
  let records = 0;
  let bytes = 0;
  let unreadableBytes = 0;
  let hardState: HardState | undefined;
  const { cut, segments, dialect } = question;
  for (const [i, segment] of segments.entries()) {
    if (i < cut.ordinal) continue;
    const start = i === cut.ordinal ? { offset: cut.offset, crc: cut.crc } : { offset: 0, crc: 0 };
    let filled = start.offset;
    for (const frame of walkFrames(segment.source, dialect, start)) {
      if (frame.kind !== 'zeros') filled = frame.offset + frame.length;
      if (frame.kind === 'no-frame') unreadableBytes += frame.length;
      if (!isRecord(frame)) continue;
      records++;
      const { entry, snapshot } = frame;
      if (entry !== undefined) found.push({ record: frame, segment, index: entry.index });
      if (frame.kind !== 'ok') continue;
      if (frame.hardState) hardState = frame.hardState;
      if (snapshot) snapshots.push({ index: snapshot.index, term: snapshot.term });
    }
    bytes += filled - start.offset;
  }
  const knownCommit = max(question.commit, hardState?.commit ?? 0n, question.applied ?? 0n);
  return {
    entries: allEntries(found, question, knownCommit, { hardState, unreadableBytes }),
    records,
    bytes,
    segments: segments.slice(cut.ordinal).map(({ name }) => name),
    hardState,
    snapshots,
    unreadableBytes,
    knownCommit,
  };
}

/** Frame, record and entry of a leader's empty one. */
const LEAST_ENTRY_BYTES = 24;

/** More gaps than this are no gaps but a number that is not true. */
const MAX_GAPS = 1n << 16n;

/**
 * Indexes have no gaps, so one that no record carries was in a record that cannot be made out. The
 * index in a damaged record counts only where an entry of that index must have been.
 */
function allEntries(
  found: readonly FoundEntry[],
  question: LossQuestion,
  knownCommit: bigint,
  { hardState, unreadableBytes }: Pick<WalLoss, 'hardState' | 'unreadableBytes'>,
): LostEntry[] {
  const { last } = question;
  const intact = found.filter(({ record }) => record.kind === 'ok');
  const tail = found.slice(found.findLastIndex(({ record }) => record.kind === 'ok') + 1);
  const sure = max(last, hardState?.commit ?? 0n, ...intact.map(({ index }) => index));
  // The store has applied what the log held: as many more as the dark bytes have room for.
  const room = sure + BigInt(tail.length + Math.ceil(unreadableBytes / LEAST_ENTRY_BYTES));
  const stored = question.applied ?? 0n;
  const end = max(sure + BigInt(tail.length), stored < room ? stored : room);
  const byIndex = new Map<bigint, LostEntry>();
  for (const each of found) {
    if (each.record.kind !== 'ok' && each.index > end) continue;
    byIndex.set(each.index, describe(each, question, knownCommit));
  }
  if (end - last <= MAX_GAPS) {
    for (let index = last + 1n; index <= end; index++) {
      if (!byIndex.has(index)) byIndex.set(index, unnamed(index, question, knownCommit));
    }
  }
  return [...byIndex.values()].sort((a, b) => (a.index < b.index ? -1 : 1));
}

function unnamed(index: bigint, { applied }: LossQuestion, knownCommit: bigint): LostEntry {
  return {
    index,
    term: null,
    file: null,
    offset: null,
    entryType: 'unknown',
    intact: false,
    committed: index <= knownCommit,
    inStore: applied !== null && index <= applied,
    tag: null,
    wrapped: false,
    requests: [],
    note: 'its record cannot be made out',
  };
}

function describe(
  { record, segment }: FoundEntry,
  question: LossQuestion,
  knownCommit: bigint,
): LostEntry {
  const { index, term, type } = record.entry ?? { index: 0n, term: 0n, type: 0 };
  const { applied } = question;
  const base = {
    index,
    term,
    file: `wal/${segment.name}`,
    offset: record.offset,
    entryType: entryTypeWord(type),
    intact: record.kind === 'ok',
    committed: index <= knownCommit,
    inStore: applied !== null && index <= applied,
    tag: null,
    wrapped: false,
    requests: [],
    note: null,
  };
  if (type !== ENTRY_TYPE.normal) return base;
  const data = dataOf(record, segment, question.dialect);
  if (data === undefined) return { ...base, note: 'the record does not parse' };
  const opened = openEntry(question, index, data);
  switch (opened.kind) {
    case 'empty':
      return { ...base, tag: 'empty', note: "a leader's empty entry" };
    case 'not-a-proposal':
      return { ...base, note: 'no proposal: it has no effect' };
    case 'sealed':
      return { ...base, wrapped: true, note: `wrapped: ${opened.fault.text}` };
    case 'payload': {
      const tag = tagOf(opened.payload);
      const requests = requestsOf(tag, opened.payload)?.map(lostRequest) ?? [];
      return { ...base, tag, wrapped: opened.wrapped, requests };
    }
  }
}

function dataOf(
  record: WalkedRecord,
  { source }: WalSegment,
  dialect: ProtoDialect,
): Uint8Array | undefined {
  try {
    const bytes = readRange(source, record.dataOffset, record.dataLength);
    return decodeEntry(bytes, dialect).data ?? new Uint8Array(0);
  } catch (error) {
    if (error instanceof ProtoError) return undefined;
    throw error;
  }
}

/** Keys as the client knows them: the record that a transaction carries first is none. */
function lostRequest(request: Request): LostRequest {
  const keys = request.mutations.filter(({ key }) => !key.startsWith(META_RECORD_PREFIX));
  return {
    phase: phaseWord(request),
    ts: request.ts,
    commitTs: commitTsOf(request),
    keysHex: keys.map(({ key }) => hex(fromByteString(key))),
  };
}

function commitTsOf(request: Request): bigint | null {
  if (!request.isTxn) return request.ts;
  // A prepared write has no commit timestamp yet.
  if (request.phase === PHASE.PREPARE) return null;
  const first = request.mutations[0];
  if (first === undefined || !first.key.startsWith(META_RECORD_PREFIX)) return null;
  const meta = decodeMetaRecord(first.value);
  return meta instanceof Fault || meta.commitTs === 0n ? null : meta.commitTs;
}

function max(...values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a > b ? a : b), 0n);
}
