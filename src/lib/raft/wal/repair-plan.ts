/**
 * What `Repair` would do, without doing it (spec/etcd-wal.md §4.5, §4.7): the last segment is read on
 * its own from running CRC 0; an unexpected EOF cuts it behind the last good record.
 */
import type { ErrorCode } from '../../core/codes/all.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import type { HardState } from '../hard-state.js';
import { BARE_CRC_MISMATCH, RECORD_TYPE, WalDecoder, type WalSegment } from './decoder.js';
import { isRecord, walkFrames, type WalkedFrame } from './frame-walk.js';
import type { SnapshotRecord } from './snapshot-record.js';
import { chainDetail, endOf } from './snapshot-scan.js';
import { isClean, type WalEnd } from './wal-end.js';

export type RepairPlan =
  /** The pass ended cleanly: success, and nothing is changed. */
  | { readonly kind: 'nothing'; readonly segment: string; readonly end: WalEnd }
  | RepairCut
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly nodeError: string };

export interface RepairCut {
  readonly kind: 'cut';
  readonly segment: string;
  /** Full copy that the repair makes first, replacing an older one of that name. */
  readonly brokenCopy: string;
  /** The file is truncated to this size and not extended again. */
  readonly offset: number;
  readonly sizeBefore: number;
  /** Running CRC at the cut: what the next record appended is written with. */
  readonly crc: number;
  readonly end: WalEnd;
}

/** The plan for a WAL whose last segment is `last`. @throws {IoError} */
export function planRepair(last: WalSegment, dialect: ProtoDialect): RepairPlan {
  const decoder = new WalDecoder([last], dialect);
  try {
    return plan(last, decoder);
  } finally {
    decoder.close();
  }
}

function plan(last: WalSegment, decoder: WalDecoder): RepairPlan {
  while (decoder.next()) {
    if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) {
      decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
    }
  }
  const end = endOf(decoder);
  if (isClean(end)) return { kind: 'nothing', segment: last.name, end };
  if (end.kind === 'corrupt') return { kind: 'refuse', code: end.code, nodeError: end.nodeError };
  return {
    kind: 'cut',
    segment: last.name,
    brokenCopy: `${last.name}.broken`,
    offset: end.offset,
    sizeBefore: last.source.size,
    crc: decoder.crc,
    end,
  };
}

/** What a cut takes away, the torn record and everything behind it. */
export interface CutLoss {
  /** Bytes up to the last one that is not zero. */
  readonly bytes: number;
  /** Records that still verify: lost only because they lie behind the bad one. */
  readonly intact: number;
  readonly damaged: number;
  /** Entries that can be named, damaged ones included. */
  readonly entries: number;
  readonly lowestIndex: bigint | undefined;
  readonly highestIndex: bigint | undefined;
  /** Entries among them with index `<= commit`: committed, and lost here all the same. */
  readonly committed: number;
  /** Newest intact hard state behind the cut: a vote and a term that the node will not know. */
  readonly hardState: HardState | undefined;
  readonly snapshots: readonly SnapshotRecord[];
}

/**
 * @param commit  `C` of the log that remains
 * @param onFrame  receives every frame behind the cut
 */
export function scanCutLoss(
  last: WalSegment,
  cut: RepairCut,
  dialect: ProtoDialect,
  commit: bigint,
  onFrame?: (frame: WalkedFrame) => void,
): CutLoss {
  let bytes = 0;
  let intact = 0;
  let damaged = 0;
  let entries = 0;
  let committed = 0;
  let lowestIndex: bigint | undefined;
  let highestIndex: bigint | undefined;
  let hardState: HardState | undefined;
  const snapshots: SnapshotRecord[] = [];
  for (const frame of walkFrames(last.source, dialect, { offset: cut.offset, crc: cut.crc })) {
    onFrame?.(frame);
    if (frame.kind !== 'zeros') bytes = frame.offset + frame.length - cut.offset;
    if (!isRecord(frame)) continue;
    if (frame.kind === 'ok') intact++;
    else damaged++;
    if (frame.entry) {
      const { index } = frame.entry;
      entries++;
      if (index <= commit) committed++;
      if (lowestIndex === undefined || index < lowestIndex) lowestIndex = index;
      if (highestIndex === undefined || index > highestIndex) highestIndex = index;
    }
    if (frame.kind === 'ok' && frame.hardState) hardState = frame.hardState;
    if (frame.kind === 'ok' && frame.snapshot) snapshots.push(frame.snapshot);
  }
  return {
    bytes,
    intact,
    damaged,
    entries,
    lowestIndex,
    highestIndex,
    committed,
    hardState,
    snapshots,
  };
}
