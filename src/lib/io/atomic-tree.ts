/**
 * A new directory that appears complete or not at all:
 *
 *     mkdir     NEWDIR.ekv-unfinished, with a mark of ours in it
 *     fill      every file with O_EXCL, fsync, read back; links for what nobody changes in place
 *     fsync     every directory, the deepest first
 *     manifest  ekv-manifest.json, then the mark goes
 *     rename    NEWDIR.ekv-unfinished to NEWDIR, fsync of the directory above
 *
 * Killed in between it leaves a directory whose name and mark say what it is; see `atomic-clean.ts`.
 */
import { join } from 'node:path';
import { bytesPiece, contentSize, filePiece, type Piece } from './atomic-content.js';
import { removeUnfinished } from './atomic-clean.js';
import { checkFree, checkTarget, MANIFEST_NAME, MARK_NAME, type Target } from './atomic-target.js';
import { Writing, type WriteOptions } from './atomic-write.js';

const MARK_TEXT = 'An unfinished target of ekv. Remove it with --clean --yes, or by hand.\n';

export interface TreeFile {
  /** Below the target, `/`-separated. */
  readonly path: string;
  readonly mode: number;
  readonly content:
    | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
    /** A file as it is; `linkable` where no node ever writes into it again. */
    | {
        readonly kind: 'keep';
        readonly from: string;
        readonly size: number;
        readonly linkable: boolean;
      };
}

export interface TreeDir {
  readonly path: string;
  readonly mode: number;
}

export interface WrittenFile {
  readonly path: string;
  readonly size: number;
  readonly how: 'written' | 'linked' | 'copied';
}

export function piecesOf({ content }: TreeFile): readonly Piece[] {
  return content.kind === 'pieces' ? content.pieces : [filePiece(content.from, 0, content.size)];
}

export interface TreePlan {
  readonly target: Target;
  readonly sources: readonly string[];
  /** Those above come before those below. */
  readonly dirs: readonly TreeDir[];
  readonly files: readonly TreeFile[];
  /** The manifest's bytes, asked for when every file is in place. Throws to give everything up. */
  readonly manifest: (written: readonly WrittenFile[]) => Promise<Uint8Array>;
}

/**
 * @throws {IoError} `target-…`, `write-…`: what had been made is removed again as far as possible
 */
export async function writeTree(plan: TreePlan, options: WriteOptions): Promise<WrittenFile[]> {
  const { target } = plan;
  checkTarget(target, plan.sources);
  const writing = new Writing(options);
  writing.ops.mkdir(target.unfinished, 0o700);
  try {
    const written = await fill(plan, writing);
    checkFree(target.path, target.shown);
    writing.ops.rename(target.unfinished, target.path);
    writing.ops.fsyncDir(target.parent);
    return written;
  } catch (error) {
    giveUp(target, writing);
    throw error;
  }
}

async function fill(plan: TreePlan, writing: Writing): Promise<WrittenFile[]> {
  const root = plan.target.unfinished;
  const mark = join(root, MARK_NAME);
  await writing.writeFile(mark, [bytesPiece(Buffer.from(MARK_TEXT))], 0o600);
  writing.ops.fsyncDir(root);
  writing.ops.fsyncDir(plan.target.parent);
  for (const dir of plan.dirs) writing.ops.mkdir(join(root, dir.path), dir.mode | 0o700);
  const written: WrittenFile[] = [];
  for (const file of plan.files) written.push(await place(file, root, writing));
  for (const dir of [...plan.dirs].reverse()) writing.ops.fsyncDir(join(root, dir.path));
  const manifest = await plan.manifest(written);
  await writing.writeFile(join(root, MANIFEST_NAME), [bytesPiece(manifest)], 0o644);
  writing.ops.fsyncDir(root);
  writing.ops.unlink(mark);
  writing.ops.fsyncDir(root);
  return written;
}

async function place(file: TreeFile, root: string, writing: Writing): Promise<WrittenFile> {
  const { content } = file;
  const path = join(root, file.path);
  if (content.kind === 'keep' && content.linkable && writing.tryLink(content.from, path)) {
    return { path: file.path, size: content.size, how: 'linked' };
  }
  const pieces = piecesOf(file);
  await writing.writeFile(path, pieces, file.mode);
  const how = content.kind === 'keep' ? 'copied' : 'written';
  return { path: file.path, size: contentSize(pieces), how };
}

/** Space is given back at once; what cannot be removed stays recognisable. */
function giveUp(target: Target, { ops }: Writing): void {
  try {
    removeUnfinished(target, ops);
  } catch {
    // The first failure is the one to report.
  }
}
