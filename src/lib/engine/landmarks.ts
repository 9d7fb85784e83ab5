/** Indexes that the names in a group dir speak of: what an index line shows besides the boot's own. */
import { IoError } from '../core/errors.js';
import type { DirSource } from '../io/dir-source.js';
import { listWal } from '../raft/wal/segment-name.js';
import { snapNameId } from './retention.js';

export interface Landmarks {
  /** Of every `.snap` whose name carries one, ascending. */
  readonly snapshots: readonly bigint[];
  /** The first index that each segment was made for, in the order of their names. */
  readonly segments: readonly bigint[];
}

/** Names only. What cannot be listed has no landmarks: the boot's own findings say why. */
export function readLandmarks(group: DirSource): Landmarks {
  const snapshots = listed(() => group.dir('snap').list())
    .map(({ name }) => snapNameId(name)?.index)
    .filter((index) => index !== undefined)
    .sort((a, b) => (a < b ? -1 : Number(a > b)));
  const segments = listed(() => listWal(group.dir('wal')).segments).map(({ index }) => index);
  return { snapshots, segments };
}

function listed<T>(list: () => readonly T[]): readonly T[] {
  try {
    return list();
  } catch (error) {
    if (error instanceof IoError) return [];
    throw error;
  }
}
