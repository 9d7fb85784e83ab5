/**
 * Whether a process holds a lock in a directory (spec/etcd-wal.md §1.6), told from `/proc/locks`:
 *
 *     1: FLOCK  ADVISORY  WRITE 4711 fd:01:131095 0 EOF      device major:minor in hex, inode
 *
 * Where there is no such file nothing can be told, and nothing is claimed.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IoError } from '../core/errors.js';
import { FsDir } from './file-source.js';

function lockedInodes(): Set<string> {
  try {
    const lines = readFileSync('/proc/locks', 'latin1').split('\n');
    const found = lines.map((line) => /\b([0-9a-f]+:[0-9a-f]+:\d+)\s/.exec(line)?.[1]);
    return new Set(found.filter((id) => id !== undefined).map(normalised));
  } catch {
    return new Set();
  }
}

function normalised(id: string): string {
  const [major = '', minor = '', inode = ''] = id.split(':');
  return `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}:${inode}`;
}

/** Linux packs a device number as minor 0–7, major 8–19, minor 20–31, major 32–63. */
function inodeId(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { dev, ino } = stats;
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xffff_f000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffff_ff00n);
  return `${major}:${minor}:${ino}`;
}

/** The first file of a group dir that some process has locked; undefined: none is known to be. */
export function lockedFile(groupDir: string): string | undefined {
  const locked = lockedInodes();
  if (locked.size === 0) return undefined;
  const wal = new FsDir(groupDir).stat('wal')?.kind === 'directory' ? 'wal' : undefined;
  const segments = wal === undefined ? [] : new FsDir(join(groupDir, wal)).list();
  const paths = segments
    .filter(({ kind, name }) => kind === 'file' && name.endsWith('.wal'))
    .map(({ name }) => join(groupDir, 'wal', name));
  paths.push(join(groupDir, 'fsm.db', 'LOCK'));
  return paths.find((path) => locked.has(inodeId(path) ?? ''));
}

/** @throws {IoError} `source-live` */
export function checkNotLive(groupDir: string): void {
  const path = lockedFile(groupDir);
  if (path === undefined) return;
  const message = 'is locked by a running process; stop the node or work on a copy';
  throw new IoError('source-live', message, { site: { path } });
}
