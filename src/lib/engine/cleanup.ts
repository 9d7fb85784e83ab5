/**
 * The clean-up every boot makes before it reads anything (spec/etcd-wal.md §6.3): spool files,
 * unfinished `.fsm.tmp`, and every `.fsm` whose index no `.snap` file's name carries. It removes the
 * evidence of what went wrong before, which is why a dry run lists it first.
 */
import type { DirEntry } from '../io/dir-source.js';
import { liveIndexOf } from '../raft/snap/snap-name.js';
import { parseFsmFileName } from '../snapshot/fsm-file.js';
import type { Generation } from './generation.js';
import type { PlannedDisk } from './planned-disk.js';
import { Refusal } from './refusal.js';

const STEP = 4;
const SPOOL_PREFIX = 'elastickv-etcd-snapshot-';

function requireDir(disk: PlannedDisk, path: string): void {
  const entry = disk.stat(path);
  if (entry !== undefined && entry.kind !== 'directory') {
    throw new Refusal({ step: STEP, message: `mkdir ${disk.shown(path)}: not a directory` });
  }
  disk.makeDir(path, 'created by the boot');
}

/** Deletes the spool files of one directory; a directory with content stops the boot afterwards. */
function deleteSpools(disk: PlannedDisk, path: string, label: string): void {
  let stuck: string | null = null;
  for (const entry of disk.list(path)) {
    if (!entry.name.startsWith(SPOOL_PREFIX)) continue;
    const at = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.kind === 'directory' && disk.list(at).length > 0) {
      stuck ??= at;
      continue;
    }
    disk.delete(at, 'stale snapshot spool', true);
  }
  if (stuck !== null) {
    throw new Refusal({
      step: STEP,
      message: `${label}: remove ${disk.shown(stuck)}: directory not empty`,
    });
  }
}

function deleteUnfinished(disk: PlannedDisk): void {
  for (const entry of disk.list('fsm-snap')) {
    if (!entry.name.endsWith('.fsm.tmp')) continue;
    const at = `fsm-snap/${entry.name}`;
    if (entry.kind === 'directory' && disk.list(at).length > 0) {
      throw new Refusal({
        step: STEP,
        message: `cleanup stale fsm snapshots: remove ${disk.shown(at)}: directory not empty`,
      });
    }
    disk.delete(at, 'unfinished snapshot', true);
  }
}

/** Deletes every `.fsm` in `entries` whose index is not live: no `.snap` could name it. */
function deleteOrphans(
  disk: PlannedDisk,
  entries: readonly DirEntry[],
  live: ReadonlySet<bigint>,
): void {
  for (const entry of entries) {
    const index = entry.kind === 'directory' ? undefined : parseFsmFileName(entry.name);
    if (index === undefined || live.has(index)) continue;
    disk.delete(`fsm-snap/${entry.name}`, `no .snap of index ${index}`, true);
  }
}

function liveIndexes(snaps: readonly DirEntry[], termMustParse: boolean): Set<bigint> {
  const live = new Set<bigint>();
  for (const entry of snaps) {
    const index = entry.kind === 'directory' ? undefined : liveIndexOf(entry.name, termMustParse);
    if (index !== undefined) live.add(index);
  }
  return live;
}

/** @throws {Refusal} step 4 where the node cannot create or remove what it must */
export function cleanUp(disk: PlannedDisk, generation: Generation): void {
  requireDir(disk, 'snap');
  deleteSpools(disk, '', 'cleanup stale snapshot spools');
  if (disk.exists('fsm-snap')) {
    requireDir(disk, 'fsm-snap');
    deleteSpools(disk, 'fsm-snap', 'cleanup stale snapshot spools (fsm-snap dir)');
  }
  requireDir(disk, 'fsm-snap');
  deleteUnfinished(disk);
  const live = liveIndexes(disk.list('snap'), generation.snapNameTermChecked);
  deleteOrphans(disk, disk.list('fsm-snap'), live);
}
