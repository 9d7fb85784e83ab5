/** What a log says about itself, beside what its boot does (spec/etcd-wal.md §9.1). */
import type { Finding } from '../core/finding.js';
import type { BootReport } from '../engine/boot-report.js';
import type { CorruptEnd, TornEnd } from '../raft/wal/wal-end.js';
import type { WalSurvey } from './wal-survey.js';

/** Where in the input a segment lies. */
export type FileOf = (segment: string) => string;

const BELOW_WAL: FileOf = (segment) => `wal/${segment}`;

/** Of a boot that has been followed: its own findings are in its report. */
export function replayFindings(boot: BootReport, survey: WalSurvey | null): Finding[] {
  const findings = survey === null ? [] : surveyFindings(survey, BELOW_WAL);
  const repaired = boot.findings.some(({ code }) => code === 'wal-repair-ahead');
  const said = new Set(boot.findings.map(({ code, offset }) => `${code} ${offset}`));
  const kept = findings.filter(
    ({ code, offset }) => !(repaired && code === 'wal-torn') && !said.has(`${code} ${offset}`),
  );
  const { refusal } = boot;
  if (refusal === null) return kept;
  const how = refusal.panic ? 'dies with a panic' : 'stops';
  kept.push({
    code: 'replay-stops',
    severity: 'error',
    index: refusal.index ?? undefined,
    message: `the node ${how} at step ${refusal.step} of its start: ${refusal.message}`,
    nodeError: refusal.errors.length === 0 ? undefined : refusal.errors.join(', '),
    exitCode: 4,
  });
  return kept;
}

/** How the log ends and what is odd about its order. */
export function surveyFindings(survey: WalSurvey, fileOf: FileOf): Finding[] {
  return [...endFindings(survey, fileOf), ...orderFindings(survey, fileOf)];
}

function endFindings({ end, endsInLast, skipped }: WalSurvey, fileOf: FileOf): Finding[] {
  const findings: Finding[] = [];
  if (end.kind === 'torn' || end.kind === 'corrupt') {
    findings.push({
      code: end.code,
      severity: end.kind === 'torn' && endsInLast ? 'warning' : 'error',
      file: fileOf(end.segment),
      offset: end.offset,
      message: `${endText(end)}; the entries before it are shown, --raw goes on behind it`,
      nodeError: end.nodeError,
    });
  }
  for (const { segment, offset, bytes } of skipped) {
    findings.push({
      code: 'wal-segment-skipped',
      severity: 'warning',
      file: fileOf(segment),
      offset,
      message: `a zero length field in a segment that is not the last: ${bytes} bytes are passed over`,
    });
  }
  return findings;
}

const WHY_TORN = {
  'length-field-cut': 'the file ends inside a length field',
  'record-longer-than-file': 'a length field reaches beyond the end of the file',
  'record-cut': 'the file ends inside a record',
  'zero-sector': 'a record holds a sector of zeros',
  'message-cut': 'a record’s message ends too early',
} as const;

const WHAT_CORRUPT: Readonly<Record<string, string>> = {
  'wal-crc-mismatch': 'a record’s CRC is not that of its data',
  'wal-unknown-record-type': 'a record of a type that no version writes',
  'wal-message-malformed': 'an entry, state or snapshot that does not parse, its CRC is right',
};

/** How reading a log ended, in our words. */
export function endText(end: TornEnd | CorruptEnd): string {
  if (end.kind === 'torn') return `the log is torn: ${WHY_TORN[end.why]}`;
  const what = WHAT_CORRUPT[end.code] ?? end.detail ?? end.nodeError;
  return `the log is damaged: ${what}`;
}

function orderFindings({ overwrites, termFalls, gap }: WalSurvey, fileOf: FileOf): Finding[] {
  const findings: Finding[] = [];
  if (gap !== null) {
    const { segment, offset, index, after } = gap;
    const missing =
      index === after + 2n
        ? `entry ${after + 1n} is`
        : `entries ${after + 1n} to ${index - 1n} are`;
    findings.push({
      code: 'wal-entry-gap',
      severity: 'error',
      file: fileOf(segment),
      offset,
      index,
      message: `${missing} missing: index ${index} follows ${after}`,
    });
  }
  const committed = overwrites.find(({ index, commit }) => index <= commit);
  if (committed !== undefined) {
    findings.push({
      code: 'committed-entry-overwritten',
      severity: 'warning',
      file: fileOf(committed.segment),
      offset: committed.offset,
      index: committed.index,
      message: `entry ${committed.index} is written again after ${committed.commit} was committed`,
    });
  }
  const stale = overwrites.find(({ term, lastTerm }) => term <= lastTerm);
  if (stale !== undefined) {
    findings.push({
      code: 'index-goes-back',
      severity: 'warning',
      file: fileOf(stale.segment),
      offset: stale.offset,
      index: stale.index,
      message:
        `index ${stale.index} follows index ${stale.lastIndex} without a higher term ` +
        `(${stale.term} after ${stale.lastTerm}): no leader writes that`,
    });
  }
  if (termFalls !== null) {
    const more = termFalls.count > 1 ? `; ${termFalls.count} times in this log` : '';
    findings.push({
      code: 'term-falls',
      severity: 'warning',
      file: fileOf(termFalls.segment),
      offset: termFalls.offset,
      index: termFalls.index,
      message: `the term of entry ${termFalls.index} is below that of the entry before it${more}`,
    });
  }
  return findings;
}
