/** Findings of `inspect` and `verify-crc`: paths relative to the input, and what to run next. */
import { dirname, isAbsolute, join } from 'node:path';
import type { Finding } from '../lib/core/finding.js';
import { commandsFor, dirWord } from '../lib/report/next-commands.js';

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

const START = 'ekv cold-start-dryrun --data-dir ';
const NODE_CODES = /^(?:wal-|fsm-|snap-|committed-entry-cut|snapshot-)/;

/**
 * Commands that follow, with the group dir that the path shows.
 * @param asked  the command that made the finding; it is not suggested again
 */
export function nextFor(
  path: string,
  kind: string,
  asked: 'inspect' | 'verify-crc',
  finding: Finding,
): Finding {
  if (finding.next !== undefined || finding.severity === 'note') return finding;
  const dataDir = groupOf(path, kind);
  const isDir = /-dir$|^snapshot-files$/.test(kind);
  const pathOf = (file: string | undefined): string | undefined => {
    if (!isDir) return path;
    return file === undefined || isAbsolute(file) ? file : join(path, file);
  };
  const dryRun =
    dataDir === undefined || !NODE_CODES.test(finding.code) ? [] : [START + dirWord(dataDir)];
  const own = commandsFor(finding, { dataDir, nodeArgs: [], pathOf });
  const fresh = own.filter((command) => !command.startsWith(`ekv ${asked} `));
  const next = [...new Set([...fresh, ...dryRun])];
  return next.length === 0 ? finding : { ...finding, next };
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
  if (kind === 'pebble-dir' && parts.at(-1) === 'fsm.db') return dirname(bare);
  if (wanted[kind] === undefined || folder !== wanted[kind]) return undefined;
  const own = kind === 'wal-dir' ? dirname(bare) : dirname(dirname(bare));
  return own;
}
