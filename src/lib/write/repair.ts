/**
 * `repair-wal`: a copy of the group dir whose log is cut, and what each way of cutting loses. The
 * node's own cut leaves the segment as short as it cut it; ours are pre-allocated as a node has them,
 * and keep the newest term and vote that can still be read behind the cut.
 */
import type { Finding } from '../core/finding.js';
import { bytesPiece, filePiece, zerosPiece, type Piece } from '../io/atomic-content.js';
import type { TreeFile } from '../io/atomic-tree.js';
import { stampFile } from '../io/atomic-walk.js';
import { FsDir } from '../io/file-source.js';
import type { EnvelopeWiring } from '../engine/envelopes.js';
import { APPLIED_INDEX_KEY, readMeta } from '../mvcc/meta-keys.js';
import { openPebble } from '../pebble/db/pebble-db.js';
import { ToolError } from '../core/errors.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { isEmptyHardState, type HardState } from '../raft/hard-state.js';
import { WalEncoder } from '../raft/wal/encoder.js';
import { closeSegments } from '../raft/wal/open-segments.js';
import { lastIndexOf, readAll } from '../raft/wal/read-all.js';
import { SEGMENT_BYTES } from '../raft/wal/segment-name.js';
import type { WalEnd } from '../raft/wal/wal-end.js';
import { SubSource } from '../io/byte-source.js';
import type { WritePlan } from './carry-out.js';
import { copyOfGroup, withFiles, type GroupCopy } from './group-copy.js';
import { surveyLog, type LogSurvey } from './log-survey.js';
import { findLoss, type WalLoss } from './lost-entries.js';
import { findCut, isNoCut, type CutWish, type NoCut, type WalCut } from './wal-cut.js';

export interface RepairOption {
  readonly kind: CutWish['kind'];
  readonly cut: WalCut;
  readonly loss: WalLoss;
  /** `T` and hard state of the log that remains, before anything is written behind it. */
  readonly last: bigint;
  readonly hardState: HardState;
  /** Written behind the cut; null for the node's own repair, or where there is nothing to keep. */
  readonly kept: HardState | null;
}

export interface RepairSurvey {
  readonly end: WalEnd;
  readonly last: bigint;
  readonly commit: bigint;
  readonly applied: bigint | null;
  readonly options: readonly (RepairOption | (NoCut & { readonly kind: CutWish['kind'] }))[];
}

export interface RepairQuestion {
  readonly root: string;
  readonly wishes: readonly CutWish[];
  readonly dialect: ProtoDialect;
  readonly envelopes: EnvelopeWiring;
}

/** @throws {UsageError} where there is no log at all */
export function surveyRepair(question: RepairQuestion): RepairSurvey {
  const survey = surveyLog(new FsDir(question.root), question.dialect);
  try {
    const applied = appliedIndexOf(question.root);
    return {
      end: survey.content.end,
      last: survey.last,
      commit: survey.content.hardState.commit ?? 0n,
      applied,
      options: question.wishes.map((wish) => optionOf(survey, wish, applied, question)),
    };
  } finally {
    closeSegments(survey.segments);
  }
}

