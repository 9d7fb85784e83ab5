/**
 * One run of the program: its streams, the form of its output, its signals and its end. There is one
 * per process; oclif gives commands no other way to share it.
 */
import { writeSync } from 'node:fs';
import { loadTheme } from '../lib/report/theme.js';
import { Interrupt } from './interrupt.js';
import { OutStream, PipeClosed } from './out-stream.js';
import { Page } from './page.js';
import { Progress } from './progress.js';
import {
  canRedraw,
  canShowBlocks,
  colourWanted,
  earlyFlags,
  reportWidth,
  type OutputMode,
} from './terminal.js';
import { safeColouredText } from '../lib/report/safe-text.js';

export class Session {
  readonly mode: OutputMode;
  readonly out: OutStream;
  readonly interrupt: Interrupt;
  readonly progress: Progress;
  private readonly colourFlag: boolean | undefined;

  constructor(argv: readonly string[]) {
    const { mode, colour } = earlyFlags(argv);
    this.mode = mode;
    this.colourFlag = colour;
    this.out = new OutStream(process.stdout);
    process.stderr.removeAllListeners('error');
    // Nowhere left to complain to.
    process.stderr.on('error', () => undefined);
    this.interrupt = new Interrupt((cause) => {
      try {
        writeSync(2, `ekv: ${cause.message}\n`);
      } catch {
        // Standard error is gone as well.
      }
      process.exit(cause.exitCode);
    });
    this.progress = new Progress({
      visible: mode === 'text' && canRedraw(process.stderr, process.env),
      check: () => this.interrupt.check(),
    });
  }

  /** One JSON record a line on standard error from here on, whatever standard output gets. */
  recordProgress(): void {
    this.progress.recordTo((record) => process.stderr.write(`${JSON.stringify(record)}\n`));
  }

  /** Whether a stream gets colour. */
  colours(stream: NodeJS.WriteStream): boolean {
    return colourWanted({ isTTY: stream.isTTY, flag: this.colourFlag, env: process.env });
  }

  async page(): Promise<Page> {
    return new Page(this.out, {
      silent: this.mode !== 'text',
      theme: await loadTheme(this.colours(process.stdout)),
      width: reportWidth(process.stdout),
      isTTY: process.stdout.isTTY,
      blocks: canShowBlocks(process.stdout, process.env, process.platform),
    });
  }

  /** Lines for people on standard error. */
  complain(lines: readonly string[]): void {
    this.progress.silence(true);
    process.stderr.write(lines.map((line) => `${safeColouredText(line)}\n`).join(''));
  }

  /** Everything written has left the process when this ends. */
  async close(): Promise<void> {
    this.progress.silence();
    try {
      await this.out.flush();
    } catch (error) {
      if (!(error instanceof PipeClosed)) {
        this.complain([`ekv: ${(error as Error).message}`]);
        process.exitCode = 1;
      }
    }
    await new Promise<void>((resolve) => {
      process.stderr.write('', () => resolve());
    });
  }
}

let current: Session | undefined;

export function openSession(argv: readonly string[]): Session {
  current = new Session(argv);
  return current;
}

/** The session of this process; a command started without `run.ts` opens one for itself. */
export function theSession(argv: readonly string[] = process.argv.slice(2)): Session {
  return current ?? openSession(argv);
}
