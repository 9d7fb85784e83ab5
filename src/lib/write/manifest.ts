/**
 * `ekv-manifest.json`: what a result was made of and by what. No clock and no host name: the same
 * call on the same input gives the same bytes.
 */
import type { Digest } from '../io/atomic-digest.js';
import type { WrittenFile } from '../io/atomic-tree.js';

/** What made it: given by the command, which alone knows its own name and words. */
export interface Provenance {
  readonly tool: { readonly name: string; readonly version: string };
  readonly command: string;
  readonly argv: readonly string[];
}

export interface ManifestInput extends Digest {
  readonly path: string;
}

export interface ManifestFile extends WrittenFile {
  /** Null for a link: it is the source's own file. */
  readonly sha256: string | null;
}

export interface Manifest {
  readonly inputs: readonly ManifestInput[];
  readonly files: readonly ManifestFile[];
}

export function encodeManifest(by: Provenance, { inputs, files }: Manifest): Uint8Array {
  const text = {
    formatVersion: '1.0',
    tool: by.tool,
    command: by.command,
    argv: by.argv,
    inputs: inputs.map(({ path, size, sha256 }) => ({ path, size: String(size), sha256 })),
    files: files.map(({ path, size, how, sha256 }) => ({ path, size: String(size), how, sha256 })),
  };
  return Buffer.from(`${JSON.stringify(text, null, 2)}\n`);
}
