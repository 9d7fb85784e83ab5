/**
 * A Pebble directory: the checksum of every block that the version refers to, of MANIFEST and WALs;
 * tables that nothing refers to are verified on their own, and so are all of them where the
 * directory cannot be opened.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { DirSource } from '../io/dir-source.js';
import { parseFilename } from '../pebble/base/filename.js';
import { verifyPebble, type VerifiedFile } from '../pebble/db/verify.js';
import { pebbleOpenVerdict } from '../pebble/db/refusal.js';
import { verifyTable } from '../pebble/sstable/verify-table.js';
import type { CheckStatus, Ledger } from './ledger.js';

/** @returns whether Pebble, and so the node, would refuse to open it */
export async function verifyDatabase(
  dir: DirSource,
  fileOf: (name: string) => string,
  pace: Pace,
  ledger: Ledger,
): Promise<boolean> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => void findings.push(finding);
  let files: readonly VerifiedFile[] = [];
  let refused = false;
  try {
    const verdict = await verifyPebble(dir, 'checksum', { report, pace, cacheBytes: 0 });
    files = verdict.files;
    refused = verdict.refusal !== undefined && pebbleOpenVerdict(verdict.refusal) === 'refuses';
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    report(findingOf(error));
  }
  const known = new Map(files.map((file) => [file.name, file]));
  for (const { name, kind, size } of dir.list()) {
    if (kind !== 'file') continue;
    const found = known.get(name);
    const untouched = found === undefined || (found.skippedBytes === size && size > 0);
    const single =
      untouched && parseFilename(name)?.type === 'table'
        ? await tableAlone(dir, name, findings, pace)
        : found;
    settle(name, size, single, findings, fileOf, ledger);
  }
  ledger.find(...findings);
  return refused;
}

type FileBytes = Pick<VerifiedFile, 'checkedBytes' | 'unreadableBytes'>;

/** A table that no version refers to: Pebble deletes it, so damage in it is a warning. */
async function tableAlone(
  dir: DirSource,
  name: string,
  findings: Finding[],
  pace: Pace,
): Promise<FileBytes | undefined> {
  try {
    const source = dir.open(name);
    try {
      const verdict = await verifyTable(source, {
        level: 'checksum',
        report: (finding) => findings.push({ ...finding, severity: 'warning' }),
        pace,
      });
      return { checkedBytes: verdict.bytesChecked, unreadableBytes: verdict.bytesUnreadable };
    } finally {
      source.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error));
    return { checkedBytes: 0, unreadableBytes: dir.stat(name)?.size ?? 0 };
  }
}

/** Files whose contents have no checksum: text, markers in their names, an empty lock. */
const WITHOUT: ReadonlySet<string> = new Set(['options', 'lock', 'marker', 'current', 'temporary']);

function settle(
  name: string,
  size: number,
  found: FileBytes | undefined,
  findings: readonly Finding[],
  fileOf: (name: string) => string,
  ledger: Ledger,
): void {
  const file = fileOf(name);
  const own = findings.filter((finding) => finding.file?.endsWith(`/${name}`) === true);
  const type = parseFilename(name)?.type;
  const of = (wanted: Finding['severity']): Finding | undefined =>
    own.find(({ severity }) => severity === wanted);
  const worst = of('error') ?? of('warning') ?? own[0];
  const sumless = type === undefined || WITHOUT.has(type);
  const checked = sumless ? 0 : Math.min(found?.checkedBytes ?? 0, size);
  const unreadable = Math.min(sumless ? 0 : (found?.unreadableBytes ?? 0), size - checked);
  const status = statusOf(worst, checked, unreadable);
  if (sumless && worst === undefined) {
    if (size > 0) ledger.check('no-checksum', file, 'skipped', 'has no checksum');
    ledger.account('no-checksum', file, size, {});
    return;
  }
  const detail = worst?.message ?? (checked > 0 ? 'every checksum holds' : 'nothing to check');
  ledger.check('pebble', file, status, detail);
  ledger.account('pebble', file, size, { checked, unreadable });
}

function statusOf(worst: Finding | undefined, checked: number, unreadable: number): CheckStatus {
  if (worst?.severity === 'error') return worst.exitCode === 5 ? 'unreadable' : 'damaged';
  if (worst?.severity === 'warning') return 'attention';
  if (unreadable > 0) return 'unreadable';
  return checked > 0 ? 'ok' : 'skipped';
}
