/** From a path as it was typed to something open and recognised. */
import { basename } from 'node:path';
import { UnsupportedError, UsageError } from '../lib/core/errors.js';
import type { ByteSource } from '../lib/io/byte-source.js';
import { FileSource, FsDir } from '../lib/io/file-source.js';
import type { DirSource } from '../lib/io/dir-source.js';
import { DIR_KINDS, FILE_KINDS, type DirKind, type FileKind } from '../lib/inspect/kind.js';
import { plural } from '../lib/report/sizes.js';
import { recogniseFile, type Recognised } from '../lib/inspect/recognise-file.js';

export interface FileSubject extends Recognised<FileKind> {
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  readonly source: ByteSource;
}

export interface DirSubject extends Recognised<DirKind> {
  readonly path: string;
  readonly dir: DirSource;
}

export type Subject = FileSubject | DirSubject;

export function isDirSubject(subject: Subject): subject is DirSubject {
  return 'dir' in subject;
}

/**
 * @param as  the kind that the operator says it is
 * @throws {IoError} no such file, no permission, a FIFO, a circle of links
 * @throws {UnsupportedError} `inspect-unknown`
 */
export async function openSubject(path: string, as?: string): Promise<Subject> {
  const dir = new FsDir(path);
  if (dir.stat('')?.kind === 'directory') return dirSubject(path, dir, as);
  // Opening names every other trouble: what is missing, forbidden, or no regular file.
  const source = new FileSource(path);
  try {
    return fileSubject(path, source, as);
  } catch (error) {
    source.close();
    throw error;
  }
}

async function dirSubject(path: string, dir: FsDir, as: string | undefined): Promise<DirSubject> {
  if (as !== undefined) {
    const kind = DIR_KINDS.find((each) => each === as);
    if (kind === undefined) throw notOfKind(path, 'a directory', as);
    return { path, dir, kind, by: 'flag' };
  }
  const { recogniseDir } = await import('../lib/inspect/recognise-dir.js');
  const found = recogniseDir(dir);
  if (found) return { path, dir, ...found };
  const count = dir.list().length;
  const what = count === 0 ? 'an empty directory' : `a directory of ${plural(count, 'other name')}`;
  throw new UnsupportedError(
    'inspect-unknown',
    `${what}: no Pebble database, WAL, snapshot files, raft group or data dir`,
    { site: { path } },
  );
}

function fileSubject(path: string, source: FileSource, as: string | undefined): FileSubject {
  const name = basename(path);
  if (as !== undefined) {
    const kind = FILE_KINDS.find((each) => each === as);
    if (kind === undefined) throw notOfKind(path, 'a file', as);
    return { path, name, source, kind, by: 'flag' };
  }
  const found = recogniseFile(source, name);
  if (found) return { path, name, source, ...found };
  const what =
    source.size === 0
      ? 'an empty file whose name says nothing'
      : `neither the name nor the ${source.size} bytes say what it is`;
  throw new UnsupportedError('inspect-unknown', `${what}; --as KIND reads it as you say`, {
    site: { path, offset: 0 },
  });
}

function notOfKind(path: string, is: string, as: string): UsageError {
  return new UsageError('usage-bad-flag', `--as ${as}: ${path} is ${is}`);
}
