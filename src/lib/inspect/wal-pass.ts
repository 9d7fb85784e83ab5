/**
 * One pass over WAL segments in constant memory: every record's CRC, what the records are, and how
 * the log ends (spec/etcd-wal.md §2.5). Where it ends early the rest is walked for what is still
 * there, segment by segment.
 */
import type { Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { EntryHead, ENTRY_TYPE } from '../raft/entry.js';
import { HardStateHead, type HardState } from '../raft/hard-state.js';
import {
  BARE_CRC_MISMATCH,
  RECORD_TYPE,
  WalDecoder,
  type WalSegment,
} from '../raft/wal/decoder.js';
import { readSnapshotRecord, type SnapshotRecord } from '../raft/wal/snapshot-record.js';
import { chainDetail, endOf, parsed, reads } from '../raft/wal/snapshot-scan.js';
import type { WalEnd } from '../raft/wal/wal-end.js';
import { copyOf } from '../bytes/copy.js';
import { endFindings, gapFindings, type EntryGap } from './wal-findings.js';
import { readRest, type WalRest } from './wal-rest.js';

export interface SegmentPass {
  readonly name: string;
  readonly size: number;
  /** Records whose CRC continues the chain, by type. */
  readonly records: RecordCounts;
  /** Bytes of these records, from the start of the file. */
  goodBytes: number;
  firstIndex: bigint | undefined;
  lastIndex: bigint | undefined;
  firstTerm: bigint | undefined;
  lastTerm: bigint | undefined;
  /** Entries at or below an index that had been there before: a new leader overwrote a tail. */
  overwrites: number;
  confChanges: number;
  /** Behind `goodBytes`. */
  rest: WalRest | undefined;
}

export interface RecordCounts {
  metadata: number;
  entry: number;
  state: number;
  crc: number;
  snapshot: number;
  other: number;
}

export interface WalPass {
  readonly segments: readonly SegmentPass[];
  readonly end: WalEnd;
  readonly hardState: HardState | undefined;
  readonly metadata: Uint8Array | undefined;
  /** The last few of them; `snapshotCount` has them all. */
  readonly snapshots: readonly SnapshotRecord[];
  readonly snapshotCount: number;
  readonly findings: readonly Finding[];
}

export interface WalPassOptions {
  readonly dialect: ProtoDialect;
  readonly pace: Pace;
  /** False for a segment on its own that others may follow: its rest is then none of the log's. */
  readonly whole: boolean;
  /** How a segment is named in findings. */
  readonly fileOf: (segment: string) => string;
}

const KEPT_SNAPSHOTS = 32;
const PACE_BYTES = 1 << 18;
const NAME_OF_TYPE: readonly (keyof RecordCounts)[] = [
  'other',
  'metadata',
  'entry',
  'state',
  'crc',
  'snapshot',
];

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export async function passWal(
  segments: readonly WalSegment[],
  options: WalPassOptions,
): Promise<WalPass> {
  const decoder = new WalDecoder(segments, options.dialect);
  try {
    return await new Pass(decoder, options).run();
  } finally {
    decoder.close();
  }
}

class Pass {
  private readonly decoder: WalDecoder;
  private readonly options: WalPassOptions;
  private readonly passes: SegmentPass[];
  private readonly head = new EntryHead();
  private lastState = new HardStateHead();
  private nextState = new HardStateHead();
  private states = 0;
  private metadata: Uint8Array | undefined;
  private snapshots: SnapshotRecord[] = [];
  private snapshotCount = 0;
  private highest = -1n;
  private previous: bigint | undefined;
  private lastSnapshot = 0n;
  private readonly gaps: EntryGap[] = [];

  constructor(decoder: WalDecoder, options: WalPassOptions) {
    this.decoder = decoder;
    this.options = options;
    this.passes = decoder.segments.map(({ name, source }) => newPass(name, source.size));
  }

  async run(): Promise<WalPass> {
    const { decoder, options } = this;
    let paced = 0;
    while (decoder.next()) {
      this.take();
      paced += decoder.recBytes;
      if (paced < PACE_BYTES) continue;
      await options.pace.step(paced);
      paced = 0;
    }
    await options.pace.step(paced);
    const end = endOf(decoder);
    await this.rests(end);
    const hardState = this.states === 0 ? undefined : this.lastState.state();
    const { passes: done, metadata, snapshots, snapshotCount } = this;
    const pass = { segments: done, end, hardState, metadata, snapshots, snapshotCount };
    const findings = [...endFindings(pass, options), ...gapFindings(this.gaps, options)];
    return { ...pass, findings };
  }

  private take(): void {
    const { decoder } = this;
    const pass = this.passes[decoder.ordinal];
    if (pass === undefined) return;
    switch (decoder.type) {
      case RECORD_TYPE.metadata:
        this.metadata ??= copyOf(decoder.bytes.subarray(decoder.dataFrom, decoder.dataTo));
        break;
      case RECORD_TYPE.entry:
        if (!reads(decoder, this.head, 'Entry')) return;
        this.entry(pass);
        break;
      case RECORD_TYPE.state:
        if (!reads(decoder, this.nextState, 'HardState')) return;
        [this.lastState, this.nextState] = [this.nextState, this.lastState];
        this.states++;
        break;
      case RECORD_TYPE.crc:
        if (!decoder.acceptCrcRecord()) {
          decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
          return;
        }
        break;
      case RECORD_TYPE.snapshot: {
        const record = parsed(decoder, () => readSnapshotRecord(decoder.dataMessage('Snapshot')));
        if (record === undefined) return;
        this.snapshotCount++;
        this.snapshots.push(record);
        this.lastSnapshot = record.index;
        if (this.snapshots.length > KEPT_SNAPSHOTS) this.snapshots.shift();
        break;
      }
      default:
        decoder.stop('wal-unknown-record-type', `unexpected block type ${decoder.typeNumber}`);
        return;
    }
    pass.records[NAME_OF_TYPE[decoder.type] ?? 'other']++;
    pass.goodBytes = decoder.offset;
  }

  private entry(pass: SegmentPass): void {
    const { index, term, type } = this.head;
    pass.firstIndex ??= index;
    pass.firstTerm ??= term;
    pass.lastIndex = index;
    pass.lastTerm = term;
    if (type !== ENTRY_TYPE.normal) pass.confChanges++;
    // Behind a snapshot that was received the log begins anew.
    const before = this.previous;
    if (before !== undefined && index > before + 1n && index > this.lastSnapshot + 1n) {
      this.gaps.push({ segment: pass.name, offset: this.decoder.frameOffset, index, before });
    }
    this.previous = index;
    if (index <= this.highest) pass.overwrites++;
    else this.highest = index;
  }

  /** What no record of the log accounts for. */
  private async rests(end: WalEnd): Promise<void> {
    const { segments, ordinal, crc } = this.decoder;
    const stopped = end.kind !== 'end-of-file' && end.kind !== 'preallocated';
    for (const [i, segment] of segments.entries()) {
      const pass = this.passes[i];
      if (pass === undefined || pass.goodBytes >= pass.size) continue;
      // A segment begins with a crc record, which starts the chain anew.
      const running = i === ordinal && stopped ? crc : i > ordinal ? 0 : undefined;
      const { dialect, pace } = this.options;
      pass.rest = await readRest(segment, pass.goodBytes, running, dialect, pace);
    }
  }
}

function newPass(name: string, size: number): SegmentPass {
  return {
    name,
    size,
    records: { metadata: 0, entry: 0, state: 0, crc: 0, snapshot: 0, other: 0 },
    goodBytes: 0,
    firstIndex: undefined,
    lastIndex: undefined,
    firstTerm: undefined,
    lastTerm: undefined,
    overwrites: 0,
    confChanges: 0,
    rest: undefined,
  };
}
