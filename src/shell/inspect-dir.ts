/** One directory of each kind: the module that reads it is loaded when it is needed. */
import { basename, join } from 'node:path';
import { ToolError, UsageError, type ExitCode } from '../lib/core/errors.js';
import { findingOf, type Finding } from '../lib/core/finding.js';
import { databaseLocks, groupLocks } from '../lib/io/live-lock.js';
import { plural } from '../lib/report/sizes.js';
import type { Section } from '../lib/report/views/section.js';
import { inspectFile } from './inspect-file.js';
import { isDirSubject, openSubject, type DirSubject } from './inspect-subject.js';
import { storeFlag, type Inspected, type InspectWishes } from './inspected.js';
import { judgeLive } from './live.js';

/**
 * @throws {IoError} `dir-live`, or the directory cannot be listed
 * @throws {UsageError} a flag that does not fit the kind
 */
export async function inspectDir(
  subject: DirSubject,
  wishes: InspectWishes,
  allowLive: boolean,
): Promise<Inspected> {
  const { kind, path } = subject;
  if (wishes.hexdump) {
    const what = 'it shows the header of a file';
    throw new UsageError('usage-bad-flag', `--hexdump: ${path} is a directory; ${what}`);
  }
  const flag = storeFlag(wishes);
  if (flag !== undefined && kind !== 'pebble-dir') {
    const where = kind === 'group-dir' ? `; its store is ${join(path, 'fsm.db')}` : '';
    throw new UsageError('usage-bad-flag', `${flag} needs a store, ${path} is a ${kind}${where}`);
  }
  switch (kind) {
    case 'pebble-dir':
      return pebble(subject, wishes, judgeLive(databaseLocks(path), allowLive));
    case 'wal-dir':
      return wal(subject, wishes, judgeLive(groupLocks(join(path, '..')), allowLive));
    case 'snapshot-files':
      return snapshotFiles(subject, wishes);
    case 'group-dir':
    case 'data-dir':
      return groups(subject, wishes, allowLive);
  }
}

async function pebble(
  { dir }: DirSubject,
  { pace, digest, depth, top, key }: InspectWishes,
  live: readonly Finding[],
): Promise<Inspected> {
  const { inspectPebble } = await import('../lib/inspect/pebble.js');
  const views = await import('../lib/report/views/inspect-pebble.js');
  const { scanJson, scanSections } = await import('../lib/report/views/inspect-store.js');
  pace.phase('reading the database');
  const { report, refused, findings } = await inspectPebble(dir, { digest, depth, key, pace });
  const all = [...live, ...findings];
  const grounds: ExitCode[] = refused ? [4] : [];
  if (report === undefined) {
    const headline = 'Pebble database, cannot be opened';
    return { headline, json: { refused }, sections: [], findings: all, regions: [], grounds };
  }
  const scan = { scan: report.scan, top };
  return {
    headline: views.pebbleHeadline(report),
    json: { ...views.pebbleJson(report), ...scanJson(scan) },
    sections: [...views.pebbleSections(report), ...scanSections(scan)],
    findings: all,
    regions: [],
    grounds,
  };
}

async function wal(
  { dir }: DirSubject,
  { pace }: InspectWishes,
  live: readonly Finding[],
): Promise<Inspected> {
  const { inspectWalDir } = await import('../lib/inspect/wal.js');
  const views = await import('../lib/report/views/inspect-wal.js');
  pace.phase('reading the log');
  const { segments, last, end, others, findings } = await inspectWalDir(dir, pace);
  return {
    headline: segments.length === 0 ? 'WAL without segments' : views.walHeadline(segments, end),
    json: views.walJson(segments, last, others),
    sections: segments.length === 0 ? [] : views.walSections(segments, last),
    findings: [...live, ...findings],
    regions: [],
  };
}

/** A `snap/` or `fsm-snap/` on its own: each file as if it had been named. */
async function snapshotFiles(subject: DirSubject, wishes: InspectWishes): Promise<Inspected> {
  const findings: Finding[] = [];
  const files: object[] = [];
  const sections: Section[] = [];
  for (const { name, kind } of subject.dir.list()) {
    if (kind !== 'file') continue;
    const path = join(subject.path, name);
    try {
      const file = await openSubject(path);
      if (isDirSubject(file)) continue;
      try {
        const inspected = await inspectFile(file, wishes);
        findings.push(...inspected.findings);
        files.push({ name, kind: file.kind, ...inspected.json });
        const [first, ...rest] = inspected.sections;
        if (first) sections.push({ ...first, title: `${name}: ${inspected.headline}` }, ...rest);
      } finally {
        file.source.close();
      }
    } catch (error) {
      if (!(error instanceof ToolError) || error instanceof UsageError) throw error;
      findings.push(findingOf(error));
    }
  }
  const headline = `${plural(files.length, 'snapshot file')}`;
  return { headline, json: { files }, sections, findings, regions: [] };
}

async function groups(
  { path, dir }: DirSubject,
  { pace }: InspectWishes,
  allowLive: boolean,
): Promise<Inspected> {
  const { findGroups } = await import('../lib/engine/group-dir.js');
  const { inspectGroup } = await import('../lib/inspect/group.js');
  const { groupJson, groupSections } = await import('../lib/report/views/inspect-group.js');
  const found = findGroups(dir);
  const locks = found.flatMap(({ relativePath }) => groupLocks(join(path, relativePath)));
  const findings: Finding[] = judgeLive(locks, allowLive);
  const sections: Section[] = [];
  const list: object[] = [];
  const grounds: ExitCode[] = [];
  let snapshots = 0;
  for (const group of found) {
    const options = { pace, phase: (label: string) => pace.phase(label) };
    const report = await inspectGroup(group, options);
    findings.push(...report.findings);
    sections.push(...groupSections(report));
    list.push(groupJson(report));
    snapshots += report.pairs.length;
    if (report.store?.refused === true || report.hashicorp.length > 0) grounds.push(4);
  }
  const what = found.length === 1 ? 'raft group' : plural(found.length, 'raft group');
  const headline = `${what} in ${basename(path) || path}, ${plural(snapshots, 'snapshot')}`;
  return { headline, json: { groups: list }, sections, findings, regions: [], grounds };
}
