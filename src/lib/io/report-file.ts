/** A report's file: new, whole or not there at all, and never inside what was read. */
import { resolve } from 'node:path';
import { IoError } from '../core/errors.js';
import { bytesPiece } from './atomic-content.js';
import { errnoOf } from './atomic-ops.js';
import { checkFree, checkTarget, lstatOf, targetOf, type Target } from './atomic-target.js';
import { Writing, type WriteOptions } from './atomic-write.js';

/**
 * Looks at the place before the work begins, so that an hour's work is not lost to a typing mistake.
 * @param sources  what is read: the file may not lie inside
 * @throws {IoError} `target-…`
 */
export function planReportFile(shown: string, sources: readonly string[]): Target {
  const target = targetOf(shown, 'file');
  try {
    // A source that is not there is named by whoever reads it.
    checkTarget(
      target,
      sources.filter((path) => lstatOf(resolve(path)) !== undefined),
    );
  } catch (error) {
    if (!(error instanceof IoError) || error.code !== 'target-unfinished') throw error;
    throw new IoError('target-unfinished', 'an earlier run was killed and left this; remove it', {
      site: { path: `${shown}${target.unfinished.slice(target.path.length)}` },
    });
  }
  return target;
}

/** @throws {IoError} `target-…`, `write-…` */
export async function writeReportFile(
  target: Target,
  text: string,
  options: WriteOptions = {},
): Promise<void> {
  const writing = new Writing(options);
  const { ops } = writing;
  const { unfinished, path, parent, shown } = target;
  let mine = false;
  try {
    await writing.writeFile(unfinished, [bytesPiece(Buffer.from(text, 'utf8'))], 0o644);
    mine = true;
    checkFree(path, shown);
    if (writing.tryLink(unfinished, path)) ops.unlink(unfinished);
    else ops.rename(unfinished, path);
    mine = false;
    ops.fsyncDir(parent);
  } catch (error) {
    if (isOurs(mine, error)) removeQuietly(writing, unfinished);
    throw error;
  }
}

/** Where the very first name was taken, another process is at work on it. */
function isOurs(mine: boolean, error: unknown): boolean {
  return mine || errnoOf(error) !== 'EEXIST';
}

function removeQuietly({ ops }: Writing, path: string): void {
  try {
    ops.unlink(path);
  } catch {
    // It keeps a name that says what it is.
  }
}
