import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../core/codes/all.js';
import { IoError, ToolError } from '../core/errors.js';
import { DEFAULT_LIMITS } from '../core/limits.js';
import type { ByteSource } from './byte-source.js';
import type { DirEntry, DirSource } from './dir-source.js';

const CODE_OF_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'io-not-found',
  EACCES: 'io-permission',
  EPERM: 'io-permission',
  ENOTDIR: 'io-not-directory',
  EISDIR: 'io-not-regular',
  ELOOP: 'io-symlink-loop',
};

const TEXT_OF_ERRNO: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EIO: 'input/output error',
  EMFILE: 'too many open files',
};

/** An errno failure of `node:fs` as an error of ours; anything else is passed on unchanged. */
export function ioErrorOf(cause: unknown, path: string, doing: string): unknown {
  if (cause instanceof ToolError || !(cause instanceof Error)) return cause;
  const errno = (cause as NodeJS.ErrnoException).code;
  if (errno === undefined) return cause;
  const text = TEXT_OF_ERRNO[errno] ?? errno;
  return new IoError(CODE_OF_ERRNO[errno] ?? 'io-failed', `cannot ${doing}: ${text}`, {
    site: { path },
    errno,
    cause,
  });
}

/** A terminal that is opened by mistake must not become ours. Not every system knows the flag. */
const NO_TERMINAL = constants.O_NOCTTY ?? 0;

/**
 * A regular file, opened read-only. O_NONBLOCK keeps a FIFO from hanging the open; what is not a
 * regular file is refused before a byte is read.
 */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** For reading only, and only while the source is open. */
  readonly fd: number;
  private closed = false;

  constructor(path: string, shownAs = path) {
    this.path = shownAs;
    try {
      this.fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | NO_TERMINAL);
    } catch (error) {
      throw ioErrorOf(error, shownAs, 'open');
    }
    let stats: Stats;
    try {
      stats = fstatSync(this.fd);
    } catch (error) {
      closeQuietly(this.fd);
      throw ioErrorOf(error, shownAs, 'stat');
    }
    if (!stats.isFile()) {
      closeQuietly(this.fd);
      throw new IoError('io-not-regular', `is ${kindText(stats)}, not a regular file`, {
        site: { path: shownAs },
      });
    }
    this.size = stats.size;
    this.mode = stats.mode & 0o7777;
  }

  readAt(offset: number, into: Uint8Array): number {
    const want = Math.min(into.length, this.size - offset);
    let got = 0;
    while (got < want) {
      let n: number;
      try {
        n = readSync(this.fd, into, got, want - got, offset + got);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EINTR') continue;
        throw ioErrorOf(error, this.path, `read at ${offset + got}`);
      }
      if (n === 0) {
        throw new IoError('io-changed', `file shrank while it was read, from ${this.size} bytes`, {
          site: { path: this.path, offset: offset + got },
        });
      }
      got += n;
    }
    return Math.max(got, 0);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeQuietly(this.fd);
  }
}

/** The descriptor is gone even where closing fails, and a reader has nothing to lose by it. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    return;
  }
}

function kindText(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function entryOf(name: string, stats: Stats): DirEntry {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return { name, kind, size: kind === 'file' ? stats.size : 0, mode: stats.mode & 0o7777 };
}

/** A directory on the disk. Nothing is opened until it is asked for. */
export class FsDir implements DirSource {
  readonly path: string;
  private readonly fsPath: string;

  constructor(fsPath: string, shownAs = fsPath) {
    this.fsPath = fsPath;
    this.path = shownAs;
  }

  list(): readonly DirEntry[] {
    let names: Buffer[];
    try {
      names = readdirSync(this.fsPath, { encoding: 'buffer' });
    } catch (error) {
      throw ioErrorOf(error, this.path, 'list');
    }
    if (names.length > DEFAULT_LIMITS.maxDirEntries) {
      const most = DEFAULT_LIMITS.maxDirEntries;
      const message = `${names.length} names in one directory, at most ${most} are read`;
      throw new IoError('limit-exceeded', message, { site: { path: this.path } });
    }
    names.sort(Buffer.compare);
    const entries: DirEntry[] = [];
    for (const name of names) {
      const text = name.toString('utf8');
      const isText = name.equals(Buffer.from(text, 'utf8'));
      const entry = isText ? this.stat(text) : this.statRaw(name, text);
      // A name that vanished since the listing is as good as never seen.
      if (entry) entries.push(entry);
    }
    return entries;
  }

  stat(name: string): DirEntry | undefined {
    const path = join(this.fsPath, name);
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats && entryOf(name, stats);
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code;
      // A dangling or circular link, or a file in the place of a directory: nothing usable there.
      if (errno === 'ELOOP' || errno === 'ENOTDIR') return undefined;
      throw ioErrorOf(error, join(this.path, name), 'stat');
    }
  }

  /** A name that is no UTF-8: it is listed, with U+FFFD in the place of what it holds. */
  private statRaw(name: Buffer, shown: string): DirEntry | undefined {
    const path = Buffer.concat([Buffer.from(`${this.fsPath}/`), name]);
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats && entryOf(shown, stats);
    } catch {
      return { name: shown, kind: 'other', size: 0, mode: 0 };
    }
  }

  open(name: string): ByteSource {
    return new FileSource(join(this.fsPath, name), join(this.path, name));
  }

  dir(name: string): DirSource {
    return new FsDir(join(this.fsPath, name), join(this.path, name));
  }
}
