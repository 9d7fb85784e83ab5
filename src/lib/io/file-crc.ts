/**
 * The CRC-32C of a range of a source, read straight into the kernel's memory. A large file on the disk
 * is shared with a second thread, which nearly doubles the speed (reference/dependencies.md §1).
 */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { combineCrc32c } from '../checksum/crc32c-combine.js';
import { borrowChunk, crc32cRange, returnChunk } from '../checksum/crc32c.js';
import { assert } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import type { ByteSource } from './byte-source.js';
import {
  crcOf,
  newCrcJob,
  PIECE_BYTES,
  pieceCount,
  pieceLength,
  setCrc,
  takePiece,
  type CrcJob,
} from './crc-pieces.js';
import { FileSource } from './file-source.js';

/** Below it the second thread costs more than it saves. */
const TWO_THREADS_FROM_BYTES = 128 << 20;

/**
 * A sum over `[from, to)` of a file on the disk that a second thread has begun; whoever wants it helps
 * to the end. The source stays open until `stop`.
 */
export class CrcAhead {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  private readonly job: CrcJob;
  private readonly worker: Worker;
  private readonly done: Promise<void>;

  constructor(source: FileSource, from: number, to: number) {
    this.path = source.path;
    this.from = from;
    this.to = to;
    this.job = newCrcJob(source.fd, from, to);
    this.worker = new Worker(new URL('./crc-worker.js', import.meta.url), {
      workerData: this.job,
      // A copy of the environment would make it start later.
      env: SHARE_ENV,
    });
    this.worker.unref();
    // Whatever it fails at is a piece that is not done, and done again here.
    this.done = new Promise<void>((resolve) => {
      this.worker.once('message', () => resolve());
      this.worker.once('error', () => resolve());
      this.worker.once('exit', () => resolve());
    });
  }

  /** Continues `crc` over the range. @throws {IoError} */
  async finish(source: ByteSource, crc: number, pace: Pace): Promise<number> {
    this.worker.ref();
    const passed = await takePart(this.job, source, pace);
    await this.done;
    await pace.step(Math.max(0, this.to - this.from - passed));
    return joined(this.job, source, crc, pace);
  }

  /** Nobody waits for its end: it has nothing left that it could do. */
  stop(): void {
    this.worker.unref();
    void this.worker.terminate();
  }
}

/** How a sum may be worked out; no result depends on it. */
export interface CrcHelp {
  /** 1 keeps a large file to this thread. */
  readonly threads?: number | undefined;
  /** Of the same file, as far as it goes. */
  readonly ahead?: CrcAhead | undefined;
}

/**
 * Continues `crc` over `[from, to)`.
 * @throws {IoError}
 */
export async function crcOfRange(
  source: ByteSource,
  from: number,
  to: number,
  crc: number,
  pace: Pace,
  { threads = 2, ahead }: CrcHelp = {},
): Promise<number> {
  if (ahead !== undefined && isOf(ahead, source, from, to)) {
    return ahead.finish(source, await crcHere(source, from, ahead.from, crc, pace), pace);
  }
  const isLarge = to - from >= TWO_THREADS_FROM_BYTES;
  if (!isLarge || threads < 2 || !(source instanceof FileSource)) {
    return crcHere(source, from, to, crc, pace);
  }
  const both = new CrcAhead(source, from, to);
  try {
    return await both.finish(source, crc, pace);
  } finally {
    both.stop();
  }
}

function isOf(ahead: CrcAhead, source: ByteSource, from: number, to: number): boolean {
  return ahead.path === source.path && ahead.from >= from && ahead.to === to;
}

/** @returns how far the pace has been told of */
async function takePart(job: CrcJob, source: ByteSource, pace: Pace): Promise<number> {
  let seen = 0;
  for (let piece = takePiece(job); piece !== undefined; piece = takePiece(job)) {
    // Those between two of ours are the other thread's.
    await pace.step((piece - seen) * PIECE_BYTES);
    seen = piece + 1;
    setCrc(job, piece, await crcOfPiece(job, source, piece, pace));
  }
  return seen * PIECE_BYTES;
}

async function joined(job: CrcJob, source: ByteSource, crc: number, pace: Pace): Promise<number> {
  let running = crc;
  for (let piece = 0; piece < pieceCount(job); piece++) {
    const own = crcOf(job, piece) ?? (await crcOfPiece(job, source, piece, pace));
    running = combineCrc32c(running, own, pieceLength(job, piece));
  }
  return running;
}

function crcOfPiece(job: CrcJob, source: ByteSource, piece: number, pace: Pace): Promise<number> {
  const from = job.from + piece * PIECE_BYTES;
  return crcHere(source, from, from + pieceLength(job, piece), 0, pace);
}

async function crcHere(
  source: ByteSource,
  from: number,
  to: number,
  crc: number,
  pace: Pace,
): Promise<number> {
  const chunk = borrowChunk();
  try {
    let running = crc;
    for (let offset = from; offset < to; offset += chunk.length) {
      const length = Math.min(chunk.length, to - offset);
      const got = source.readAt(offset, chunk.subarray(0, length));
      assert(got === length, 'a source gives all bytes below its size');
      running = crc32cRange(chunk, 0, length, running);
      await pace.step(length);
    }
    return running;
  } finally {
    returnChunk(chunk);
  }
}
