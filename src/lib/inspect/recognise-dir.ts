/** What a directory is, from the names in it. */
import type { DirSource } from '../io/dir-source.js';
import { findGroups, looksLikeGroup } from '../engine/group-dir.js';
import { parseFilename } from '../pebble/base/filename.js';
import type { DirKind } from './kind.js';
import type { Recognised } from './recognise-file.js';

const DATABASE_TYPES: ReadonlySet<string> = new Set(['marker', 'manifest', 'current', 'table']);

/**
 * @returns undefined when no name tells
 * @throws {IoError} the directory cannot be listed
 */
export function recogniseDir(dir: DirSource): Recognised<DirKind> | undefined {
  const kind = kindOfNames(dir);
  if (kind !== undefined) return { kind, by: 'content' };
  const name = dir.path.replace(/\/+$/, '').split('/').pop() ?? '';
  const named = BY_NAME[name];
  return named && { kind: named, by: 'name' };
}

/** An empty one is still what its name says. */
const BY_NAME: Readonly<Record<string, DirKind>> = {
  wal: 'wal-dir',
  snap: 'snapshot-files',
  'fsm-snap': 'snapshot-files',
  'fsm.db': 'pebble-dir',
};

function kindOfNames(dir: DirSource): DirKind | undefined {
  const names = dir.list().map(({ name }) => name);
  const isDatabase = names.some((name) => DATABASE_TYPES.has(parseFilename(name)?.type ?? ''));
  if (isDatabase) return 'pebble-dir';
  if (looksLikeGroup(dir)) return 'group-dir';
  if (names.some((name) => name.endsWith('.wal'))) return 'wal-dir';
  if (names.some((name) => /\.(?:snap|fsm)(?:\.tmp|\.broken)?$/.test(name))) {
    return 'snapshot-files';
  }
  return findGroups(dir).length > 0 ? 'data-dir' : undefined;
}
