/** Findings of `inspect` and `verify-crc`: paths relative to the input, and what to run next. */
import { dirname, join } from 'node:path';
import type { Finding } from '../lib/core/finding.js';
import { dirWord } from '../lib/report/next-commands.js';

/** Files below the directory that was typed, as spec/output.md §1 has them. */
export function relativeTo(path: string, findings: readonly Finding[]): Finding[] {
  const prefix = `${path.replace(/(?<=.)\/+$/, '')}/`;
  const plain = join(prefix, '.').replace(/\/*$/, '/');
  return findings.map((finding) => {
    const { file } = finding;
    const base = [prefix, plain].find((each) => file?.startsWith(each) === true);
    return file === undefined || base === undefined
      ? finding
      : { ...finding, file: file.slice(base.length) };
  });
}

const NODE_CODES = /^(?:wal-|fsm-|snap-|committed-entry-cut|snapshot-)/;

/** Commands that follow, with the group dir that the path shows. */
export function nextFor(path: string, kind: string, finding: Finding): Finding {
  if (finding.next !== undefined || finding.severity === 'note') return finding;
  const group = groupOf(path, kind);
  if (group === undefined || !NODE_CODES.test(finding.code)) return finding;
  const dir = dirWord(group);
  const next =
    finding.code.startsWith('wal-') || finding.code === 'committed-entry-cut'
      ? [`ekv cold-start-dryrun --data-dir ${dir}`, `ekv replay-wal --data-dir ${dir}`]
      : [`ekv snapshots --data-dir ${dir}`, `ekv cold-start-dryrun --data-dir ${dir}`];
  return { ...finding, next };
}

/** The group dir that a file or directory lies in, where its path shows that. */
function groupOf(path: string, kind: string): string | undefined {
  if (kind === 'group-dir' || kind === 'data-dir') return path;
  const bare = path.replace(/(?<=.)\/+$/, '');
  const parts = bare.split('/');
  const folder = kind === 'wal-dir' ? parts.at(-1) : parts.at(-2);
  const wanted: Readonly<Record<string, string>> = {
    'wal-dir': 'wal',
    'wal-segment': 'wal',
    'fsm-file': 'fsm-snap',
    'snap-file': 'snap',
  };
  if (wanted[kind] === undefined || folder !== wanted[kind]) return undefined;
  const own = kind === 'wal-dir' ? dirname(bare) : dirname(dirname(bare));
  return own;
}
