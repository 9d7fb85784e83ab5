/** The documents of `replay-wal`: what stands in a summary record and in `result` besides records. */
import type { NodeReplay } from '../../replay/replay-node.js';
import type { LogReplay } from '../../replay/replay-log.js';
import type { PhaseShare, ReplayStats, Share } from '../../replay/replay-stats.js';
import type { WalSurvey } from '../../replay/wal-survey.js';
import { bootResult } from '../boot-json.js';

/** How much of the log was asked for and shown. */
export interface Shown {
  readonly matched: number;
  readonly shown: number;
}

export function statsResult(stats: ReplayStats): object {
  return {
    entries: stats.entries,
    bytes: String(stats.bytes),
    first: stats.first,
    last: stats.last,
    commitTs:
      stats.minCommitTs === null ? null : { min: stats.minCommitTs, max: stats.maxCommitTs },
    types: shares(stats.types),
    dispositions: shares(stats.dispositions),
    phases: phases(stats.phases),
    errors: Object.fromEntries([...stats.errors].sort(byName)),
  };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function shares(of: ReadonlyMap<string, Share>): object {
  const rows = [...of].sort(byName).map(([word, { entries, bytes, first, last }]) => {
    return [word, { entries, bytes: String(bytes), first, last }] as const;
  });
  return Object.fromEntries(rows);
}

function phases(of: ReadonlyMap<string, PhaseShare>): object {
  return Object.fromEntries([...of].sort(byName).map(([word, share]) => [word, { ...share }]));
}

export function endingResult(
  survey: WalSurvey | null,
  fileOf: (segment: string) => string,
): object {
  if (survey === null) return { kind: 'no-wal', file: null, offset: null };
  const { kind, segment, offset } = survey.end;
  return {
    kind,
    file: segment === undefined ? null : fileOf(segment),
    offset: String(offset),
  };
}

/** Everything but the records themselves. */
export function nodeReplayResult(
  replay: NodeReplay,
  stats: ReplayStats,
  shown: Shown,
  wantStore: boolean,
): object {
  return {
    generation: replay.boot.generation,
    boot: bootResult(replay.boot, null, false),
    entries: replay.counts,
    inLog: replay.inLog,
    made: replay.made,
    ...shown,
    overwrites: replay.survey?.overwrites.length,
    ending: endingResult(replay.survey, (segment) => `wal/${segment}`),
    stats: statsResult(stats),
    store: wantStore ? replay.boot.store : undefined,
  };
}

export function logReplayResult(
  replay: LogReplay,
  stats: ReplayStats,
  shown: Shown,
  segments: number,
  fileOf: (segment: string) => string,
): object {
  const { survey } = replay;
  const { first, last, hardState } = survey;
  return {
    hardState:
      hardState === undefined
        ? null
        : {
            term: hardState.term ?? 0n,
            vote: hardState.vote ?? 0n,
            commit: hardState.commit ?? 0n,
          },
    log: first === null ? null : { first, last, segments },
    entries: replay.counts,
    inLog: replay.inLog,
    made: 0,
    ...shown,
    overwrites: survey.overwrites.length,
    ending: endingResult(survey, fileOf),
    stats: statsResult(stats),
  };
}
