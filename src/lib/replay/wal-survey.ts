/**
 * One pass over all segments of a log, before its entries are listed: how many records there are,
 * which of them a later record overwrites, what the last state says, how the log ends
 * (spec/etcd-wal.md §4.3). Memory is the window and one row per overwrite, not per entry.
 *
 * An entry record of index `i` replaces everything from `i` on. So a record is superseded when a later
 * one has an index that is not above its own, and an overwrite is a record whose index is not above
 * that of the record before it.
 */
import { assert } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { EntryHead } from '../raft/entry.js';
import { HardStateHead, type HardState } from '../raft/hard-state.js';
import {
  BARE_CRC_MISMATCH,
  RECORD_TYPE,
  WalDecoder,
  type WalSegment,
} from '../raft/wal/decoder.js';
import type { SnapshotRecord } from '../raft/wal/snapshot-record.js';
import { readSnapshotRecord } from '../raft/wal/snapshot-record.js';
import { chainDetail, endOf, malformedEnd, type ScanObserver } from '../raft/wal/snapshot-scan.js';
import type { SkippedRest, WalEnd } from '../raft/wal/wal-end.js';

/** Where a record lies. */
export interface RecordSite {
  readonly segment: string;
  /** Of the frame. */
  readonly offset: number;
}

/** An entry record that cuts the log behind its index. */
export interface Overwrite extends RecordSite {
  /** How many entry records come before it in the files. */
  readonly ordinal: number;
  readonly index: bigint;
  readonly term: bigint;
  /** Of the record before it, up to which the log reached. */
  readonly lastIndex: bigint;
  readonly lastTerm: bigint;
  /** Commit of the last state before it. */
  readonly commit: bigint;
}

export interface WalSurvey {
  /** Entry records that can be read, superseded ones included. */
  readonly entries: number;
  readonly overwrites: readonly Overwrite[];
  /** Of the live entries; null without any. */
  readonly first: bigint | null;
  readonly last: bigint | null;
  /** The last state; undefined where there is none. */
  readonly hardState: HardState | undefined;
  readonly states: number;
  readonly snapshots: readonly SnapshotRecord[];
  /** First record whose term is below that of the record before it, at a higher index. */
  readonly termFalls: (RecordSite & { readonly index: bigint; readonly count: number }) | null;
  /** First record that does not follow the one before it, nor a snapshot record. */
  readonly gap: (RecordSite & { readonly after: bigint; readonly index: bigint }) | null;
  readonly end: WalEnd;
  /** It ended in the last segment, where a torn end is an ordinary crash. */
  readonly endsInLast: boolean;
  readonly skipped: readonly SkippedRest[];
}

/** Records between two turns of the event loop. */
const PACE_RECORDS = 4096;
/** A log whose records go back and forth is forged; it may not fill the memory. */
export const MAX_OVERWRITES = 1_000_000;

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export async function surveyWal(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  pace: Pace,
): Promise<WalSurvey> {
  const decoder = new WalDecoder(segments, dialect);
  try {
    const survey = new Survey();
    let records = 0;
    let doneBytes = 0;
    while (!survey.ended && decoder.next()) {
      survey.onRecord(decoder);
      doneBytes += decoder.recBytes;
      if (++records % PACE_RECORDS !== 0) continue;
      await pace.step(doneBytes);
      doneBytes = 0;
    }
    survey.onScanned(decoder);
    return survey.result();
  } finally {
    decoder.close();
  }
}

/** Looks at every record of a log, its own reading or somebody else's. */
export class Survey implements ScanObserver {
  private head = new EntryHead();
  private before = new EntryHead();
  private lastState = new HardStateHead();
  private nextState = new HardStateHead();
  private entries = 0;
  private states = 0;
  private first: bigint | null = null;
  private falls: (RecordSite & { index: bigint; count: number }) | null = null;
  private gap: (RecordSite & { after: bigint; index: bigint }) | null = null;
  private readonly overwrites: Overwrite[] = [];
  private readonly snapshots: SnapshotRecord[] = [];
  private ending: Pick<WalSurvey, 'end' | 'endsInLast' | 'skipped'> | undefined;

  /** Nothing behind the record seen last belongs to the log, also where the reading goes on. */
  get ended(): boolean {
    return this.ending !== undefined;
  }

  onRecord(decoder: WalDecoder): void {
    if (this.ended) return;
    try {
      this.take(decoder);
    } catch (error) {
      this.endAt(decoder, malformedEnd(decoder, error));
    }
  }

