/** `verify-crc` of one path: the token it is held against, and the checks of its kind. */
import { dirname, join } from 'node:path';
import { UsageError, type ExitCode } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import { databaseLocks, groupLocks } from '../lib/io/live-lock.js';
import { FsDir } from '../lib/io/file-source.js';
import type { FoundToken } from '../lib/inspect/fsm.js';
import type { Kind } from '../lib/inspect/kind.js';
import type { VerifyReport } from '../lib/verify/ledger.js';
import { nextFor, relativeTo } from './inspect-next.js';
import { isDirSubject, openSubject, type DirSubject, type FileSubject } from './inspect-subject.js';
import { judgeLive } from './live.js';
import type { Progress } from './progress.js';

export interface Verified {
  readonly path: string;
  readonly kind: Kind;
  readonly report: VerifyReport;
  readonly findings: readonly Finding[];
  readonly grounds: readonly ExitCode[];
}

export interface VerifyWishes {
  /** From a flag; undefined: the `.snap` beside the file is looked for. */
  readonly found: FoundToken | undefined;
  readonly as: string | undefined;
  readonly allowLive: boolean;
  readonly pace: Progress;
}

/** @throws {ToolError} what the path itself stands in the way of */
export async function verifyPath(path: string, wishes: VerifyWishes): Promise<Verified> {
  const subject = await openSubject(path, wishes.as);
  const { kind } = subject;
  if (wishes.found && kind !== 'fsm-file') {
    if (!isDirSubject(subject)) subject.source.close();
    const what = `${path} is a ${kind}`;
    throw new UsageError('usage-bad-flag', `${wishes.found.from} is for a .fsm: ${what}`);
  }
  if (!isDirSubject(subject)) {
    try {
      const report = await verifyOneFile(subject, wishes);
      const findings = [...report.findings, ...nothingChecked(path, report)];
      return { path, kind, report, findings: withNext(path, kind, findings), grounds: [] };
    } finally {
      subject.source.close();
    }
  }
  const { report, refused, live } = await verifyDir(subject, wishes);
  const found = [...live, ...relativeTo(path, report.findings), ...nothingChecked(path, report)];
  const findings = withNext(path, kind, found);
  return { path, kind, report, findings, grounds: refused ? [4] : [] };
}

function withNext(path: string, kind: Kind, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => nextFor(path, kind, 'verify-crc', finding));
}

async function verifyOneFile(
  { path, name, kind, source }: FileSubject,
  { found, pace }: VerifyWishes,
): Promise<VerifyReport> {
  const { verifyFile } = await import('../lib/verify/verify-file.js');
  const token = found ?? (kind === 'fsm-file' ? await besideOf(path, name, pace) : undefined);
  pace.phase(`verifying ${name}`, source.size);
  return verifyFile(source, { path, name, kind, found: token, pace });
}

async function besideOf(
  path: string,
  name: string,
  pace: Progress,
): Promise<FoundToken | undefined> {
  const { tokenBeside } = await import('../lib/inspect/fsm.js');
  return tokenBeside(new FsDir(join(dirname(path), '..', 'snap')), name, pace);
}

async function verifyDir(
  { path, dir, kind }: DirSubject,
  { pace, allowLive }: VerifyWishes,
): Promise<{ report: VerifyReport; refused: boolean; live: readonly Finding[] }> {
  const options = { pace, phase: (label: string): void => pace.phase(label) };
  if (kind === 'pebble-dir' || kind === 'wal-dir') {
    const { verifyPart } = await import('../lib/verify/verify-tree.js');
    const locks = kind === 'wal-dir' ? groupLocks(join(path, '..')) : databaseLocks(path);
    const live = judgeLive(locks, allowLive);
    const report = await verifyPart(dir, kind, options);
    return { report, refused: report.refused, live };
  }
  if (kind === 'snapshot-files') {
    const { verifyFiles } = await import('../lib/verify/verify-files.js');
    return { report: await verifyFiles(dir, pace), refused: false, live: [] };
  }
  const { verifyTree } = await import('../lib/verify/verify-tree.js');
  const { findGroups } = await import('../lib/engine/group-dir.js');
  const groups = findGroups(dir).map(({ relativePath }) => join(path, relativePath));
  const live = judgeLive(groups.flatMap(groupLocks), allowLive);
  const report = await verifyTree(dir, options);
  return { report, refused: report.refused, live };
}

/** A report without a single comparison is no good news. */
function nothingChecked(path: string, { bytes, checks }: VerifyReport): Finding[] {
  const compared = checks.some(
    ({ stage, status }) => stage !== 'structure' && status !== 'skipped',
  );
  if (compared || bytes.checked > 0 || bytes.unreadable > 0) return [];
  const what =
    bytes.there === 0 ? 'there are no bytes' : 'it has no checksum that could be compared';
  const message = `nothing was verified: ${what}`;
  return [
    { code: 'verify-nothing-checked', severity: 'warning', file: path, message, exitCode: 5 },
  ];
}
