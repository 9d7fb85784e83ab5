/**
 * Collects what happened to every log entry, in the order in which the node handles them
 * (spec/output.md §4): counts always, records where somebody takes them.
 */
import { hash } from 'node:crypto';
import { fromByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import type { ApplyResult, RequestTrace } from '../fsm/state-machine.js';
import type { Fault } from '../mvcc/fault.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import {
  DISPOSITIONS,
  type Disposition,
  type EntryRecord,
  type RequestRecord,
} from './boot-report.js';
import type { AppliedChange, BootWatcher, EntryDetail } from './boot-watcher.js';
import type { LogEntry } from './raft-log.js';

/** Disposition by disposition, how many entries. */
export type EntryCounts = Record<Disposition, number>;

export function noEntries(): EntryCounts {
  return Object.fromEntries(DISPOSITIONS.map((word) => [word, 0])) as EntryCounts;
}

/** The part of a record that depends on how far the entry got. */
export interface EntryOutcome {
  readonly disposition: Disposition;
  readonly committed: boolean;
  readonly ceilingMs: bigint;
  readonly told?: boolean;
  readonly proposalId?: bigint;
  readonly wrapped?: boolean;
  /** In clear; borrowed. */
  readonly payload?: Uint8Array;
  readonly result?: ApplyResult;
  readonly error?: Fault | null;
  readonly confChange?: AppliedChange;
}

export class EntryTrace {
  readonly counts: EntryCounts = noEntries();
  private readonly sink: ((record: EntryRecord) => void) | null;
  private readonly watcher: BootWatcher | undefined;

  /** @param sink takes every record; null where only counts are wanted */
  constructor(sink: ((record: EntryRecord) => void) | null, watcher?: BootWatcher) {
    this.sink = sink;
    this.watcher = watcher;
  }

  /** Whether anybody wants to see an entry the node drops, or one it does not deliver. */
  get isWatched(): boolean {
    return this.sink !== null || this.watcher !== undefined;
  }

  /** As `add` and `pass` while nobody watches. */
  count(disposition: Disposition): void {
    this.counts[disposition]++;
  }

  add(entry: LogEntry, outcome: EntryOutcome): void {
    this.counts[outcome.disposition]++;
    if (!this.isWatched) return;
    const record = recordOf(entry, outcome, this.sink !== null);
    this.sink?.(record);
    this.watcher?.onEntry(record, detailOf(outcome));
  }

  /** An entry the node does not deliver: only a watcher is told. */
  pass(entry: LogEntry, outcome: EntryOutcome): void {
    this.counts[outcome.disposition]++;
    this.watcher?.onEntry(recordOf(entry, outcome, false), detailOf(outcome));
  }
}

function detailOf({ payload, confChange }: EntryOutcome): EntryDetail {
  return { payload: payload ?? null, confChange: confChange ?? null };
}

const TYPE_WORDS = {
  [ENTRY_TYPE.normal]: 'normal',
  [ENTRY_TYPE.confChange]: 'confChange',
  [ENTRY_TYPE.confChangeV2]: 'confChangeV2',
} as const;

export function entryTypeWord(type: number): EntryRecord['entryType'] {
  return (TYPE_WORDS as Readonly<Record<number, EntryRecord['entryType']>>)[type] ?? 'unknown';
}

/** @param digest  of the payload: whoever has the payload may work it out elsewhere */
function recordOf(entry: LogEntry, outcome: EntryOutcome, digest: boolean): EntryRecord {
  const { payload, result } = outcome;
  const error = result?.error ?? outcome.error ?? null;
  return {
    index: entry.index,
    term: entry.term,
    file: entry.file,
    offset: entry.offset,
    entryType: entryTypeWord(entry.type),
    committed: outcome.committed,
    disposition: outcome.disposition,
    told: outcome.told ?? false,
    applied: result !== undefined,
    tag: result?.tag ?? null,
    proposalId: outcome.proposalId ?? null,
    wrapped: outcome.wrapped ?? false,
    payloadLength: payload?.length ?? null,
    payloadSha256: digest && payload !== undefined ? shortSha256(payload) : null,
    requests: result?.requests.map(requestRecord) ?? [],
    error: error?.label ?? null,
    errorNames: error?.names ?? [],
    ceilingMs: outcome.ceilingMs,
  };
}

/** First 16 hex digits: enough to tell payloads apart. */
export function shortSha256(payload: Uint8Array): string {
  return hash('sha256', payload, 'hex').slice(0, 16);
}

function requestRecord(trace: RequestTrace): RequestRecord {
  const { error, key } = trace;
  return {
    phase: trace.phase,
    ts: trace.ts,
    commitTs: trace.commitTs,
    mutations: trace.mutations,
    error: error?.label ?? null,
    errorNames: error?.names ?? [],
    errorKeyHex: error === null || error.key === null ? null : hex(fromByteString(error.key)),
    keyHex: key === null ? null : hex(fromByteString(key)),
  };
}
