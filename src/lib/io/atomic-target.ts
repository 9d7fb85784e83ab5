/**
 * Names and refusals around the place where something new shall stand (spec/snapshot-files.md §6).
 * A target is built under `<name>.ekv-unfinished` in the same directory and gets its own name last.
 */
import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { IoError } from '../core/errors.js';
import { ioErrorOf } from './file-source.js';

export const UNFINISHED_SUFFIX = '.ekv-unfinished';
export const MANIFEST_NAME = 'ekv-manifest.json';
/** Lies in an unfinished directory. */
export const MARK_NAME = 'ekv-unfinished';

export interface Target {
  /** As the operator typed it. */
  readonly shown: string;
  readonly path: string;
  readonly parent: string;
  /** The name it has until it is complete. */
  readonly unfinished: string;
  readonly kind: 'directory' | 'file';
  /** Inside a directory, beside a file. */
  readonly manifest: string;
  /** The same as an operator reads it: below what was typed. */
  readonly manifestShown: string;
}

export function targetOf(shown: string, kind: Target['kind']): Target {
  const path = resolve(shown);
  return {
    shown,
    path,
    parent: dirname(path),
    unfinished: path + UNFINISHED_SUFFIX,
    kind,
    manifest: manifestOf(path, kind),
    manifestShown: manifestOf(shown, kind),
  };
}

function manifestOf(path: string, kind: Target['kind']): string {
  return kind === 'directory' ? join(path, MANIFEST_NAME) : `${path}.${MANIFEST_NAME}`;
}

/** What stands there, a link itself and not what it points to; undefined: nothing. */
export function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw ioErrorOf(error, path, 'look at');
  }
}

function refuse(code: ConstructorParameters<typeof IoError>[0], what: string, path: string): never {
  throw new IoError(code, what, { site: { path } });
}

/**
 * Refuses a target that cannot be made without harm.
 * @param sources  directories that are read
 * @throws {IoError} `target-…`
 */
export function checkTarget(target: Target, sources: readonly string[]): void {
  checkPlace(target, sources);
  checkFree(target.path, target.shown);
  const leftover = unfinishedNames(target).find((path) => lstatOf(path) !== undefined);
  if (leftover !== undefined) {
    const how = 'run the same command with --clean --yes to remove it';
    refuse('target-unfinished', `an earlier run was killed and left this; ${how}`, leftover);
  }
}

/** @throws {IoError} `target-exists` */
export function checkFree(path: string, shown = path): void {
  if (lstatOf(path) === undefined) return;
  refuse('target-exists', 'exists already; nothing is written over', shown);
}

/** Everything a killed run can leave while the target itself is absent. */
export function unfinishedNames(target: Target): string[] {
  if (target.kind === 'directory') return [target.unfinished];
  // The manifest gets its name before the file does.
  return [target.unfinished, target.manifest + UNFINISHED_SUFFIX, target.manifest];
}

function checkPlace(target: Target, sources: readonly string[]): void {
  if (basename(target.path) === '') refuse('target-exists', 'is the root directory', target.shown);
  let parent: string;
  try {
    parent = realpathSync(target.parent);
  } catch {
    refuse('target-no-parent', 'the directory to write in does not exist', target.parent);
  }
  if (lstatOf(parent)?.isDirectory() !== true) {
    refuse('target-no-parent', 'is not a directory', target.parent);
  }
  const place = join(parent, basename(target.path));
  for (const source of sources) {
    const real = realpathSync(source);
    if (real !== place && !isInside(place, real)) continue;
    refuse('target-inside-source', `lies inside ${source}, which is read`, target.shown);
  }
}

function isInside(path: string, dir: string): boolean {
  const way = relative(dir, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

/** @throws {IoError} `source-symlink`, or that there is nothing */
export function checkSource(path: string): Stats {
  const stats = lstatOf(path.replace(/(?<=.)\/+$/, ''));
  if (stats === undefined) refuse('io-not-found', 'no such file or directory', path);
  if (stats.isSymbolicLink()) {
    refuse('source-symlink', 'is a symbolic link; name the real path', path);
  }
  return stats;
}
