/** Carries out a plan: hashing beside the writing, and a last look at the sources before the end. */
import type { Pace } from '../core/pace.js';
import { filePiece, type Piece } from '../io/atomic-content.js';
import { digestContents, type Digest } from '../io/atomic-digest.js';
import { writeNewFile } from '../io/atomic-file.js';
import type { OperationHook } from '../io/atomic-ops.js';
import type { Target } from '../io/atomic-target.js';
import {
  piecesOf,
  writeTree,
  type TreeDir,
  type TreeFile,
  type WrittenFile,
} from '../io/atomic-tree.js';
import { checkUnchanged, type FileStamp } from '../io/atomic-walk.js';
import { encodeManifest, type Manifest, type Provenance } from './manifest.js';

/** What shall be written, and out of what. Nothing has been changed yet. */
export interface WritePlan {
  /** Those that are rewritten; files taken over as they are need no digest of their own. */
  readonly inputs: readonly FileStamp[];
  /** Directories that are read: the target must not lie in them. */
  readonly sources: readonly string[];
  /** Everything that is read. */
  readonly stamps: readonly FileStamp[];
  readonly dirs: readonly TreeDir[];
  /** One file without directories is written as a file of its own, under the target's name. */
  readonly files: readonly TreeFile[];
}

export interface CarryOutOptions {
  readonly by: Provenance;
  readonly pace?: Pace | undefined;
  /** For tests. */
  readonly hook?: OperationHook | undefined;
  /** For tests. */
  readonly chunkBytes?: number | undefined;
}

/** @throws {IoError} `target-…`, `write-…`, `source-changed`: then the target does not exist */
export async function carryOut(
  plan: WritePlan,
  target: Target,
  options: CarryOutOptions,
): Promise<Manifest> {
  const inputs = plan.inputs.map(({ path, size }): Piece[] => [filePiece(path, 0, size)]);
  const outputs = plan.files.filter((file) => !isLinkable(file)).map(piecesOf);
  const digests = Promise.all([digestContents(inputs), digestContents(outputs)]);
  // Its failure is met where it is awaited.
  digests.catch(() => undefined);
  let made: Manifest = { inputs: [], files: [] };
  const manifest = async (written: readonly WrittenFile[]): Promise<Uint8Array> => {
    made = await manifestOf(plan, written, await digests);
    checkUnchanged(plan.stamps);
    return encodeManifest(options.by, made);
  };
  const [only] = plan.files;
  if (target.kind === 'file' && only !== undefined) {
    await writeNewFile({ target, pieces: piecesOf(only), mode: only.mode, manifest }, options);
  } else {
    const { dirs, files, sources } = plan;
    await writeTree({ target, sources, dirs, files, manifest }, options);
  }
  return made;
}

function isLinkable({ content }: TreeFile): boolean {
  return content.kind === 'keep' && content.linkable;
}

async function manifestOf(
  plan: WritePlan,
  written: readonly WrittenFile[],
  [ofInputs, ofOutputs]: readonly [Digest[], Digest[]],
): Promise<Manifest> {
  const inputs = plan.inputs.map(({ path }, i) => ({ path, ...known(ofInputs[i]) }));
  const ofFiles = [...ofOutputs];
  const files = [];
  for (const [i, file] of plan.files.entries()) {
    const done = written[i];
    if (done === undefined) continue;
    if (!isLinkable(file)) files.push({ ...done, sha256: known(ofFiles.shift()).sha256 });
    else if (done.how === 'linked') files.push({ ...done, sha256: null });
    else {
      const [digest] = await digestContents([piecesOf(file)]);
      files.push({ ...done, sha256: known(digest).sha256 });
    }
  }
  return { inputs, files };
}

function known(digest: Digest | undefined): Digest {
  return digest ?? { size: 0, sha256: '' };
}
