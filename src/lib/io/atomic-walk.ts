import { readdirSync, lstatSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { IoError } from '../core/errors.js';
import { ioErrorOf } from './file-source.js';

/** What tells one state of a file from another without reading it. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly inode: bigint;
  readonly modifiedNs: bigint;
}

export interface WalkedFile {
  /** Below the root, `/`-separated. */
  readonly relative: string;
  readonly kind: 'file' | 'directory';
  /** Low 12 bits. */
  readonly mode: number;
  readonly stamp: FileStamp;
}

function stampOf(path: string, stats: BigIntStats): FileStamp {
  return {
    path,
    size: Number(stats.size),
    inode: stats.ino,
    modifiedNs: stats.mtimeNs,
  };
}

/** @throws {IoError} */
export function stampFile(path: string): FileStamp {
  try {
    return stampOf(path, lstatSync(path, { bigint: true }));
  } catch (error) {
    throw ioErrorOf(error, path, 'look at');
  }
}

/**
 * Everything below a directory, names in byte order, a directory before what it holds.
 * @throws {IoError} `source-symlink`, `source-special`: a copy that follows or skips is no copy
 */
export function walkTree(root: string): WalkedFile[] {
  const found: WalkedFile[] = [];
  walkInto(root, '', found);
  return found;
}

function walkInto(root: string, prefix: string, found: WalkedFile[]): void {
  const names = listed(join(root, prefix));
  for (const name of names) {
    const relative = prefix === '' ? name : `${prefix}/${name}`;
    const path = join(root, relative);
    const stats = lstatSync(path, { bigint: true });
    if (stats.isSymbolicLink()) {
      const message = 'is a symbolic link inside the directory that is read';
      throw new IoError('source-symlink', message, { site: { path } });
    }
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : undefined;
    if (kind === undefined) {
      throw new IoError('source-special', 'is neither file nor directory', { site: { path } });
    }
    found.push({ relative, kind, mode: Number(stats.mode) & 0o7777, stamp: stampOf(path, stats) });
    if (kind === 'directory') walkInto(root, relative, found);
  }
}

function listed(path: string): string[] {
  try {
    return readdirSync(path).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    throw ioErrorOf(error, path, 'list');
  }
}

/**
 * The files are what they were when they were stamped. The change time is left aside: a hard link
 * made of a file moves it.
 * @throws {IoError} `source-changed`
 */
export function checkUnchanged(stamps: readonly FileStamp[]): void {
  for (const stamp of stamps) {
    const now = lstatSync(stamp.path, { bigint: true, throwIfNoEntry: false });
    const same =
      now !== undefined &&
      now.ino === stamp.inode &&
      Number(now.size) === stamp.size &&
      now.mtimeNs === stamp.modifiedNs;
    if (same) continue;
    throw new IoError('source-changed', 'changed while it was read', {
      site: { path: stamp.path },
    });
  }
}
