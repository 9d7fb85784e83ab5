/**
 * Commands that follow from a finding and can be pasted as they are: the paths and flags are the ones
 * the operator typed.
 */
import type { ErrorCode } from '../core/codes/all.js';
import type { Finding } from '../core/finding.js';

export interface CommandContext {
  readonly dataDir: string;
  /** Flags that describe the node, as typed. */
  readonly nodeArgs: readonly string[];
  /** The generation that was asked about, `all` for all of them. */
  readonly generation?: string | undefined;
}

/** How a quote stands in a quoted word. */
const QUOTE = String.raw`'\''`;

/** A word of a shell command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", QUOTE)}'`;
}

/** The data dir as a word for the shell, never mistaken for a flag, without a slash at its end. */
export function dirWord(path: string): string {
  const bare = path.replace(/(?<=.)\/+$/, '');
  return shellWord(bare.startsWith('-') ? `./${bare}` : bare);
}

/** A new name next to a dir: `DIR.copy`, or one level up where the dir has no name of its own. */
export function siblingOf(dir: string, what: string): string {
  return /(?:^|\/)\.{1,2}$/.test(dir) ? `${dir}/../ekv-${what}` : `${dir}.${what}`;
}

/** @param dir  as `dirWord` gives it */
export function copyCommand(dir: string): string {
  return `cp -a ${dir} ${siblingOf(dir, 'copy')}`;
}

/** The node's flags as they were typed, with a space before each word. */
export function nodeWords(context: CommandContext): string {
  return context.nodeArgs.map((word) => ` ${shellWord(word)}`).join('');
}

type Next = (dir: string, node: string) => readonly string[];

const COPY_FIRST: Next = (dir) => [copyCommand(dir)];
const VERIFY: Next = (dir) => [`ekv verify-crc ${dir}`];
const REPAIR: Next = (dir, node) => [
  `ekv repair-wal --data-dir ${dir}${node} --output ${siblingOf(dir, 'repaired')}`,
];
const SNAPSHOTS: Next = (dir, node) => [`ekv snapshots --data-dir ${dir}${node}`];
const REPLAY: Next = (dir, node) => [`ekv replay-wal --data-dir ${dir}${node}`];

const DRY_RUN: Next = (dir, node) => [`ekv cold-start-dryrun --data-dir ${dir}${node}`];

const FRAMES: Next = (dir) => [`ekv replay-wal --raw --data-dir ${dir}`];

const NEXT: Partial<Readonly<Record<ErrorCode, Next>>> = {
  'wal-repair-ahead': REPAIR,
  'committed-entry-cut': REPAIR,
  'state-record-cut': REPAIR,
  'wal-tail-not-zero': COPY_FIRST,
  'files-deleted-at-boot': COPY_FIRST,
  'snap-renamed-broken': SNAPSHOTS,
  'damaged-body-swapped-in': (dir, node) => [...COPY_FIRST(dir, node), ...SNAPSHOTS(dir, node)],
  'new-cluster-over-data': SNAPSHOTS,
  'interrupted-bootstrap': SNAPSHOTS,
  'restore-repeats': REPLAY,
  'full-restore-ahead': (dir, node) => [
    `ekv cold-start-dryrun --data-dir ${dir}${node} --generation all`,
  ],
  'fsm-ahead-of-log': REPLAY,
  'entries-applied-twice': REPLAY,
  'encryption-unknown': (dir, node) => [
    `ekv cold-start-dryrun --data-dir ${dir}${node} --encryption on --sidecar FILE --kek FILE`,
  ],
  'pebble-wal-records-lost': (dir, node) => [...COPY_FIRST(dir, node), ...VERIFY(dir, node)],
  'replay-stops': (dir, node) => [`ekv cold-start-dryrun --data-dir ${dir}${node}`],
  'wal-crc-mismatch': FRAMES,
  'wal-crc-chain': FRAMES,
  'wal-record-malformed': FRAMES,
  'wal-message-malformed': FRAMES,
  'wal-unknown-record-type': FRAMES,
  'wal-segment-skipped': FRAMES,
  'committed-entry-overwritten': FRAMES,
  'index-goes-back': FRAMES,
  'wal-entry-gap': FRAMES,
  'term-falls': FRAMES,
  'replay-no-match': (dir, node) => [`ekv replay-wal --data-dir ${dir}${node} --stats`],
  'replay-list-cut': (dir, node) => [`ekv replay-wal --data-dir ${dir}${node} --format ndjson`],
  'peers-newer-build': (dir, node) => [
    `ekv cold-start-dryrun --data-dir ${dir}${node} --generation snapshot-pointer`,
  ],
  'restart-refused': (dir, node) => [
    ...DRY_RUN(dir, node),
    `ekv snapshots --data-dir ${dir}${node}`,
  ],
  'restart-hazard-ahead': DRY_RUN,
};

/** The findings with their next commands; those that carry some already are left as they are. */
export function withNext(findings: readonly Finding[], context: CommandContext): Finding[] {
  const dir = dirWord(context.dataDir);
  const node = nodeWords(context);
  return findings.map((finding) => {
    const next = finding.next ?? NEXT[finding.code]?.(dir, node);
    return next === undefined ? finding : { ...finding, next };
  });
}
