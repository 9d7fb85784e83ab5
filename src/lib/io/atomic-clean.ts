/**
 * Removes what a killed run has left. It goes by the name `….ekv-unfinished` and, for a directory, by
 * the mark or the manifest in it, which go last: an interrupted clean-up can be repeated. The target
 * itself is never touched.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { IoError } from '../core/errors.js';
import { FileOps } from './atomic-ops.js';
import {
  lstatOf,
  MANIFEST_NAME,
  MARK_NAME,
  unfinishedNames,
  type Target,
} from './atomic-target.js';
import { ioErrorOf } from './file-source.js';

/** Paths that a clean-up would remove; empty where nothing is left. */
export function findUnfinished(target: Target): string[] {
  const complete = lstatOf(target.path) !== undefined;
  // Beside its file a manifest is in order; without it, as unfinished as the rest.
  const names = unfinishedNames(target).filter((path) => !complete || path !== target.manifest);
  return names.filter((path) => lstatOf(path) !== undefined);
}

/**
 * @returns what was removed
 * @throws {IoError} `target-not-recognised` before anything is removed, `write-…`
 */
export function removeUnfinished(target: Target, ops = new FileOps()): string[] {
  const found = findUnfinished(target);
  for (const path of found) checkRecognised(path, target);
  for (const path of found) remove(path, ops);
  if (found.length > 0) ops.fsyncDir(target.parent);
  return found;
}

function checkRecognised(path: string, target: Target): void {
  const stats = lstatOf(path);
  if (stats === undefined) return;
  const ours =
    target.kind === 'file' ? stats.isFile() : stats.isDirectory() && isMarked(names(path));
  if (ours) return;
  throw new IoError('target-not-recognised', 'was not left by this tool; it stays', {
    site: { path },
  });
}

function isMarked(found: readonly string[]): boolean {
  return found.length === 0 || found.includes(MARK_NAME) || found.includes(MANIFEST_NAME);
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw ioErrorOf(error, dir, 'list');
  }
}

const LAST = [MARK_NAME, MANIFEST_NAME];

function remove(path: string, ops: FileOps): void {
  const stats = lstatOf(path);
  if (stats === undefined) return;
  // A link is removed, never followed.
  if (!stats.isDirectory()) {
    ops.unlink(path);
    return;
  }
  const found = names(path);
  const last = LAST.filter((name) => found.includes(name));
  for (const name of found) if (!last.includes(name)) remove(join(path, name), ops);
  for (const name of last) remove(join(path, name), ops);
  ops.rmdir(path);
}
