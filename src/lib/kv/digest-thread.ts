/** The thread that a large digest is left to: chunks of pairs in order, and at last the digest. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { PairChunk } from './pair-chunk.js';

/** How many chunks it may be behind. */
const MAX_BEHIND = 8;

/** The thread ended before its work; what it had taken is lost. */
export class DigestThreadLost extends Error {}

/** To the thread: pairs, or that there are no more. */
export type DigestRequest = Uint8Array<ArrayBuffer> | 'finish';
/** From the thread: the memory of pairs that it is done with, or the digest. */
export type DigestAnswer = ArrayBuffer | string;

export class DigestThread {
  private readonly worker: Worker;
  private behind = 0;
  /** Memory to be used again: fresh memory costs more than what is written to it. */
  readonly spare: ArrayBuffer[] = [];
  private sha256: string | undefined;
  private lost: DigestThreadLost | undefined;
  /** Wakes whoever waits for something to happen. */
  private wake: () => void = () => undefined;

  constructor() {
    this.worker = new Worker(new URL('./digest-worker.js', import.meta.url), {
      // A copy of the environment would make it start later.
      env: SHARE_ENV,
    });
    this.worker.on('message', (answer: DigestAnswer) => {
      if (typeof answer === 'string') {
        this.sha256 = answer;
      } else {
        this.behind--;
        this.spare.push(answer);
      }
      this.wake();
    });
    const lose = (cause?: unknown): void => {
      this.lost ??= new DigestThreadLost('the hashing thread ended early', { cause });
      this.wake();
    };
    this.worker.once('error', lose);
    this.worker.once('exit', lose);
  }

  take(chunk: PairChunk): void {
    this.behind++;
    this.send(chunk.pairs, [chunk.pairs.buffer]);
  }

  /** Until it is not too far behind. @throws {DigestThreadLost} */
  async room(): Promise<void> {
    await this.until(() => this.behind < MAX_BEHIND);
  }

  /** @throws {DigestThreadLost} */
  async finish(): Promise<string> {
    this.send('finish', []);
    await this.until(() => this.sha256 !== undefined);
    return this.sha256 ?? '';
  }

  close(): void {
    void this.worker.terminate();
  }

  private send(request: DigestRequest, transfer: readonly ArrayBuffer[]): void {
    this.worker.postMessage(request, transfer);
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.lost !== undefined) throw this.lost;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
