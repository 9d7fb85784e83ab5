/**
 * `LoadNewestAvailable`: which `.snap` the node starts from, and what choosing it changes on the disk
 * (spec/etcd-wal.md §5.2).
 */
import type { DirSource } from '../../io/dir-source.js';
import { IoError } from '../../core/errors.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import type { RaftSnapshot } from '../raft-snapshot.js';
import { isSnapFailure, readSnapFile, type SnapFailure } from './snap-file.js';
import { isOrphanedDbName, isSnapName } from './snap-name.js';

export interface ChosenSnapshot {
  readonly name: string;
  /** From inside the file; the name only gave the order. */
  readonly index: bigint;
  readonly term: bigint;
  readonly snapshot: RaftSnapshot;
}

export interface BrokenSnap extends SnapFailure {
  readonly from: string;
  readonly to: string;
}

/** Readable, but the WAL does not vouch for it: the file stays. */
export interface UnvouchedSnap {
  readonly name: string;
  readonly index: bigint;
  readonly term: bigint;
}

export interface SnapshotChoice {
  /** Undefined: the empty snapshot, `S = 0`. */
  readonly chosen: ChosenSnapshot | undefined;
  /** Renames to `.broken`, in the order in which they happen. */
  readonly renames: readonly BrokenSnap[];
  /** Names that start with `db.tmp`, deleted in this order before anything is read. */
  readonly deletions: readonly string[];
  readonly unvouched: readonly UnvouchedSnap[];
  /** Older names that were not opened: their damage stays unseen. */
  readonly unopened: readonly string[];
  /** The boot ends here: a `db.tmp` directory with content. */
  readonly refusal?: string | undefined;
}

/**
 * @param valid  the filtered list of the WAL's snapshot records (§4.1)
 * @throws {IoError} when the directory cannot be listed, which refuses the boot
 */
export function chooseSnapshot(
  dir: DirSource,
  valid: readonly { readonly index: bigint; readonly term: bigint }[],
  dialect: ProtoDialect,
): SnapshotChoice {
  const names = dir.list().map(({ name }) => name);
  const deletions: string[] = [];
  const renames: BrokenSnap[] = [];
  const unvouched: UnvouchedSnap[] = [];
  const none = { chosen: undefined, renames, deletions, unvouched, unopened: [] };
  for (const name of names.filter(isOrphanedDbName)) {
    const refusal = deletionRefusal(dir, name);
    if (refusal !== undefined) return { ...none, refusal };
    deletions.push(name);
  }
  const vouched = new Set(valid.map(({ index, term }) => `${term}/${index}`));
  // A db.tmp name that ends in .snap is gone by now.
  const snaps = names.filter((name) => isSnapName(name) && !isOrphanedDbName(name)).reverse();
  for (const [i, name] of snaps.entries()) {
    const file = readSnapFile(dir, name, dialect);
    if (isSnapFailure(file)) {
      renames.push({ ...file, from: name, to: `${name}.broken` });
      continue;
    }
    const { snapshot } = file;
    const index = snapshot.metadata?.index ?? 0n;
    const term = snapshot.metadata?.term ?? 0n;
    if (vouched.has(`${term}/${index}`)) {
      const chosen = { name, index, term, snapshot };
      return { ...none, chosen, unopened: snaps.slice(i + 1) };
    }
    unvouched.push({ name, index, term });
  }
  return none;
}

function deletionRefusal(dir: DirSource, name: string): string | undefined {
  if (dir.stat(name)?.kind !== 'directory') return undefined;
  const inner = dir.dir(name);
  try {
    if (inner.list().length === 0) return undefined;
  } catch (error) {
    if (error instanceof IoError && error.errno === 'ENOENT') return undefined;
    throw error;
  }
  const cause = `remove ${inner.path}: directory not empty`;
  return `failed to remove orphaned .snap.db file ${name}: ${cause}`;
}
