import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findUnfinished } from '../../../src/lib/io/atomic-clean.js';
import { lstatOf, type Target } from '../../../src/lib/io/atomic-target.js';
import { walkTree } from '../../../src/lib/io/atomic-walk.js';

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Every name below a directory with mode, size and content. */
export function digestOfTree(root: string): string {
  const lines = walkTree(root).map(({ relative, kind, mode, stamp }) => {
    const content = kind === 'file' ? sha256Of(stamp.path) : '';
    return `${relative} ${kind} ${mode} ${kind === 'file' ? stamp.size : ''} ${content}`;
  });
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** Cheaper than the digest, for hundreds of looks: what a write would have changed. */
export function stampsOfTree(root: string): string {
  return walkTree(root)
    .map(({ relative, mode, stamp }) => {
      return `${relative} ${mode} ${stamp.size} ${stamp.inode} ${stamp.modifiedNs}`;
    })
    .join('\n');
}

export type TargetState = 'absent' | 'unfinished' | 'complete';

interface ManifestText {
  readonly files: readonly { path: string; size: string; how: string; sha256: string | null }[];
}

/**
 * What stands at a target. A target that is there counts as complete only if its manifest is and
 * every file is what the manifest says.
 * @throws where neither holds: the state that must never be
 */
export function stateOf(target: Target): TargetState {
  if (lstatOf(target.path) === undefined) {
    return findUnfinished(target).length > 0 ? 'unfinished' : 'absent';
  }
  const manifest = JSON.parse(readFileSync(target.manifest, 'utf8')) as ManifestText;
  const base = target.kind === 'directory' ? target.path : dirname(target.path);
  const listed = manifest.files.map(({ path }) => path);
  for (const { path, size, sha256 } of manifest.files) {
    const file = target.kind === 'directory' ? join(base, path) : target.path;
    if (String(lstatSync(file).size) !== size) throw new Error(`${path}: another size`);
    if (sha256 !== null && sha256Of(file) !== sha256) throw new Error(`${path}: other bytes`);
  }
  if (target.kind === 'directory') {
    const found = walkTree(target.path).filter(({ kind }) => kind === 'file');
    const strange = found.filter(
      ({ relative }) => relative !== 'ekv-manifest.json' && !listed.includes(relative),
    );
    if (strange.length > 0) throw new Error(`unlisted: ${strange.map((f) => f.relative).join()}`);
  }
  return 'complete';
}
