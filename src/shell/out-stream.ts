/**
 * Standard output with honest back-pressure: a write that returns a promise has to be awaited, and
 * the promise ends when the operating system has taken the bytes, however slow the reader is. There
 * is no time limit after which output would be cut (reference/peers.md C4).
 */
import { IoError } from '../lib/core/errors.js';

const CHUNK_CHARS = 64 * 1024;

/** The reader has gone away (`| head`). Ends the work quietly; never shown. */
export class PipeClosed extends Error {
  override readonly name = 'PipeClosed';
}

export class OutStream {
  private readonly stream: NodeJS.WritableStream;
  private parts: string[] = [];
  private pending = 0;
  private failure: Error | undefined;

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream;
    this.claim();
  }

  /**
   * Makes this the only one that hears of the stream's errors. To be called again once oclif has been
   * loaded: it installs a listener that throws whatever is not EPIPE out of an event handler.
   */
  claim(): void {
    this.stream.removeAllListeners('error');
    this.stream.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
  }

  /** The reader is known to have gone. */
  get closed(): boolean {
    return this.failure instanceof PipeClosed;
  }

  /** Nothing can be written any more, and not because the reader went away: a full disk. */
  get broken(): boolean {
    return this.failure !== undefined && !(this.failure instanceof PipeClosed);
  }

  /**
   * @throws {PipeClosed} when the reader has gone, so that the work stops too
   * @throws {IoError} `io-failed` when the output cannot be written (a full disk)
   */
  write(text: string): void | Promise<void> {
    if (this.failure) throw this.failure;
    this.parts.push(text);
    this.pending += text.length;
    return this.pending >= CHUNK_CHARS ? this.flush() : undefined;
  }

  /** Writes a text of any size in pieces, so that a closed pipe is noticed on the way. */
  async writeAll(text: string): Promise<void> {
    for (let at = 0; at < text.length; at += CHUNK_CHARS) {
      await this.write(text.slice(at, at + CHUNK_CHARS));
    }
    await this.flush();
  }

  /** Ends when everything written so far, by whomever, has left the process. */
  async flush(): Promise<void> {
    const text = this.parts.join('');
    this.parts = [];
    this.pending = 0;
    await this.hand(text);
  }

  /** Lines that are encoded already. The bytes have to stay as they are until the promise ends. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    if (this.pending > 0) await this.flush();
    await this.hand(bytes);
  }

  private async hand(output: string | Uint8Array): Promise<void> {
    if (this.failure) throw this.failure;
    await new Promise<void>((resolve) => {
      this.stream.write(output, (error) => {
        if (error) this.fail(error);
        resolve();
      });
    });
    if (this.failure) throw this.failure;
  }

  private fail(error: NodeJS.ErrnoException): void {
    if (this.failure) return;
    const gone = error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
    this.failure = gone
      ? new PipeClosed('standard output is closed')
      : new IoError('io-failed', `cannot write standard output: ${error.code ?? error.message}`, {
          errno: error.code,
          cause: error,
        });
  }
}
