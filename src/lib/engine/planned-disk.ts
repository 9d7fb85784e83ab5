/**
 * The group dir as the boot would leave it: the real directory underneath, and over it every change
 * the node would have made so far. Later steps of the boot look at this and not at the disk, because
 * the node's later steps see its earlier changes. Nothing is ever written.
 *
 * Paths are relative to the group dir, `/`-separated. A change that reaches beside the group dir
 * (siblings of `fsm.db` do not: they lie in it) does not occur.
 */
import { createHash } from 'node:crypto';
import { assert, IoError } from '../core/errors.js';
import { MemorySource, SubSource, type ByteSource } from '../io/byte-source.js';
import type { DirEntry, DirSource } from '../io/dir-source.js';

/** One effect of the boot on the disk (spec/output.md §3 `actions`), in the order of happening. */
export interface Action {
  readonly kind: 'delete' | 'rename' | 'truncate' | 'rewrite' | 'create' | 'restore';
  readonly path: string;
  /** Bytes: of what is deleted, or of the result. Null where it cannot be known. */
  readonly size: number | null;
  readonly detail: string;
  /** Something is gone afterwards that existed before and is not kept elsewhere. */
  readonly lossy: boolean;
  /** SHA-256 of the result, where its bytes do not depend on time or chance. */
  readonly sha256?: string | undefined;
}

/** What stands at a path after a change: known bytes, what was at another length, or only a size. */
type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'prefix'; readonly of: Content; readonly size: number }
  | { readonly kind: 'digest'; readonly size: number; readonly sha256: string | null }
  | { readonly kind: 'original'; readonly path: string; readonly size: number };

export interface PlannedFile {
  readonly path: string;
  readonly size: number;
  /** True where the bytes on the disk are still those found at the start. */
  readonly untouched: boolean;
  /** SHA-256 in hex of changed files whose bytes are known. */
  readonly sha256: string | null;
}

export class PlannedDisk {
  readonly root: DirSource;
  readonly actions: Action[] = [];
  private readonly changed = new Map<string, Content | 'gone'>();
  private readonly madeDirs = new Set<string>();
  private readonly goneDirs = new Set<string>();

  constructor(root: DirSource) {
    this.root = root;
  }

  /** A view of a directory below the group dir (`''` for itself) with all changes so far. */
  dir(path: string): DirSource {
    return new PlannedDir(this, path);
  }

  stat(path: string): DirEntry | undefined {
    const name = baseName(path);
    const change = this.changed.get(path);
    if (change === 'gone') return undefined;
    if (change) return { name, kind: 'file', size: contentSize(change), mode: 0o600 };
    if (this.madeDirs.has(path)) return { name, kind: 'directory', size: 0, mode: 0o755 };
    if (this.isGone(path)) return undefined;
    const parent = this.rootDir(dirName(path));
    return parent.stat(name);
  }

  exists(path: string): boolean {
    return this.stat(path) !== undefined;
  }

  list(path: string): readonly DirEntry[] {
    const entries = new Map<string, DirEntry>();
    const onDisk = !this.isGone(path) && this.rootHas(path);
    if (onDisk) {
      for (const entry of this.rootDir(path).list()) entries.set(entry.name, entry);
    } else if (path !== '' && !this.madeDirs.has(path)) {
      this.rootDir(path).list();
    }
    const prefix = path === '' ? '' : `${path}/`;
    for (const dir of this.goneDirs) if (dirName(dir) === path) entries.delete(baseName(dir));
    for (const dir of this.madeDirs) {
      if (dirName(dir) === path) {
        entries.set(baseName(dir), {
          name: baseName(dir),
          kind: 'directory',
          size: 0,
          mode: 0o755,
        });
      }
    }
    for (const [changedPath, change] of this.changed) {
      if (!changedPath.startsWith(prefix) || dirName(changedPath) !== path) continue;
      const name = baseName(changedPath);
      if (change === 'gone') entries.delete(name);
      else entries.set(name, { name, kind: 'file', size: contentSize(change), mode: 0o600 });
    }
    return [...entries.values()].sort((a, b) =>
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
    );
  }

