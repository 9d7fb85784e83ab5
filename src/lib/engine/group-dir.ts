/**
 * Finds the group dirs below the path an operator typed (spec/00-overview.md, directory of one raft
 * group): it may be a group dir, the `<raftId>` dir with its `group-<n>` dirs, or the data dir above.
 */
import { IoError } from '../core/errors.js';
import type { DirSource } from '../io/dir-source.js';

export interface GroupDir {
  /** Path below what was typed; empty when that is the group dir itself. */
  readonly relativePath: string;
  /** `n` of `group-<n>`, or null for a dir that is one group without a number. */
  readonly groupId: bigint | null;
  /** Name of the `<raftId>` directory, or null where the path does not show it. */
  readonly raftId: string | null;
  readonly dir: DirSource;
}

/** Any one of these says that a directory belongs to a raft group. */
const GROUP_NAMES = [
  'wal',
  'snap',
  'fsm-snap',
  'fsm.db',
  'raft-engine',
  'etcd-raft-peers.bin',
  'etcd-raft-state.bin',
  'etcd-raft-meta.bin',
];

/** The removed hashicorp/raft backend: such a dir is refused by name. */
export const HASHICORP_NAMES = ['raft.db', 'logs.dat', 'stable.dat'] as const;

const GROUP_DIR = /^group-(\d{1,20})$/;

export function looksLikeGroup(dir: DirSource): boolean {
  return [...GROUP_NAMES, ...HASHICORP_NAMES].some((name) => dir.stat(name) !== undefined);
}

function groupsOfRaftDir(dir: DirSource, relative: string, raftId: string | null): GroupDir[] {
  const groups: GroupDir[] = [];
  if (looksLikeGroup(dir)) groups.push({ relativePath: relative, groupId: null, raftId, dir });
  for (const entry of dir.list()) {
    const match = GROUP_DIR.exec(entry.name);
    if (entry.kind !== 'directory' || !match) continue;
    groups.push({
      relativePath: relative === '' ? entry.name : `${relative}/${entry.name}`,
      groupId: BigInt(match[1] ?? '0'),
      raftId,
      dir: dir.dir(entry.name),
    });
  }
  return groups;
}

function ownName(path: string): string | null {
  const name = path.replace(/\/+$/, '').split('/').pop() ?? '';
  return name === '' || name === '.' || name === '..' ? null : name;
}

/**
 * @param dir what the operator typed
 * @returns every group found, in the order of their ids (a group without a number is the data group)
 * @throws {IoError} when the directory cannot be listed
 */
export function findGroups(dir: DirSource): GroupDir[] {
  const entries = dir.list();
  const name = ownName(dir.path);
  const asGroup = name === null ? null : GROUP_DIR.exec(name);
  if (asGroup && looksLikeGroup(dir)) {
    return [{ relativePath: '', groupId: BigInt(asGroup[1] ?? '0'), raftId: null, dir }];
  }
  const here = groupsOfRaftDir(dir, '', name);
  if (here.length > 0) return here.sort(byGroupId);
  const below: GroupDir[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'directory') continue;
    below.push(...groupsOfRaftDir(dir.dir(entry.name), entry.name, entry.name));
  }
  return below.sort(byGroupId);
}

function byGroupId(a: GroupDir, b: GroupDir): number {
  const left = a.groupId ?? 1n;
  const right = b.groupId ?? 1n;
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * The group a boot is predicted for when none is named: the lowest id that is not 0 (the oracle's).
 * @throws {IoError} `no-group-dir` when there is none
 */
export function chooseGroup(
  groups: readonly GroupDir[],
  wanted: bigint | null,
  path: string,
): GroupDir {
  const chosen =
    wanted === null
      ? (groups.find((group) => group.groupId !== 0n) ?? groups[0])
      : groups.find((group) => (group.groupId ?? 1n) === wanted);
  if (chosen) return chosen;
  const ids = groups.map((group) => String(group.groupId ?? 1n)).join(', ');
  throw new IoError(
    'no-group-dir',
    wanted === null
      ? 'no raft group here: no wal/, snap/, fsm-snap/, fsm.db/, raft-engine or etcd-raft-*.bin'
      : `no group ${wanted} here; there is ${ids === '' ? 'none' : ids}`,
    { site: { path } },
  );
}
