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
}

/** A word of a shell command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

type Next = (dir: string, node: string) => readonly string[];

const COPY_FIRST: Next = (dir) => [`cp -a ${dir} ${dir}.copy`];
const VERIFY: Next = (dir) => [`ekv verify-crc ${dir}`];
const REPAIR: Next = (dir) => [`ekv repair-wal --data-dir ${dir} --output ${dir}.repaired`];
const SNAPSHOTS: Next = (dir) => [`ekv snapshots --data-dir ${dir}`];
const REPLAY: Next = (dir, node) => [`ekv replay-wal --data-dir ${dir}${node}`];

const DRY_RUN: Next = (dir, node) => [`ekv cold-start-dryrun --data-dir ${dir}${node}`];

const NEXT: Partial<Readonly<Record<ErrorCode, Next>>> = {
  'wal-repair-ahead': REPAIR,
  'committed-entry-cut': REPAIR,
  'state-record-cut': REPAIR,
  'wal-tail-not-zero': COPY_FIRST,
  'files-deleted-at-boot': COPY_FIRST,
  'snap-renamed-broken': SNAPSHOTS,
  'damaged-body-swapped-in': (dir) => [
    `cp -a ${dir} ${dir}.copy`,
    `ekv snapshots --data-dir ${dir}`,
  ],
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
  'pebble-wal-records-lost': VERIFY,
  'peers-newer-build': (dir, node) => [
    `ekv cold-start-dryrun --data-dir ${dir}${node} --generation snapshot-pointer`,
  ],
  'restart-refused': DRY_RUN,
  'restart-hazard-ahead': DRY_RUN,
};

/** The findings with their next commands; those that carry some already are left as they are. */
export function withNext(findings: readonly Finding[], context: CommandContext): Finding[] {
  const dir = shellWord(context.dataDir);
  const node = context.nodeArgs.map((word) => ` ${shellWord(word)}`).join('');
  return findings.map((finding) => {
    const next = finding.next ?? NEXT[finding.code]?.(dir, node);
    return next === undefined ? finding : { ...finding, next };
  });
}