  open(path: string): ByteSource {
    const change = this.changed.get(path);
    if (change === 'gone' || (change === undefined && this.isGone(path))) {
      throw new IoError('io-not-found', 'cannot open: no such file or directory', {
        site: { path: this.shown(path) },
        errno: 'ENOENT',
      });
    }
    return change === undefined
      ? this.rootDir(dirName(path)).open(baseName(path))
      : this.openContent(path, change);
  }

  /** Deletes a file or an empty directory. */
  delete(path: string, detail: string, lossy: boolean): void {
    const entry = this.stat(path);
    assert(entry !== undefined, `deleting ${path}, which is there`);
    if (entry.kind === 'directory') this.removeDir(path);
    else this.changed.set(path, 'gone');
    this.actions.push({ kind: 'delete', path, size: entry.size, detail, lossy });
  }

  /** Deletes a directory with all it holds, or the file in its place. */
  deleteTree(path: string, detail: string, lossy: boolean): void {
    if (this.stat(path)?.kind !== 'directory') {
      this.delete(path, detail, lossy);
      return;
    }
    const size = this.treeSize(path);
    this.removeDir(path);
    this.actions.push({ kind: 'delete', path, size, detail, lossy });
  }

  rename(from: string, to: string, detail: string): void {
    const entry = this.stat(from);
    assert(entry !== undefined, `renaming ${from}, which is there`);
    if (entry.kind === 'directory') this.moveTree(from, to);
    else this.moveFile(from, to, entry.size);
    this.actions.push({ kind: 'rename', path: from, size: entry.size, detail, lossy: false });
  }

  private moveFile(from: string, to: string, size: number): void {
    this.changed.set(to, this.contentOf(from, size));
    this.changed.set(from, 'gone');
  }

  private moveTree(from: string, to: string): void {
    this.madeDirs.add(to);
    for (const { name, kind, size } of this.list(from)) {
      if (kind === 'directory') this.moveTree(`${from}/${name}`, `${to}/${name}`);
      else this.moveFile(`${from}/${name}`, `${to}/${name}`, size);
    }
    this.removeDir(from);
  }

  /** What stands at a path now, as content that can be put elsewhere. */
  private contentOf(path: string, size: number): Content {
    const before = this.changed.get(path);
    return before === undefined || before === 'gone' ? { kind: 'original', path, size } : before;
  }

  /** A copy of a file under another name (the `.broken` copy of a repair). */
  copy(from: string, to: string, detail: string): void {
    const entry = this.stat(from);
    assert(entry !== undefined, `copying ${from}, which is there`);
    const replaced = this.exists(to);
    this.changed.set(to, this.contentOf(from, entry.size));
    this.actions.push({
      kind: replaced ? 'rewrite' : 'create',
      path: to,
      size: entry.size,
      detail,
      lossy: replaced,
    });
  }

  truncate(path: string, size: number, detail: string, lossy: boolean): void {
    const entry = this.stat(path);
    assert(entry !== undefined && entry.kind === 'file', `truncating ${path}, a file`);
    this.changed.set(path, { kind: 'prefix', of: this.contentOf(path, entry.size), size });
    this.actions.push({ kind: 'truncate', path, size, detail, lossy });
  }

  /** Writes known bytes: a new file, or over an old one. */
  write(path: string, bytes: Uint8Array, detail: string, lossy = false): void {
    const kind = this.exists(path) ? 'rewrite' : 'create';
    this.changed.set(path, { kind: 'bytes', bytes });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.actions.push({ kind, path, size: bytes.length, detail, lossy, sha256 });
  }

  /** A file of which only size and digest are kept (a `.fsm` as large as the store). */
  writeDigest(path: string, size: number, sha256: string | null, detail: string): void {
    const kind = this.exists(path) ? 'rewrite' : 'create';
    this.changed.set(path, { kind: 'digest', size, sha256 });
    this.actions.push({
      kind,
      path,
      size,
      detail,
      lossy: false,
      sha256: sha256 ?? undefined,
    });
  }

  /** The size of an append-only file changes; its earlier bytes stay. Not an action of its own. */
  resize(path: string, size: number): void {
    const entry = this.stat(path);
    assert(entry !== undefined, `resizing ${path}, which is there`);
    this.changed.set(path, { kind: 'prefix', of: this.contentOf(path, entry.size), size });
  }

