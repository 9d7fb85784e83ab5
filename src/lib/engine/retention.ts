/**
 * What a boot deletes after, and in newer builds before, it writes a snapshot (spec/etcd-wal.md §8).
 * Only configuration snapshots make a dry run come here.
 */
import { hex64 } from '../bytes/hex.js';
import type { DirEntry } from '../io/dir-source.js';
import { parseFsmFileName } from '../snapshot/fsm-file.js';
import { purgedSnapFiles, purgedWalFiles } from '../raft/wal/retention.js';
import type { PlannedDisk } from './planned-disk.js';

export interface SnapId {
  readonly term: bigint;
  readonly index: bigint;
}

/** Term and index in a `.snap` file's name, or null where it does not carry both. */
export function snapNameId(name: string): SnapId | null {
  const match = /^([0-9a-fA-F]{1,16})-([0-9a-fA-F]{1,16})\.snap$/.exec(name);
  if (!match) return null;
  return { term: BigInt(`0x${match[1]}`), index: BigInt(`0x${match[2]}`) };
}

function snapFiles(disk: PlannedDisk): readonly DirEntry[] {
  return disk.list('snap').filter((entry) => entry.kind === 'file' && entry.name.endsWith('.snap'));
}

function deletePair(disk: PlannedDisk, snap: string, detail: string): void {
  disk.delete(`snap/${snap}`, detail, true);
  const id = snapNameId(snap);
  if (id === null) return;
  const fsm = `fsm-snap/${hex64(id.index)}.fsm`;
  if (disk.exists(fsm)) disk.delete(fsm, detail, true);
}

/** After each snapshot: all but the newest three `.snap`, by the byte order of their names. */
export function purgeSnaps(disk: PlannedDisk): void {
  const names = snapFiles(disk).map((entry) => entry.name);
  for (const name of purgedSnapFiles(names)) {
    deletePair(disk, name, 'retention: the newest three snapshots stay');
  }
}

/**
 * Before a `.fsm` of index `next` is written: one older pair stays, the newest that is restorable and
 * vouched for by the WAL, or the best there is instead.
 */
export function purgeBeforeWrite(
  disk: PlannedDisk,
  next: bigint,
  vouched: readonly SnapId[],
  isRestorable: (name: string, id: SnapId) => boolean,
): void {
  const older: { name: string; id: SnapId }[] = [];
  for (const { name } of snapFiles(disk)) {
    const id = snapNameId(name);
    if (id !== null && id.index > 0n && id.index < next) older.push({ name, id });
  }
  older.reverse();
  const inList = (id: SnapId): boolean =>
    vouched.some((known) => known.term === id.term && known.index === id.index);
  const restorable = older.filter(({ name, id }) => isRestorable(name, id));
  const both = restorable.find(({ id }) => inList(id));
  const listed = older.find(({ id }) => inList(id));
  const keep = new Set<string>();
  if (both) {
    keep.add(both.name);
  } else {
    if (listed) keep.add(listed.name);
    if (restorable[0]) keep.add(restorable[0].name);
    if (keep.size === 0 && older[0]) keep.add(older[0].name);
  }
  const detail = `retention before the snapshot of index ${next}`;
  for (const { name } of older) if (!keep.has(name)) deletePair(disk, name, detail);
  const left = new Set(snapFiles(disk).map(({ name }) => snapNameId(name)?.index));
  for (const entry of disk.list('fsm-snap')) {
    const index = entry.kind === 'directory' ? undefined : parseFsmFileName(entry.name);
    if (index === undefined || index >= next || left.has(index)) continue;
    disk.delete(`fsm-snap/${entry.name}`, detail, true);
  }
}

/** Names beyond the newest five go if nothing holds them. */
export function purgeSegments(disk: PlannedDisk, held: ReadonlySet<string>): void {
  const names = disk
    .list('wal')
    .filter((entry) => entry.name.endsWith('.wal'))
    .map((entry) => entry.name);
  for (const name of purgedWalFiles(names, held)) {
    disk.delete(`wal/${name}`, 'retention: the newest five segments stay', true);
  }
}
