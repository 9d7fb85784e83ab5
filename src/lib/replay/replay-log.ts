/**
 * The entries of a log without the data dir around it: a `wal/` directory, or segment files. Neither
 * snapshot nor state machine is known, so nothing is applied, and an entry's disposition is given only
 * where the log itself decides it.
 */
import type { Finding } from '../core/finding.js';
import type { Disposition } from '../engine/boot-report.js';
import { noEntries } from '../engine/entry-trace.js';
import type { EntryOpener } from '../engine/open-entry.js';
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import { isProposal } from '../raft/proposal.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import type { DispositionCounts } from './replay-node.js';
import { surveyFindings, type FileOf } from './replay-findings.js';
import { addUnapplied, type EntrySink } from './replay-record.js';
import { UNDECIDED } from './replay-stats.js';
import { WalRows, type WalRow } from './wal-rows.js';
import { surveyWal, type WalSurvey } from './wal-survey.js';

export interface LogReplay {
  readonly survey: WalSurvey;
  readonly counts: DispositionCounts;
  readonly inLog: number;
  readonly findings: readonly Finding[];
}

export interface LogReplayInput {
  /** In the order in which the node reads them. */
  readonly segments: readonly WalSegment[];
  readonly dialect: ProtoDialect;
  /** With the keys, where there are any. */
  readonly opener: EntryOpener;
  readonly fileOf: FileOf;
  readonly pace: Pace;
}

const PACE_ENTRIES = 256;

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export async function replayLog(
  input: LogReplayInput,
  sink: EntrySink,
  onSurvey?: (survey: WalSurvey) => void,
): Promise<LogReplay> {
  const { segments, dialect, fileOf, pace } = input;
  const survey = await surveyWal(segments, dialect, pace);
  onSurvey?.(survey);
  const rows = new WalRows(segments, dialect, survey);
  try {
    const sums = await listRows(rows, survey, input, sink);
    const commit = survey.hardState?.commit ?? null;
    const findings = [...surveyFindings(survey, fileOf), ...unknownFindings(survey, commit)];
    return { survey, ...sums, findings };
  } finally {
    rows.close();
  }
}

async function listRows(
  rows: WalRows,
  survey: WalSurvey,
  { dialect, opener, fileOf, pace }: LogReplayInput,
  sink: EntrySink,
): Promise<Pick<LogReplay, 'counts' | 'inLog'>> {
  const counts: DispositionCounts = { ...noEntries(), [UNDECIDED]: 0 };
  const commit = survey.hardState?.commit ?? null;
  let inLog = 0;
  let bytes = 0;
  let segment: string | undefined;
  let file = '';
  for (let row = rows.next(); row !== undefined; row = rows.next()) {
    const { index, term, type, offset, data, overwrittenBy } = row;
    if (row.segment !== segment) {
      segment = row.segment;
      file = fileOf(segment);
    }
    const committed = overwrittenBy !== null ? false : commit === null ? null : index <= commit;
    const disposition = dispositionOf(row, committed);
    const entry = { index, ownIndex: index, term, type, file, offset };
    const fate = { disposition, committed, ceilingMs: null, overwrittenBy };
    addUnapplied(sink, entry, data, opener, dialect, fate);
    counts[disposition ?? UNDECIDED]++;
    bytes += data.length;
    if (++inLog % PACE_ENTRIES !== 0) continue;
    await pace.step(bytes);
    bytes = 0;
  }
  return { counts, inLog };
}

function dispositionOf(
  { type, data, overwrittenBy }: WalRow,
  committed: boolean | null,
): Disposition | null {
  if (overwrittenBy !== null) return 'superseded';
  if (committed !== true) return committed === false ? 'uncommitted' : null;
  if (type === ENTRY_TYPE.confChange || type === ENTRY_TYPE.confChangeV2) return 'conf-change';
  if (type !== ENTRY_TYPE.normal) return 'not-a-proposal';
  if (data.length === 0) return 'empty';
  return isProposal(data) ? null : 'not-a-proposal';
}

function unknownFindings({ snapshots }: WalSurvey, commit: bigint | null): Finding[] {
  const valid = snapshots.filter(({ index }) => index > 0n && index <= (commit ?? 0n));
  const last = valid.at(-1);
  const snapshot =
    last === undefined
      ? 'the log vouches for no snapshot'
      : `the newest snapshot the log vouches for is ${last.index} (term ${last.term})`;
  const upTo =
    commit === null
      ? 'no state record says what is committed'
      : `the last saved commit is ${commit}`;
  return [
    {
      code: 'replay-without-data-dir',
      severity: 'note',
      message:
        `${upTo}; ${snapshot}. Without the data dir it is not known which entries the snapshot ` +
        'covers, what fsm.db has applied, and what applying them answers',
    },
  ];
}