  makeDir(path: string, detail: string): void {
    if (this.stat(path)?.kind === 'directory') return;
    this.changed.delete(path);
    this.madeDirs.add(path);
    this.actions.push({ kind: 'create', path, size: 0, detail, lossy: false });
  }

  note(action: Action): void {
    this.actions.push(action);
  }

  /** Every regular file below `path` as the boot leaves it. */
  *files(path = ''): Generator<PlannedFile> {
    for (const entry of this.list(path)) {
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.kind === 'directory') yield* this.files(child);
      if (entry.kind !== 'file') continue;
      const change = this.changed.get(child);
      const untouched = change === undefined;
      yield {
        path: child,
        size: entry.size,
        untouched,
        sha256: untouched || change === 'gone' ? null : this.contentDigest(child, change),
      };
    }
  }

  /** Whether this boot wrote the file, so that its bytes are right by construction. */
  isMadeHere(path: string): boolean {
    const change = this.changed.get(path);
    return change !== undefined && change !== 'gone' && change.kind !== 'original';
  }

  /** `path` as the operator knows it. */
  shown(path: string): string {
    return path === '' ? this.root.path : `${this.root.path}/${path}`;
  }

  private contentDigest(path: string, content: Content): string | null {
    if (content.kind === 'digest') return content.sha256;
    // Grown by bytes that are not kept.
    if (content.kind === 'prefix' && content.size > contentSize(content.of)) return null;
    const source = this.openContent(path, content);
    const hash = createHash('sha256');
    const chunk = new Uint8Array(1 << 20);
    for (let at = 0; at < source.size; at += chunk.length) {
      hash.update(chunk.subarray(0, source.readAt(at, chunk)));
    }
    source.close();
    return hash.digest('hex');
  }

  private openContent(path: string, content: Content): ByteSource {
    switch (content.kind) {
      case 'bytes':
        return new MemorySource(this.shown(path), content.bytes);
      case 'original':
        return this.rootDir(dirName(content.path)).open(baseName(content.path));
      case 'prefix': {
        const outer = this.openContent(path, content.of);
        return new SubSource(outer, 0, Math.min(content.size, outer.size));
      }
      default:
        throw new IoError('io-failed', 'the planned file has no bytes to read', {
          site: { path: this.shown(path) },
        });
    }
  }

  private removeDir(path: string): void {
    this.madeDirs.delete(path);
    this.goneDirs.add(path);
    for (const changedPath of this.changed.keys()) {
      if (changedPath.startsWith(`${path}/`)) this.changed.delete(changedPath);
    }
    for (const dir of this.madeDirs) if (dir.startsWith(`${path}/`)) this.madeDirs.delete(dir);
  }

  private treeSize(path: string): number {
    let size = 0;
    for (const entry of this.list(path)) {
      size += entry.kind === 'directory' ? this.treeSize(`${path}/${entry.name}`) : entry.size;
    }
    return size;
  }

  /** A directory that the boot removed hides what lies under it on the disk. */
  private isGone(path: string): boolean {
    for (let at = path; at !== ''; at = dirName(at)) if (this.goneDirs.has(at)) return true;
    return false;
  }

  private rootHas(path: string): boolean {
    return path === '' || this.rootDir(dirName(path)).stat(baseName(path))?.kind === 'directory';
  }

  private rootDir(path: string): DirSource {
    let dir = this.root;
    if (path !== '') for (const name of path.split('/')) dir = dir.dir(name);
    return dir;
  }
}

class PlannedDir implements DirSource {
  readonly path: string;
  private readonly disk: PlannedDisk;
  private readonly at: string;

  constructor(disk: PlannedDisk, at: string) {
    this.disk = disk;
    this.at = at;
    this.path = disk.shown(at);
  }

  list(): readonly DirEntry[] {
    return this.disk.list(this.at);
  }

  stat(name: string): DirEntry | undefined {
    return this.disk.stat(this.join(name));
  }

  open(name: string): ByteSource {
    return this.disk.open(this.join(name));
  }

  dir(name: string): DirSource {
    return new PlannedDir(this.disk, this.join(name));
  }

  private join(name: string): string {
    return this.at === '' ? name : `${this.at}/${name}`;
  }
}

function contentSize(content: Content): number {
  return content.kind === 'bytes' ? content.bytes.length : content.size;
}

function dirName(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
