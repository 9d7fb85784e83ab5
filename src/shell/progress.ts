/**
 * Pace of long work: counts bytes, gives the event loop its turn at least every 50 ms so that
 * signals and the deadline are seen, and shows a spinner on standard error when that is a terminal
 * and the output is text. Nothing appears before 300 ms: short work stays silent. With
 * `--progress json` one record a line takes the spinner's place, for programs.
 */
import type { Pace } from '../lib/core/pace.js';
import { progressRecord, progressText } from '../lib/report/progress-text.js';
import { safeText } from '../lib/report/safe-text.js';

const TURN_MS = 50;
const QUIET_MS = 300;
/** Between two records of one phase. */
const RECORD_MS = 500;

/** The part of ora that is used. */
export interface Spinner {
  text: string;
  stop(): unknown;
}

export interface ProgressParts {
  readonly visible: boolean;
  /** Called on every turn; throws to end the work. */
  readonly check: () => void;
  readonly clock?: () => number;
  readonly openSpinner?: (text: string) => Promise<Spinner>;
}

async function openOra(text: string): Promise<Spinner> {
  const { default: ora } = await import('ora');
  // ora would put stdin into raw mode and swallow Ctrl-C.
  return ora({ text, stream: process.stderr, discardStdin: false }).start();
}

export class Progress implements Pace {
  private readonly parts: ProgressParts;
  private readonly clock: () => number;
  private label = '';
  private totalBytes = 0;
  private doneBytes = 0;
  private startedAt: number;
  private turnedAt: number;
  private spinner: Spinner | undefined;
  private silenced = false;
  private writeRecord: ((record: object) => void) | undefined;
  private recordedAt = 0;

  constructor(parts: ProgressParts) {
    this.parts = parts;
    this.clock = parts.clock ?? ((): number => performance.now());
    this.startedAt = this.clock();
    this.turnedAt = this.startedAt;
  }

  /** Records instead of a spinner: when a phase begins, every half second, and when it has ended. */
  recordTo(write: (record: object) => void): void {
    this.writeRecord = write;
    if (this.label !== '') this.record(false);
  }

  /** Work of a new kind begins. @param totalBytes  what it will take, 0 when not known */
  phase(label: string, totalBytes = 0): void {
    this.endPhase();
    this.label = safeText(label);
    this.totalBytes = totalBytes;
    this.doneBytes = 0;
    this.startedAt = this.clock();
    if (this.spinner) this.spinner.text = this.label;
    this.record(false);
  }

  step(bytes: number): void | Promise<void> {
    this.doneBytes += bytes;
    if (this.clock() - this.turnedAt < TURN_MS) return undefined;
    return this.turn();
  }

  /**
   * Takes the spinner away for good: the report begins.
   * @param failed  the phase has not come to its end
   */
  silence(failed = false): void {
    if (!failed) this.endPhase();
    this.label = '';
    this.silenced = true;
    this.spinner?.stop();
    this.spinner = undefined;
  }

  private async turn(): Promise<void> {
    const now = this.clock();
    if (this.writeRecord !== undefined) {
      if (now - this.recordedAt >= RECORD_MS) this.record(false);
    } else if (this.parts.visible && !this.silenced && now - this.startedAt >= QUIET_MS) {
      await this.show(now - this.startedAt);
    }
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.turnedAt = this.clock();
    this.parts.check();
  }

  private endPhase(): void {
    if (this.label !== '') this.record(true);
  }

  private record(done: boolean): void {
    if (this.writeRecord === undefined || this.silenced) return;
    this.recordedAt = this.clock();
    const { label: phase, doneBytes, totalBytes } = this;
    const elapsedMs = this.recordedAt - this.startedAt;
    this.writeRecord(progressRecord({ phase, doneBytes, totalBytes, elapsedMs, done }));
  }

  private async show(elapsedMs: number): Promise<void> {
    const text = progressText(this.label, this.doneBytes, this.totalBytes, elapsedMs);
    if (this.spinner) this.spinner.text = text;
    else this.spinner = await (this.parts.openSpinner ?? openOra)(text);
  }
}
