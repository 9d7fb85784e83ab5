/**
 * Every operation by which this program changes a disk, one by one and countable. `hook` sees each of
 * them before it happens: tests end the process there, or let it fail as a full disk would.
 */
import {
  closeSync,
  constants,
  fsync as fsyncWithCallback,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { ErrorCode } from '../core/codes/all.js';
import { IoError, ToolError } from '../core/errors.js';

export type OperationKind =
  | 'mkdir'
  | 'create'
  | 'write'
  | 'fsync'
  | 'close'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'rmdir'
  | 'fsync-dir';

export interface FileOperation {
  readonly kind: OperationKind;
  readonly path: string;
  /** Counted from 0. */
  readonly nth: number;
}

export type OperationHook = (operation: FileOperation) => void;

const CODE_OF_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'write-no-space',
  EDQUOT: 'write-quota',
  EROFS: 'write-read-only',
  EACCES: 'write-permission',
  EPERM: 'write-permission',
  EEXIST: 'target-exists',
  ENOTEMPTY: 'target-exists',
  ENOENT: 'write-vanished',
  ENOTDIR: 'write-vanished',
  ESTALE: 'write-vanished',
};

const TEXT_OF_ERRNO: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the file system',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'it exists already',
  ENOENT: 'the directory it belongs to is gone',
  ENOTDIR: 'the directory it belongs to is gone',
  ESTALE: 'the directory it belongs to is gone',
  EFBIG: 'the file would be larger than allowed',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'input/output error',
};

const VERB: Readonly<Record<OperationKind, string>> = {
  mkdir: 'make the directory',
  create: 'create',
  write: 'write',
  fsync: 'make durable',
  close: 'close',
  link: 'link',
  rename: 'rename',
  unlink: 'remove',
  rmdir: 'remove the directory',
  'fsync-dir': 'make durable',
};

export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof IoError ? error.errno : (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : undefined;
}

function writeError(cause: unknown, kind: OperationKind, path: string): unknown {
  const errno = errnoOf(cause);
  if (errno === undefined || cause instanceof ToolError) return cause;
  const text = TEXT_OF_ERRNO[errno] ?? errno;
  return new IoError(CODE_OF_ERRNO[errno] ?? 'write-failed', `cannot ${VERB[kind]}: ${text}`, {
    site: { path },
    errno,
    cause,
  });
}

export class FileOps {
  private readonly hook: OperationHook | undefined;
  private count = 0;

  constructor(hook?: OperationHook) {
    this.hook = hook;
  }

  mkdir(path: string, mode: number): void {
    this.run('mkdir', path, () => mkdirSync(path, mode));
  }

  /** A new file, never an existing one and never through a link. */
  create(path: string, mode: number): number {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return this.run('create', path, () => openSync(path, flags, mode));
  }

  /** All of `bytes`, at the file's position. */
  write(fd: number, path: string, bytes: Uint8Array): void {
    this.run('write', path, () => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(fd, bytes, done, bytes.length - done);
      }
    });
  }

  /** Goes on in the background, so that reading back needs not wait for the disk. */
  startFsync(fd: number, path: string): Promise<void> {
    return this.run('fsync', path, () => {
      return new Promise<void>((resolve, reject) => {
        fsyncWithCallback(fd, (error) => {
          if (error) reject(writeError(error, 'fsync', path));
          else resolve();
        });
      });
    });
  }

  close(fd: number, path: string): void {
    this.run('close', path, () => closeSync(fd));
  }

  /** Fails where `to` exists. */
  link(from: string, to: string): void {
    this.run('link', to, () => linkSync(from, to));
  }

  rename(from: string, to: string): void {
    this.run('rename', to, () => renameSync(from, to));
  }

  unlink(path: string): void {
    this.run('unlink', path, () => unlinkSync(path));
  }

  rmdir(path: string): void {
    this.run('rmdir', path, () => rmdirSync(path));
  }

  /** Names made or removed in it are durable afterwards. */
  fsyncDir(path: string): void {
    this.run('fsync-dir', path, () => {
      const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    });
  }

  private run<T>(kind: OperationKind, path: string, operation: () => T): T {
    try {
      this.hook?.({ kind, path, nth: this.count++ });
      return operation();
    } catch (error) {
      throw writeError(error, kind, path);
    }
  }
}