  onScanned(decoder: WalDecoder): void {
    if (!this.ended) this.endAt(decoder, endOf(decoder));
  }

  /** To be asked once it has ended. */
  result(): WalSurvey {
    const { ending } = this;
    assert(ending !== undefined, 'the log has been read to its end');
    return {
      entries: this.entries,
      overwrites: this.overwrites,
      first: this.first,
      last: this.entries === 0 ? null : this.before.index,
      hardState: this.states === 0 ? undefined : this.lastState.state(),
      states: this.states,
      snapshots: this.snapshots,
      termFalls: this.falls,
      gap: this.gap,
      ...ending,
    };
  }

  private endAt(decoder: WalDecoder, end: WalEnd): void {
    const endsInLast = decoder.ordinal >= decoder.segments.length - 1;
    this.ending = { end, endsInLast, skipped: [...decoder.skipped] };
  }

  private take(decoder: WalDecoder): void {
    switch (decoder.type) {
      case RECORD_TYPE.entry:
        this.takeEntry(decoder);
        break;
      case RECORD_TYPE.state:
        this.takeState(decoder);
        break;
      case RECORD_TYPE.snapshot:
        this.snapshots.push(readSnapshotRecord(decoder.dataMessage('Snapshot')));
        break;
      case RECORD_TYPE.crc:
        if (decoder.acceptCrcRecord()) break;
        this.endAt(
          decoder,
          decoder.corruptEnd('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) }),
        );
        break;
      case RECORD_TYPE.metadata:
        break;
      default: {
        const text = `unexpected block type ${decoder.typeNumber}`;
        this.endAt(decoder, decoder.corruptEnd('wal-unknown-record-type', text));
      }
    }
  }

  private takeEntry(decoder: WalDecoder): void {
    const { head, before } = this;
    head.read(decoder.dataMessage('Entry'));
    if (this.first === null) this.first = head.index;
    else if (compareIndexes(head, before) <= 0) this.overwrite(decoder);
    else {
      if (termFalls(head, before)) this.fall(decoder);
      if (this.gap === null && !follows(head, before)) this.leap(decoder);
    }
    this.entries++;
    this.before = head;
    this.head = before;
  }

  private overwrite(decoder: WalDecoder): void {
    const { head, before } = this;
    const { index } = head;
    if (this.first === null || index < this.first) this.first = index;
    this.overwrites.push({
      segment: decoder.segment.name,
      offset: decoder.frameOffset,
      ordinal: this.entries,
      index,
      term: head.term,
      lastIndex: before.index,
      lastTerm: before.term,
      commit: this.states === 0 ? 0n : (this.lastState.state().commit ?? 0n),
    });
    if (this.overwrites.length <= MAX_OVERWRITES) return;
    const detail = `more than ${MAX_OVERWRITES} records overwrite earlier ones`;
    const text = 'the log goes back and forth';
    this.endAt(decoder, decoder.corruptEnd('replay-too-many-overwrites', text, { detail }));
  }

  private fall(decoder: WalDecoder): void {
    const { head } = this;
    this.falls ??= {
      segment: decoder.segment.name,
      offset: decoder.frameOffset,
      index: head.index,
      count: 0,
    };
    this.falls.count++;
  }

  /** A log jumps where a snapshot has been received from a peer. */
  private leap(decoder: WalDecoder): void {
    const { head, before } = this;
    const { index } = head;
    if (this.snapshots.some((snapshot) => snapshot.index + 1n >= index)) return;
    const { name } = decoder.segment;
    this.gap = { segment: name, offset: decoder.frameOffset, after: before.index, index };
  }

  /** Both take turns, so that a state that does not parse leaves the one before it. */
  private takeState(decoder: WalDecoder): void {
    this.nextState.read(decoder.dataMessage('HardState'));
    [this.lastState, this.nextState] = [this.nextState, this.lastState];
    this.states++;
  }
}

function compareIndexes(a: EntryHead, b: EntryHead): number {
  return a.indexHi === b.indexHi ? a.indexLo - b.indexLo : a.indexHi - b.indexHi;
}

function follows(head: EntryHead, before: EntryHead): boolean {
  const step = head.indexLo - before.indexLo;
  return step === 1 ? head.indexHi === before.indexHi : head.index === before.index + 1n;
}

function termFalls(head: EntryHead, before: EntryHead): boolean {
  return head.termHi === before.termHi ? head.termLo < before.termLo : head.termHi < before.termHi;
}
