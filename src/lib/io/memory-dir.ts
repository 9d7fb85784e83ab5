import { IoError } from '../core/errors.js';
import { MemorySource, type ByteSource } from './byte-source.js';
import type { DirEntry, DirSource } from './dir-source.js';

/** A directory tree in memory, keyed by `/`-separated paths below its root. */
export class MemoryDir implements DirSource {
  readonly path: string;
  private readonly files: ReadonlyMap<string, Uint8Array>;
  private readonly prefix: string;

  constructor(path: string, files: ReadonlyMap<string, Uint8Array>, prefix = '') {
    this.path = path;
    this.files = files;
    this.prefix = prefix;
  }

  list(): readonly DirEntry[] {
    const names = new Set<string>();
    for (const key of this.files.keys()) {
      if (key.startsWith(this.prefix)) names.add(key.slice(this.prefix.length).split('/')[0]!);
    }
    if (names.size === 0 && this.prefix !== '') {
      throw new IoError('io-not-found', 'cannot list: no such file or directory', {
        site: { path: this.path },
        errno: 'ENOENT',
      });
    }
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return sorted.map((name) => this.stat(name)!);
  }

  stat(name: string): DirEntry | undefined {
    const bytes = this.files.get(this.prefix + name);
    if (bytes) return { name, kind: 'file', size: bytes.length, mode: 0o600 };
    for (const key of this.files.keys()) {
      if (key.startsWith(`${this.prefix}${name}/`)) {
        return { name, kind: 'directory', size: 0, mode: 0o700 };
      }
    }
    return undefined;
  }

  open(name: string): ByteSource {
    const bytes = this.files.get(this.prefix + name);
    const path = `${this.path}/${name}`;
    if (bytes) return new MemorySource(path, bytes);
    throw new IoError('io-not-found', 'cannot open: no such file or directory', {
      site: { path },
      errno: 'ENOENT',
    });
  }

  dir(name: string): DirSource {
    return new MemoryDir(`${this.path}/${name}`, this.files, `${this.prefix}${name}/`);
  }
}
