/**
 * One pass over all segments of a log, before its entries are listed: how many records there are,
 * which of them a later record overwrites, what the last state says, how the log ends
 * (spec/etcd-wal.md §4.3). Memory is the window and one row per overwrite, not per entry.
 *
 * An entry record of index `i` replaces everything from `i` on. So a record is superseded when a later
 * one has an index that is not above its own, and an overwrite is a record whose index is not above
 * that of the record before it.
 */
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
import { chainDetail, endOf, parsed, reads } from '../raft/wal/snapshot-scan.js';
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
    const pass = new Survey(decoder);
    let records = 0;
    let doneBytes = 0;
    while (pass.step()) {
      doneBytes += decoder.recBytes;
      if (++records % PACE_RECORDS !== 0) continue;
      await pace.step(doneBytes);
      doneBytes = 0;
    }
    return pass.result();
  } finally {
    decoder.close();
  }
}

class Survey {
  private readonly decoder: WalDecoder;
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

  constructor(decoder: WalDecoder) {
    this.decoder = decoder;
  }

  /** @returns false when the log has ended */
  step(): boolean {
    const { decoder } = this;
    if (!decoder.next()) return false;
    if (decoder.type === RECORD_TYPE.entry) this.takeEntry();
    else if (decoder.type === RECORD_TYPE.state) this.takeState();
    else if (decoder.type === RECORD_TYPE.snapshot) this.takeSnapshot();
    else if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) {
      decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
    } else if (decoder.type !== RECORD_TYPE.crc && decoder.type !== RECORD_TYPE.metadata) {
      decoder.stop('wal-unknown-record-type', `unexpected block type ${decoder.typeNumber}`);
    }
    return decoder.end === undefined;
  }

  result(): WalSurvey {
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
      end: endOf(this.decoder),
      endsInLast: this.decoder.ordinal >= this.decoder.segments.length - 1,
      skipped: this.decoder.skipped,
    };
  }

  private takeEntry(): void {
    const { decoder, head, before } = this;
    if (!reads(decoder, head, 'Entry')) return;
    if (this.first === null) this.first = head.index;
    else if (compareIndexes(head, before) <= 0) this.overwrite();
    else {
      if (termFalls(head, before)) this.fall();
      if (this.gap === null && !follows(head, before)) this.leap();
    }
    this.entries++;
    this.before = head;
    this.head = before;
  }

  private overwrite(): void {
    const { decoder, head, before } = this;
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
    decoder.stop('replay-too-many-overwrites', 'the log goes back and forth', {
      detail: `more than ${MAX_OVERWRITES} records overwrite earlier ones`,
    });
  }

  private fall(): void {
    const { decoder, head } = this;
    this.falls ??= {
      segment: decoder.segment.name,
      offset: decoder.frameOffset,
      index: head.index,
      count: 0,
    };
    this.falls.count++;
  }

  /** A log jumps where a snapshot has been received from a peer. */
  private leap(): void {
    const { decoder, head, before } = this;
    const { index } = head;
    if (this.snapshots.some((snapshot) => snapshot.index + 1n >= index)) return;
    const { name } = decoder.segment;
    this.gap = { segment: name, offset: decoder.frameOffset, after: before.index, index };
  }

  private takeState(): void {
    if (!reads(this.decoder, this.nextState, 'HardState')) return;
    [this.lastState, this.nextState] = [this.nextState, this.lastState];
    this.states++;
  }

  private takeSnapshot(): void {
    const { decoder } = this;
    const record = parsed(decoder, () => readSnapshotRecord(decoder.dataMessage('Snapshot')));
    if (record !== undefined) this.snapshots.push(record);
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
