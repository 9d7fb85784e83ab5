/**
 * One record of a replay (spec/output.md §4). A boot's own records come from the engine; here are
 * those of entries it does not handle, decoded and not applied.
 */
import { fromByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import { openEntry, type EntryOpener, type OpenedEntry } from '../engine/open-entry.js';
import type { AppliedChange } from '../engine/boot-watcher.js';
import type { Disposition, EntryRecord, RequestRecord } from '../engine/boot-report.js';
import { entryTypeWord, shortSha256 } from '../engine/entry-trace.js';
import type { LogEntry } from '../engine/raft-log.js';
import { requestsOf, shownKeyOf } from '../fsm/entry-requests.js';
import { tagOf, type PayloadTag } from '../fsm/payload.js';
import { PHASE, phaseWord, type Request } from '../fsm/request.js';
import { Fault } from '../mvcc/fault.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { ProtoError } from '../proto/proto-error.js';
import {
  asV2,
  decodeConfChange,
  decodeConfChangeV2,
  type ConfChangeV2,
} from '../raft/conf-change.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import { META_RECORD_PREFIX } from '../txn/keys.js';
import { decodeMetaRecord } from '../txn/meta-record.js';
import { encryptionOutline, type EncryptionOutline } from './encryption-outline.js';
import type { RecordSite } from './wal-survey.js';

/** As the engine's, but of an entry that no boot handles some things are not known. */
export interface ReplayRecord extends Omit<EntryRecord, 'disposition' | 'committed' | 'ceilingMs'> {
  /** Null where nothing that is known decides it. */
  readonly disposition: Disposition | null;
  /** Null where no state record is at hand. */
  readonly committed: boolean | null;
  /** Null where no boot is followed. */
  readonly ceilingMs: bigint | null;
}

/** What a record leaves out and a listing shows. */
export interface ReplayDetail {
  /** In clear; borrowed. Null where there is none, or it does not unwrap. */
  readonly payload: Uint8Array | null;
  readonly change: ConfChangeV2 | null;
  /** Members in force after an applied conf change. */
  readonly members: AppliedChange['members'] | null;
  readonly encryption: EncryptionOutline | null;
  /** The record that overwrote this one. */
  readonly overwrittenBy: RecordSite | null;
  /** The requests were read, and nothing was applied. */
  readonly onlyRead: boolean;
  /** Why the payload or the conf change cannot be read. */
  readonly unreadable: string | null;
}

export interface ReplaySink {
  add(record: ReplayRecord, detail: ReplayDetail): void;
}

type Filled = 'tag' | 'payloadSha256' | 'requests';

/** A record without what its payload says by itself; to be filled in where it is. */
export type DraftRecord = Omit<ReplayRecord, Filled> & {
  -readonly [Name in Filled]: ReplayRecord[Name];
};

export type DraftDetail = Omit<ReplayDetail, 'encryption'> & {
  encryption: ReplayDetail['encryption'];
};

/**
 * Takes entries as a replay hands them on: without what the payload says by itself, its digest and,
 * where nothing was applied, its tag and requests. `Completing` fills these in.
 */
export interface EntrySink {
  take(record: DraftRecord, detail: DraftDetail): void;
}

export class Completing implements EntrySink {
  private readonly sink: ReplaySink;

  constructor(sink: ReplaySink) {
    this.sink = sink;
  }

  /** In place: an object more an entry would be seen in the time of a long log. */
  take(record: DraftRecord, detail: DraftDetail): void {
    const { payload } = detail;
    if (payload !== null) {
      record.payloadSha256 ??= shortSha256(payload);
      if (detail.onlyRead) {
        const tag = tagOf(payload);
        record.tag = tag;
        record.requests = outlinesOf(tag, payload);
      }
      detail.encryption = encryptionOutline(record.tag, payload);
    }
    this.sink.add(record, detail);
  }
}

/** What is known of an entry's fate where no boot handles it. */
export interface Fate {
  readonly disposition: Disposition | null;
  readonly committed: boolean | null;
  readonly ceilingMs: bigint | null;
  readonly overwrittenBy?: RecordSite | null;
}

/** Hands an entry to `sink` that is decoded and not applied. */
export function addUnapplied(
  sink: EntrySink,
  entry: LogEntry,
  data: Uint8Array,
  opener: EntryOpener,
  dialect: ProtoDialect,
  fate: Fate,
): void {
  const overwrittenBy = fate.overwrittenBy ?? null;
  if (entry.type === ENTRY_TYPE.confChange || entry.type === ENTRY_TYPE.confChangeV2) {
    const change = readChange(entry.type, data, dialect);
    const bad = change instanceof Fault;
    sink.take(recordWith(entry, undefined, fate), {
      payload: null,
      change: bad ? null : change,
      members: null,
      encryption: null,
      overwrittenBy,
      onlyRead: true,
      unreadable: bad ? change.text : null,
    });
    return;
  }
  const opened =
    entry.type === ENTRY_TYPE.normal ? openEntry(opener, entry.index, data) : undefined;
  sink.take(recordWith(entry, opened, fate), {
    payload: opened?.kind === 'payload' ? opened.payload : null,
    change: null,
    members: null,
    encryption: null,
    overwrittenBy,
    onlyRead: true,
    unreadable: opened?.kind === 'sealed' ? opened.fault.text : null,
  });
}

function recordWith(
  entry: LogEntry,
  opened: OpenedEntry | undefined,
  { disposition, committed, ceilingMs }: Fate,
): DraftRecord {
  const payload = opened?.kind === 'payload' ? opened.payload : null;
  return {
    index: entry.index,
    term: entry.term,
    file: entry.file,
    offset: entry.offset,
    entryType: entryTypeWord(entry.type),
    committed,
    disposition,
    told: false,
    applied: false,
    tag: null,
    proposalId: opened !== undefined && 'proposalId' in opened ? opened.proposalId : null,
    wrapped: opened?.kind === 'sealed' || (opened?.kind === 'payload' && opened.wrapped),
    payloadLength: payload?.length ?? null,
    payloadSha256: null,
    requests: [],
    error: null,
    errorNames: [],
    ceilingMs,
  };
}

function outlinesOf(tag: PayloadTag, payload: Uint8Array): readonly RequestRecord[] {
  const requests = requestsOf(tag, payload);
  return requests === null ? [] : requests.map(outlineOf);
}

function outlineOf(request: Request): RequestRecord {
  const key = shownKeyOf(request);
  return {
    phase: phaseWord(request),
    ts: request.ts,
    commitTs: commitTsOf(request),
    mutations: request.mutations.length,
    error: null,
    errorNames: [],
    errorKeyHex: null,
    keyHex: key === null ? null : hex(fromByteString(key)),
  };
}

/** Where it stands depends on the phase (spec/fsm-apply.md §3). */
function commitTsOf({ isTxn, phase, ts, mutations }: Request): bigint | null {
  const inMeta = phase === PHASE.NONE || phase === PHASE.COMMIT || phase === PHASE.ABORT;
  if (!isTxn || !inMeta) return ts;
  const [first] = mutations;
  if (first === undefined || !first.key.startsWith(META_RECORD_PREFIX)) return null;
  const meta = decodeMetaRecord(first.value);
  return meta instanceof Fault ? null : meta.commitTs;
}

export function readChange(
  type: number,
  data: Uint8Array,
  dialect: ProtoDialect,
): ConfChangeV2 | Fault {
  try {
    return type === ENTRY_TYPE.confChange
      ? asV2(decodeConfChange(data, dialect))
      : decodeConfChangeV2(data, dialect);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    return new Fault('conf-change-refused', [], error.nodeError ?? error.detail);
  }
}
