/**
 * `ReadAll`: hard state and entries behind a snapshot (spec/etcd-wal.md §4.3), as a table that points
 * at the payloads. Which of the two columns of the ending table counts is the caller's: `readMode`
 * and `writeMode` say what each makes of it.
 */
import { equalBytes } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { EntryHead } from '../entry.js';
import { HardStateHead, type HardState } from '../hard-state.js';
import { proposalMark } from '../proposal.js';
import {
  BARE_CRC_MISMATCH,
  RECORD_TYPE,
  WalDecoder,
  type DecoderOptions,
  type WalSegment,
} from './decoder.js';
import { EntryTable } from './entry-table.js';
import { readSnapshotRecord } from './snapshot-record.js';
import { chainDetail, endOf, parsed, reads } from './snapshot-scan.js';
import { isClean, type SkippedRest, type WalEnd } from './wal-end.js';

export interface SnapshotPosition {
  readonly term: bigint;
  readonly index: bigint;
}

export interface WalContent {
  readonly start: SnapshotPosition;
  /** Row k has index `start.index + 1 + k`. */
  readonly entries: EntryTable;
  /** Entries that later records replaced, in the order in which they went. */
  readonly superseded: EntryTable;
  /** Zero where the log has none. */
  readonly hardState: HardState;
  readonly metadata: Uint8Array | undefined;
  /** A snapshot record at `start` was read. */
  readonly matched: boolean;
  readonly end: WalEnd;
  /** Running CRC behind the last good record: what the next one appended is written with. */
  readonly crc: number;
  readonly skipped: readonly SkippedRest[];
  readonly counts: WalCounts;
}

export interface WalCounts {
  records: number;
  /** Entries at or below the start. */
  entriesBelow: number;
  states: number;
  snapshots: number;
}

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export function readAll(
  segments: readonly WalSegment[],
  start: SnapshotPosition,
  dialect: ProtoDialect,
  options?: DecoderOptions,
): WalContent {
  const decoder = new WalDecoder(segments, dialect, options);
  try {
    return new Pass(decoder, start).run();
  } finally {
    decoder.close();
  }
}

/** Index of the last entry, or of the start where there is none. */
export function lastIndexOf(content: WalContent): bigint {
  return content.start.index + BigInt(content.entries.length);
}

/** The error that reading returns in read mode, in the node's words; undefined where it succeeds. */
export function readModeError(content: WalContent): string | undefined {
  if (content.end.kind === 'corrupt') return content.end.nodeError;
  return content.matched ? undefined : 'wal: snapshot not found';
}

/** The error in write mode, that is at boot. A slip in etcd loses "snapshot not found". */
export function writeModeError(content: WalContent): string | undefined {
  return isClean(content.end) ? undefined : content.end.nodeError;
}

class Pass {
  private readonly decoder: WalDecoder;
  private readonly start: SnapshotPosition;
  private readonly startLo: number;
  private readonly startHi: number;
  private readonly entries: EntryTable;
  private readonly superseded: EntryTable;
  private readonly head = new EntryHead();
  private readonly counts: WalCounts = { records: 0, entriesBelow: 0, states: 0, snapshots: 0 };
  private lastState = new HardStateHead();
  private nextState = new HardStateHead();
  private metadata: Uint8Array | undefined;
  private matched = false;

  constructor(decoder: WalDecoder, start: SnapshotPosition) {
    const names = decoder.segments.map(({ name }) => name);
    this.decoder = decoder;
    this.start = start;
    this.startLo = Number(start.index & 0xffff_ffffn);
    this.startHi = Number(start.index >> 32n);
    this.entries = new EntryTable(names);
    this.superseded = new EntryTable(names);
  }

  run(): WalContent {
    const { decoder } = this;
    while (decoder.next()) {
      this.counts.records++;
      this.take();
    }
    return {
      start: this.start,
      entries: this.entries,
      superseded: this.superseded,
      hardState: this.lastState.state(),
      metadata: this.metadata,
      matched: this.matched,
      end: endOf(decoder),
      crc: decoder.crc,
      skipped: decoder.skipped,
      counts: this.counts,
    };
  }

  private take(): void {
    const { decoder } = this;
    switch (decoder.type) {
      case RECORD_TYPE.entry:
        this.takeEntry();
        break;
      case RECORD_TYPE.state:
        this.takeState();
        break;
      case RECORD_TYPE.metadata:
        this.takeMetadata();
        break;
      case RECORD_TYPE.crc:
        if (decoder.acceptCrcRecord()) break;
        decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
        break;
      case RECORD_TYPE.snapshot:
        this.takeSnapshot();
        break;
      default:
        decoder.stop('wal-unknown-record-type', `unexpected block type ${decoder.typeNumber}`);
    }
  }

  private takeEntry(): void {
    const { decoder, head, start } = this;
    if (!reads(decoder, head, 'Entry')) return;
    // Both differences stay exact: the upper halves seldom differ, and then by very little.
    const distance = (head.indexHi - this.startHi) * 0x1_0000_0000 + (head.indexLo - this.startLo);
    if (distance <= 0) {
      this.counts.entriesBelow++;
      return;
    }
    const k = distance - 1;
    if (k > this.entries.length) {
      const snapshot = `snapshot[Index: ${start.index}, Term: ${start.term}]`;
      const current = `current entry[Index: ${head.index}, Term: ${head.term}]`;
      decoder.stop(
        'wal-entry-gap',
        `wal: slice bounds out of range, ${snapshot}, ${current}, len(ents): ${this.entries.length}`,
      );
      return;
    }
    if (k < this.entries.length) this.entries.cut(k, this.superseded);
    const dataOffset = decoder.dataOffset + (head.from - decoder.dataFrom);
    const mark = proposalMark(decoder.bytes, head.from, head.to);
    this.entries.push(head, decoder.ordinal, decoder.frameOffset, dataOffset, mark);
  }

  private takeState(): void {
    const { decoder } = this;
    // Both take turns, so that a state that does not parse leaves the one before it.
    if (!reads(decoder, this.nextState, 'HardState')) return;
    [this.lastState, this.nextState] = [this.nextState, this.lastState];
    this.counts.states++;
  }

  private takeMetadata(): void {
    const { decoder } = this;
    const data = decoder.bytes.subarray(decoder.dataFrom, decoder.dataTo);
    if (this.metadata !== undefined && !equalBytes(this.metadata, data)) {
      decoder.stop('wal-metadata-conflict', 'wal: conflicting metadata found');
      return;
    }
    this.metadata = decoder.hasData ? copyOf(data) : undefined;
  }

  private takeSnapshot(): void {
    const { decoder, start } = this;
    const record = parsed(decoder, () => readSnapshotRecord(decoder.dataMessage('Snapshot')));
    if (record === undefined) return;
    this.counts.snapshots++;
    if (record.index !== start.index) return;
    if (record.term === start.term) this.matched = true;
    else decoder.stop('wal-snapshot-mismatch', 'wal: snapshot mismatch');
  }
}
