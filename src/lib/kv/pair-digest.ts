/**
 * The digest of pairs that come one by one. Hex and hash take as long as reading a large store does,
 * so from some size on they are left to a thread that works beside whoever brings the pairs.
 */
import { DigestThread } from './digest-thread.js';
import { eachPair, PairChunk } from './pair-chunk.js';
import { PairLines } from './pair-lines.js';

/** With fewer a thread would cost more than it saves. */
const CHUNKS_BEFORE_THREAD = 8;

export class PairDigest {
  private readonly lines = new PairLines();
  private chunk = PairChunk.first();
  private readonly waiting: PairChunk[] = [];
  private readonly mayThread: boolean;
  private thread: DigestThread | undefined;

  constructor(mayThread: boolean) {
    this.mayThread = mayThread;
  }

  /** The next pair in key order, borrowed. */
  add(key: Uint8Array, value: Uint8Array): void {
    const bytes = PairChunk.bytesFor(key, value);
    if (!this.chunk.hasRoom(bytes)) {
      this.ship();
      this.chunk = PairChunk.next(bytes, this.thread?.spare.pop());
    }
    this.chunk.add(key, value);
  }

  /** Now and then between pairs. @throws {DigestThreadLost} */
  async keepPace(): Promise<void> {
    await this.thread?.room();
  }

  /** @returns lower-case hex @throws {DigestThreadLost} */
  async finish(): Promise<string> {
    this.ship();
    if (this.thread !== undefined) return this.thread.finish();
    this.digestHere();
    return this.lines.finish();
  }

  close(): void {
    this.thread?.close();
  }

  private ship(): void {
    this.waiting.push(this.chunk);
    if (!this.mayThread) {
      this.digestHere();
    } else if (this.waiting.length > CHUNKS_BEFORE_THREAD || this.thread !== undefined) {
      this.thread ??= new DigestThread();
      for (const chunk of this.waiting.splice(0)) this.thread.take(chunk);
    }
  }

  private digestHere(): void {
    for (const { pairs } of this.waiting.splice(0)) {
      eachPair(pairs, (key, value) => this.lines.add(key, value));
    }
  }
}
