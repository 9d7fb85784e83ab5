/** Signals and the deadline. They set a mark; the work looks at it whenever its pace takes a turn. */
import type { ErrorCode } from '../lib/core/codes/all.js';
import type { ExitCode } from '../lib/core/errors.js';

/** Ends the work before it is done. Not an error of the data or of ours. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: ExitCode;
  readonly code: ErrorCode;

  constructor(exitCode: ExitCode, code: ErrorCode, message: string) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long the work has to notice before the process ends without it. */
const GRACE_MS = 1000;

export class Interrupt {
  private cause: Interrupted | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly endNow: (cause: Interrupted) => void;

  /** @param endNow  leaves the process at once: for work that does not notice, e.g. a full pipe */
  constructor(endNow: (cause: Interrupted) => void) {
    this.endNow = endNow;
  }

  /** From here on signals are ours. */
  listen(): void {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        const cause = new Interrupted(130, 'tool-interrupted', `interrupted by ${signal}`);
        // The second Ctrl-C is meant.
        if (this.cause) this.endNow(cause);
        this.raise(cause);
      });
    }
  }

  /** The work has to end within this time, or ends with status 124. */
  deadline(seconds: number): void {
    clearTimeout(this.timer);
    const cause = new Interrupted(124, 'tool-timed-out', `timed out after ${seconds} s`);
    // A timer of more than 2^31-1 ms fires at once.
    this.timer = setTimeout(() => this.raise(cause), Math.min(seconds * 1000, 0x7fff_ffff));
    this.timer.unref();
  }

  /** @throws {Interrupted} once a signal has arrived or the deadline has passed */
  check(): void {
    if (this.cause) throw this.cause;
  }

  private raise(cause: Interrupted): void {
    if (this.cause) return;
    this.cause = cause;
    setTimeout(() => this.endNow(cause), GRACE_MS).unref();
  }
}
