/**
 * A new single file with its manifest beside it. Both are written under unfinished names and read
 * back; then the manifest gets its name, the file last. A link gives the name, because it fails
 * where the name has been taken meanwhile and a rename would not.
 */
import { bytesPiece, contentSize, type Piece } from './atomic-content.js';
import { removeUnfinished } from './atomic-clean.js';
import { errnoOf } from './atomic-ops.js';
import { checkFree, checkTarget, UNFINISHED_SUFFIX, type Target } from './atomic-target.js';
import { Writing, type WriteOptions } from './atomic-write.js';
import type { WrittenFile } from './atomic-tree.js';

export interface FilePlan {
  readonly target: Target;
  readonly pieces: readonly Piece[];
  readonly mode: number;
  readonly manifest: (written: readonly WrittenFile[]) => Promise<Uint8Array>;
}

/** @throws {IoError} `target-…`, `write-…`: what had been made is removed again as far as possible */
export async function writeNewFile(plan: FilePlan, options: WriteOptions): Promise<WrittenFile[]> {
  const { target } = plan;
  checkTarget(target, []);
  const writing = new Writing(options);
  const { ops } = writing;
  const size = contentSize(plan.pieces);
  const written: WrittenFile[] = [{ path: target.shown, size, how: 'written' }];
  const manifestDraft = target.manifest + UNFINISHED_SUFFIX;
  let mine = false;
  try {
    await writing.writeFile(target.unfinished, plan.pieces, plan.mode);
    mine = true;
    const manifest = await plan.manifest(written);
    await writing.writeFile(manifestDraft, [bytesPiece(manifest)], 0o644);
    name(writing, manifestDraft, target.manifest);
    name(writing, target.unfinished, target.path);
    ops.fsyncDir(target.parent);
    return written;
  } catch (error) {
    // Where the very first name was taken, another process is at work on it.
    if (mine || errnoOf(error) !== 'EEXIST') giveUp(target, writing);
    throw error;
  }
}

function giveUp(target: Target, { ops }: Writing): void {
  try {
    removeUnfinished(target, ops);
  } catch {
    // What cannot be removed keeps a name that says what it is.
  }
}

function name(writing: Writing, from: string, to: string): void {
  if (writing.tryLink(from, to)) {
    writing.ops.unlink(from);
    return;
  }
  // No hard links here: the look before the rename is all there is.
  checkFree(to);
  writing.ops.rename(from, to);
}
