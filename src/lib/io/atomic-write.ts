/**
 * One new file: created under a name that was free, written, made durable, and read back byte for
 * byte. It is not yet in place; `atomic-tree.ts` and `atomic-file.ts` give the name that counts.
 */
import { NO_PACE, type Pace } from '../core/pace.js';
import { IoError } from '../core/errors.js';
import { ContentSource, type Piece } from './atomic-content.js';
import { errnoOf, FileOps, type OperationHook } from './atomic-ops.js';
import { FileSource } from './file-source.js';
import { lstatOf } from './atomic-target.js';

/** Small enough to stay in the processor's cache between reading, comparing and writing. */
const CHUNK_BYTES = 256 << 10;

export interface WriteOptions {
  readonly pace?: Pace | undefined;
  /** Sees every change of the disk before it is made. For tests. */
  readonly hook?: OperationHook | undefined;
  /** For tests: no result depends on it. */
  readonly chunkBytes?: number | undefined;
}

export class Writing {
  readonly ops: FileOps;
  private readonly pace: Pace;
  private readonly chunkBytes: number;

  constructor({ pace = NO_PACE, hook, chunkBytes = CHUNK_BYTES }: WriteOptions) {
    this.ops = new FileOps(hook);
    this.pace = pace;
    this.chunkBytes = chunkBytes;
  }

  /** @throws {IoError} `target-verify-failed`, `write-…`, `io-…` */
  async writeFile(path: string, pieces: readonly Piece[], mode: number): Promise<void> {
    const { ops } = this;
    const content = new ContentSource(path, pieces);
    const fd = ops.create(path, mode);
    let open = true;
    try {
      await this.fill(fd, path, content);
      // Reading back comes from the page cache and need not wait for the disk.
      const durable = ops.startFsync(fd, path);
      const outcomes = await Promise.allSettled([durable, this.compare(path, content)]);
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      open = false;
      ops.close(fd, path);
    } finally {
      if (open) closeQuietly(ops, fd, path);
      content.close();
    }
  }

  /** A second name for a file that nobody changes; false where the file system cannot. */
  tryLink(from: string, to: string): boolean {
    try {
      this.ops.link(from, to);
    } catch (error) {
      if (CANNOT_LINK.has(errnoOf(error) ?? '')) return false;
      throw error;
    }
    const [a, b] = [lstatOf(from), lstatOf(to)];
    if (a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev) return true;
    throw new IoError('target-verify-failed', 'the link does not lead to the file it was made of', {
      site: { path: to },
    });
  }

  private async fill(fd: number, path: string, content: ContentSource): Promise<void> {
    const chunk = new Uint8Array(Math.min(this.chunkBytes, content.size));
    for (let at = 0; at < content.size;) {
      const got = content.readAt(at, chunk);
      this.ops.write(fd, path, chunk.subarray(0, got));
      at += got;
      await this.pace.step(got);
    }
  }

  private async compare(path: string, content: ContentSource): Promise<void> {
    const written = new FileSource(path);
    try {
      if (written.size !== content.size) throw differs(path, Math.min(written.size, content.size));
      const wanted = new Uint8Array(Math.min(CHUNK_BYTES, content.size));
      const found = new Uint8Array(wanted.length);
      for (let at = 0; at < content.size; at += wanted.length) {
        const got = content.readAt(at, wanted);
        written.readAt(at, found);
        if (Buffer.compare(wanted.subarray(0, got), found.subarray(0, got)) !== 0) {
          throw differs(path, at);
        }
        await this.pace.step(got);
      }
    } finally {
      written.close();
    }
  }
}

/** The link crosses file systems, or the file system or its rules have none: a copy will do. */
const CANNOT_LINK: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

function differs(path: string, offset: number): IoError {
  return new IoError('target-verify-failed', 'what was read back is not what was written', {
    site: { path, offset },
  });
}

function closeQuietly(ops: FileOps, fd: number, path: string): void {
  try {
    ops.close(fd, path);
  } catch {
    // The first failure is the one that counts.
  }
}
