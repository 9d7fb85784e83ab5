/**
 * What a scan for snapshots sees of the rest of the log. A boot reads the same segments twice, first for
 * the snapshots (§4.1), then from the chosen one on (§4.3). Of a log whose entries follow each other
 * without a fault the second reading says nothing new, so this keeps its outcome while the first one
 * passes. Of any other log it keeps nothing, and the log is read again.
 */
import { equalBytes } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import { ProtoError } from '../../proto/proto-error.js';
import { EntryHead } from '../entry.js';
import { HardStateHead } from '../hard-state.js';
import { proposalMark } from '../proposal.js';
import { RECORD_TYPE, type WalDecoder, type WalSegment } from './decoder.js';
import { EntryTable, MOST_SEGMENTS } from './entry-table.js';
import type { SnapshotPosition, WalContent, WalCounts } from './read-all.js';
import type { ScanObserver, SnapshotScan } from './snapshot-scan.js';
import { isClean } from './wal-end.js';

/** Rows of 43 bytes. A longer log is read again rather than kept. */
const MOST_ROWS = 1 << 21;

/** Records of one segment. */
interface SegmentCounts {
  records: number;
  states: number;
  snapshots: number;
  metadata: number;
}

export class ScanLedger implements ScanObserver {
  private readonly names: readonly string[];
  private readonly bySegment: SegmentCounts[];
  private readonly head = new EntryHead();
  /** Null once something is not as it should be. */
  private entries: EntryTable | null;
  private metadata: Uint8Array | undefined;
  private hasMetadata = false;
  private crc = 0;
  /** Index of the entry that has to be next. */
  private nextLo = 0;
  private nextHi = 0;

  /** @param segments  all that are scanned */
  constructor(segments: readonly WalSegment[]) {
    this.names = segments.map(({ name }) => name);
    this.bySegment = segments.map(() => ({ records: 0, states: 0, snapshots: 0, metadata: 0 }));
    this.entries = this.names.length > MOST_SEGMENTS ? null : new EntryTable(this.names);
  }

  onRecord(decoder: WalDecoder): void {
    if (this.entries === null) return;
    const counts = this.bySegment[decoder.ordinal]!;
    counts.records++;
    switch (decoder.type) {
      case RECORD_TYPE.entry:
        this.takeEntry(decoder, this.entries);
        break;
      case RECORD_TYPE.state:
        counts.states++;
        break;
      case RECORD_TYPE.metadata:
        counts.metadata++;
        this.takeMetadata(decoder);
        break;
      case RECORD_TYPE.snapshot:
        counts.snapshots++;
        break;
      case RECORD_TYPE.crc:
        break;
      default:
        this.entries = null;
    }
  }

  onScanned(decoder: WalDecoder): void {
    this.crc = decoder.crc;
  }

  /**
   * What `readAll` would say of the last `selected` segments.
   * @param scan  that this has observed
   * @returns undefined where only reading tells. The rows are handed over: it is to be asked once
   */
  content(scan: SnapshotScan, start: SnapshotPosition, selected: number): WalContent | undefined {
    const { entries, names } = this;
    const first = names.length - selected;
    if (entries === null || !isClean(scan.end)) return undefined;
    const { metadata, ...counts } = this.countsFrom(first);
    const below = rowsUpTo(entries, start.index);
    const hasGap = entries.length > 0 && below < 0;
    const isCut = below < entries.length && below >= 0 && entries.segmentAt(below) < first;
    if (hasGap || isCut) return undefined;
    const opened = new Set(names.slice(first));
    const at = scan.all.filter(
      ({ index, segment }) => index === start.index && opened.has(segment),
    );
    if (at.some(({ term }) => term !== start.term)) return undefined;
    const hasState = counts.states > 0 && scan.hardState !== undefined;
    for (let row = 0; row < below; row++) {
      if (entries.segmentAt(row) < first) continue;
      counts.entriesBelow = below - row;
      break;
    }
    return {
      start,
      entries: entries.from(below),
      superseded: new EntryTable(names),
      hardState: hasState ? scan.hardState : new HardStateHead().state(),
      metadata: metadata > 0 ? this.metadata : undefined,
      matched: at.length > 0,
      end: scan.end,
      crc: this.crc,
      skipped: scan.skipped.filter(({ segment }) => opened.has(segment)),
      counts,
    };
  }

  private countsFrom(first: number): WalCounts & { metadata: number } {
    const sum = { records: 0, entriesBelow: 0, states: 0, snapshots: 0, metadata: 0 };
    for (const { records, states, snapshots, metadata } of this.bySegment.slice(first)) {
      sum.records += records;
      sum.states += states;
      sum.snapshots += snapshots;
      sum.metadata += metadata;
    }
    return sum;
  }

  private takeEntry(decoder: WalDecoder, entries: EntryTable): void {
    const { head } = this;
    try {
      head.read(decoder.dataMessage('Entry'));
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      this.entries = null;
      return;
    }
    const follows = head.indexLo === this.nextLo && head.indexHi === this.nextHi;
    if ((!follows && entries.length > 0) || entries.length === MOST_ROWS) {
      this.entries = null;
      return;
    }
    this.nextLo = (head.indexLo + 1) >>> 0;
    this.nextHi = this.nextLo === 0 ? (head.indexHi + 1) >>> 0 : head.indexHi;
    const dataOffset = decoder.dataOffset + (head.from - decoder.dataFrom);
    const mark = proposalMark(decoder.bytes, head.from, head.to);
    entries.push(head, decoder.ordinal, decoder.frameOffset, dataOffset, mark);
  }

  private takeMetadata(decoder: WalDecoder): void {
    const data = decoder.hasData
      ? decoder.bytes.subarray(decoder.dataFrom, decoder.dataTo)
      : undefined;
    if (!this.hasMetadata) {
      this.hasMetadata = true;
      this.metadata = data && copyOf(data);
    } else if (!isSame(this.metadata, data)) this.entries = null;
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

/** How many rows of a table without gaps are at or below `index`; negative where one is missing. */
function rowsUpTo(entries: EntryTable, index: bigint): number {
  if (entries.length === 0) return 0;
  const distance = index + 1n - entries.indexAt(0);
  if (distance < 0n) return -1;
  return distance > BigInt(entries.length) ? entries.length : Number(distance);
}
