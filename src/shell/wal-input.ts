/**
 * What an operator points a log command at: a data dir, a `wal/` directory on its own, or segment
 * files, wherever they have been copied to.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { IoError, UsageError } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import { findGroups } from '../lib/engine/group-dir.js';
import type { DirSource } from '../lib/io/dir-source.js';
import { FileSource, FsDir } from '../lib/io/file-source.js';
import { groupLocks } from '../lib/io/live-lock.js';
import type { WalSegment } from '../lib/raft/wal/decoder.js';
import { closeSegments } from '../lib/raft/wal/open-segments.js';
import { listWal } from '../lib/raft/wal/segment-name.js';
import { judgeLive } from './live.js';

export interface WalFiles {
  readonly kind: 'wal-dir' | 'wal-segment';
  /** As they were typed. */
  readonly paths: readonly string[];
  /** What a report puts before the names in a directory. */
  readonly folder: string;
  /** Segments in the order in which the node reads them. */
  readonly files: readonly string[];
}

export type WalInput = { readonly kind: 'data-dir'; readonly path: string } | WalFiles;

/** @throws {UsageError} both or neither given; {IoError} no such file, or nothing to read in it */
export function walInputOf(dataDir: string | undefined, paths: readonly string[]): WalInput {
  const [first, ...more] = paths;
  if (dataDir !== undefined) {
    if (first === undefined) return { kind: 'data-dir', path: dataDir };
    throw new UsageError('usage-bad-argument', `${first}: --data-dir names the log already`);
  }
  if (first === undefined) {
    throw new UsageError(
      'usage-bad-argument',
      'name a data dir, a wal/ directory or segment files',
    );
  }
  if (!isDirectory(first))
    return { kind: 'wal-segment', paths, folder: '', files: inNameOrder(paths) };
  if (more.length > 0) {
    throw new UsageError('usage-bad-argument', `${first} is a directory: it has to stand alone`);
  }
  const files = segmentsIn(first);
  if (files.length > 0) return { kind: 'wal-dir', paths, folder: '', files };
  if (findGroups(new FsDir(first)).length > 0) return { kind: 'data-dir', path: first };
  throw new IoError('wal-no-segment', 'no WAL segment and no raft group here', {
    site: { path: first },
  });
}

/** The log of a group dir. @throws {IoError} there is none */
export function walOfGroup(group: DirSource): WalFiles {
  const path = join(group.path, 'wal');
  const files = group.stat('wal')?.kind === 'directory' ? segmentsIn(path) : [];
  if (files.length > 0) return { kind: 'wal-dir', paths: [group.path], folder: 'wal/', files };
  throw new IoError('wal-no-segment', 'there is no WAL segment', { site: { path } });
}

/** A `wal/` directory lies in the group dir of a node that may be running. @throws {IoError} */
export function liveFindings({ kind, paths }: WalFiles, allowed: boolean): Finding[] {
  const [path] = paths;
  if (kind !== 'wal-dir' || path === undefined) return [];
  return judgeLive(groupLocks(join(path, '..')), allowed);
}

/** Name by which a log knows a segment. */
export function segmentOf(path: string): string {
  return basename(path);
}

function segmentsIn(path: string): string[] {
  return listWal(new FsDir(path)).segments.map(({ name }) => join(path, name));
}

function isDirectory(path: string): boolean {
  const whole = resolve(path);
  return new FsDir(dirname(whole)).stat(basename(whole))?.kind === 'directory';
}

function inNameOrder(paths: readonly string[]): readonly string[] {
  const byName = new Map(paths.map((path) => [basename(path), path]));
  if (byName.size < paths.length) {
    const message = 'two segments of one name: a log has a name only once';
    throw new UsageError('usage-bad-argument', message);
  }
  const names = [...byName.keys()];
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return names.map((name) => byName.get(name) ?? name);
}

/** @throws {IoError} one that cannot be opened. Close with `closeSegments`. */
export function openFiles(files: readonly string[]): WalSegment[] {
  const open: WalSegment[] = [];
  try {
    for (const path of files) open.push({ name: basename(path), source: new FileSource(path) });
  } catch (error) {
    closeSegments(open);
    throw error;
  }
  return open;
}
