import { ContentSource, contentSize } from '../io/atomic-content.js';
import { piecesOf, type TreeDir, type TreeFile } from '../io/atomic-tree.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DirEntry, DirSource } from '../io/dir-source.js';
import { IoError } from '../core/errors.js';

/** A directory that is planned and not yet written, to be looked at as if it were. */
export class PlannedTree implements DirSource {
  readonly path: string;
  private readonly children = new Map<string, PlannedTree | TreeFile>();
  private readonly exists: boolean;

  /** @param path  that it will have, for messages */
  constructor(path: string, exists = true) {
    this.path = path;
    this.exists = exists;
  }

  static of(path: string, dirs: readonly TreeDir[], files: readonly TreeFile[]): PlannedTree {
    const root = new PlannedTree(path);
    for (const dir of dirs) root.below(dir.path.split('/'));
    for (const file of files) {
      const parts = file.path.split('/');
      const name = parts.pop() ?? '';
      root.below(parts).children.set(name, file);
    }
    return root;
  }

  list(): readonly DirEntry[] {
    if (!this.exists) throw notFound(this.path, 'list');
    const names = [...this.children.keys()];
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return names.map((name) => this.stat(name)).filter((entry) => entry !== undefined);
  }

  stat(name: string): DirEntry | undefined {
    const child = this.children.get(name);
    if (child === undefined) return undefined;
    if (child instanceof PlannedTree) return { name, kind: 'directory', size: 0, mode: 0o755 };
    return { name, kind: 'file', size: contentSize(piecesOf(child)), mode: child.mode };
  }

  open(name: string): ByteSource {
    const path = `${this.path}/${name}`;
    const child = this.children.get(name);
    if (child === undefined) throw notFound(path, 'open');
    if (!(child instanceof PlannedTree)) return new ContentSource(path, piecesOf(child));
    throw new IoError('io-not-regular', 'is a directory, not a regular file', { site: { path } });
  }

  dir(name: string): DirSource {
    const child = this.children.get(name);
    const path = `${this.path}/${name}`;
    return child instanceof PlannedTree ? child : new PlannedTree(path, false);
  }

  private below(parts: readonly string[]): PlannedTree {
    const [first, ...rest] = parts;
    if (first === undefined || first === '') return this;
    let child = this.children.get(first);
    if (!(child instanceof PlannedTree)) {
      child = new PlannedTree(`${this.path}/${first}`);
      this.children.set(first, child);
    }
    return child.below(rest);
  }
}

function notFound(path: string, doing: string): IoError {
  return new IoError('io-not-found', `cannot ${doing}: no such file or directory`, {
    site: { path },
    errno: 'ENOENT',
  });
}