/** `H`; null where the store cannot tell it. */
function appliedIndexOf(root: string): bigint | null {
  const dir = new FsDir(root);
  if (dir.stat('fsm.db')?.kind !== 'directory') return null;
  try {
    const db = openPebble(dir.dir('fsm.db'), { findings: () => undefined });
    try {
      return readMeta(db, APPLIED_INDEX_KEY);
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

function optionOf(
  survey: LogSurvey,
  wish: CutWish,
  applied: bigint | null,
  { dialect, envelopes }: RepairQuestion,
): RepairSurvey['options'][number] {
  const cut = findCut(survey, wish, dialect);
  if (isNoCut(cut)) return { ...cut, kind: wish.kind };
  const rest = readRest(survey, cut, dialect);
  const { segments } = survey;
  const commit = rest.hardState.commit ?? 0n;
  const { last } = rest;
  const loss = findLoss({ segments, cut, last, commit, applied, envelopes, dialect });
  const kept = wish.kind === 'node' ? null : keptState(rest.hardState, loss, rest.last);
  return { kind: wish.kind, cut, loss, ...rest, kept };
}

/** The log as it reads after the cut. */
function readRest(
  survey: LogSurvey,
  cut: WalCut,
  dialect: ProtoDialect,
): { last: bigint; hardState: HardState } {
  const kept = survey.segments
    .slice(survey.firstRead, cut.ordinal + 1)
    .map(({ name, source }, i) => {
      const isCut = i + survey.firstRead === cut.ordinal;
      return { name, source: isCut ? new SubSource(source, 0, cut.offset) : source };
    });
  const content = readAll(kept, survey.start, dialect);
  return { last: lastIndexOf(content), hardState: content.hardState };
}

/** Term and vote go on, or the node could vote twice; the commit cannot lie above the last entry. */
function keptState(rest: HardState, loss: WalLoss, last: bigint): HardState | null {
  const lost = loss.hardState;
  const known = loss.knownCommit < last ? loss.knownCommit : last;
  const newer = lost !== undefined && (lost.term ?? 0n) >= (rest.term ?? 0n);
  const { term, vote } = newer ? lost : rest;
  const state: HardState = { term, vote, commit: known };
  const same =
    (rest.term ?? 0n) === (term ?? 0n) &&
    (rest.vote ?? 0n) === (vote ?? 0n) &&
    (rest.commit ?? 0n) === known;
  return same || isEmptyHardState(state) ? null : state;
}

export interface RepairPlan extends WritePlan {
  readonly option: RepairOption;
  readonly findings: readonly Finding[];
}

/** @param segmentBytes  for tests; a node's is 64,000,000 */
export function planRepairedCopy(
  root: string,
  option: RepairOption,
  applied: bigint | null,
  dialect: ProtoDialect,
  segmentBytes = SEGMENT_BYTES,
): RepairPlan {
  const copy = copyOfGroup(root);
  const { cut, loss } = option;
  const path = `wal/${cut.segment}`;
  const gone = new Set(loss.segments.map((name) => `wal/${name}`));
  gone.delete(path);
  const replaced = [tailFile(copy, path, option, dialect, segmentBytes)];
  return {
    inputs: [stampFile(`${root}/${path}`)],
    sources: [root],
    stamps: copy.stamps,
    dirs: copy.dirs,
    files: withFiles(copy, replaced, (each) => gone.has(each)),
    option,
    findings: findingsOf(option, applied),
  };
}

function tailFile(
  copy: GroupCopy,
  path: string,
  option: RepairOption,
  dialect: ProtoDialect,
  segmentBytes: number,
): TreeFile {
  const length = option.cut.offset;
  const pieces: Piece[] = [filePiece(`${copy.root}/${path}`, 0, length)];
  let size = length;
  if (option.kept !== null) {
    const record = new WalEncoder(dialect, option.cut.crc).hardState(option.kept);
    pieces.push(bytesPiece(record));
    size += record.length;
  }
  // The node does not extend what it has cut.
  if (option.kind !== 'node') pieces.push(zerosPiece(Math.max(segmentBytes - size, 0)));
  return { path, mode: 0o600, content: { kind: 'pieces', pieces } };
}

export interface LossCount {
  readonly entries: number;
  readonly committed: number;
  readonly committedInStore: number;
}

export function countLoss({ entries }: WalLoss): LossCount {
  const committed = entries.filter((entry) => entry.committed);
  const committedInStore = committed.filter((entry) => entry.inStore).length;
  return { entries: entries.length, committed: committed.length, committedInStore };
}

function findingsOf(option: RepairOption, applied: bigint | null): Finding[] {
  const { loss, kept, kind, hardState, cut, last } = option;
  const findings: Finding[] = [];
  const { entries, committed, committedInStore } = countLoss(loss);
  const at = { file: `wal/${cut.segment}`, offset: cut.offset };
  if (committed > 0) {
    const stored = `${committedInStore} of them in the store already`;
    const message = `lost from the log: ${committed} committed, ${stored}`;
    findings.push({ code: 'repair-loses-committed', severity: 'warning', ...at, message });
  }
  if (entries > committed) {
    const message = `lost from the log: ${entries - committed} not known to be committed`;
    findings.push({ code: 'repair-loses-uncommitted', severity: 'warning', ...at, message });
  }
  if (applied !== null && applied > last) {
    const message =
      `the store has applied ${applied}, the cut log ends at ${last}: what is written anew up to ` +
      `index ${applied} will be dropped as a duplicate`;
    findings.push({ code: 'repair-store-ahead', severity: 'warning', ...at, message });
  }
  const lost = loss.hardState;
  const forgets =
    lost !== undefined &&
    kept === null &&
    kind === 'node' &&
    ((lost.term ?? 0n) !== (hardState.term ?? 0n) || (lost.vote ?? 0n) !== (hardState.vote ?? 0n));
  if (forgets) {
    const message = `term ${lost.term ?? 0n}, vote ${lost.vote ?? 0n} behind the cut are forgotten`;
    findings.push({ code: 'repair-forgets-vote', severity: 'warning', ...at, message });
  }
  return findings;
}
