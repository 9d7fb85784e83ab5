/**
 * What can be read of a log, damaged or not: everything up to the first bad record, which snapshot it
 * starts at, and what the node's own repair would do (spec/etcd-wal.md §4, §4.7).
 */
import { UsageError } from '../core/errors.js';
import type { DirSource } from '../io/dir-source.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { chooseSnapshot } from '../raft/snap/choose.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import { openSegments } from '../raft/wal/open-segments.js';
import {
  lastIndexOf,
  readAll,
  type SnapshotPosition,
  type WalContent,
} from '../raft/wal/read-all.js';
import { planRepair, type RepairPlan } from '../raft/wal/repair-plan.js';
import { isSelectionRefusal, listWal, selectSegments } from '../raft/wal/segment-name.js';
import { scanSnapshots, type SnapshotScan } from '../raft/wal/snapshot-scan.js';

export interface LogSurvey {
  /** All parsable ones in order, open until `closeSegments`. */
  readonly segments: readonly WalSegment[];
  readonly scan: SnapshotScan;
  /** The snapshot a boot would start at, or the best guess where the damage hides it. */
  readonly start: SnapshotPosition;
  readonly startIsChosen: boolean;
  readonly content: WalContent;
  /** Position in `segments` of the content's first one. */
  readonly firstRead: number;
  /** `T` as far as it can be read. */
  readonly last: bigint;
  readonly nodeRepair: RepairPlan;
}

/** @throws {UsageError} `repair-cut-outside` where there is no log at all */
export function surveyLog(group: DirSource, dialect: ProtoDialect): LogSurvey {
  const wal = group.dir('wal');
  const listing = group.stat('wal')?.kind === 'directory' ? listWal(wal).segments : [];
  const names = listing.map(({ name }) => name);
  const segments = openSegments(wal, listing);
  const lastSegment = segments.at(-1);
  if (lastSegment === undefined) {
    throw new UsageError('repair-cut-outside', `${group.path}: there is no WAL segment to repair`);
  }
  const scan = scanSnapshots(segments, dialect);
  const { start, chosen } = startOf(group, scan, dialect);
  const selected = selectSegments(listing, start.index);
  const from = isSelectionRefusal(selected) ? 0 : names.indexOf(selected[0]?.name ?? '');
  const content = readAll(segments.slice(from), start, dialect);
  return {
    segments,
    scan,
    start,
    startIsChosen: chosen,
    content,
    firstRead: from,
    last: lastIndexOf(content),
    nodeRepair: planRepair(lastSegment, dialect),
  };
}

function startOf(
  group: DirSource,
  scan: SnapshotScan,
  dialect: ProtoDialect,
): { start: SnapshotPosition; chosen: boolean } {
  const snaps = group.stat('snap')?.kind === 'directory' ? group.dir('snap') : undefined;
  const choice = snaps && chooseSnapshot(snaps, scan.valid, dialect).chosen;
  if (choice !== undefined) return { start: choice, chosen: true };
  // No boot from here, but the entries behind the newest snapshot record can still be named.
  const guess = scan.all.at(-1) ?? { index: 0n, term: 0n };
  return { start: { index: guess.index, term: guess.term }, chosen: false };
}
