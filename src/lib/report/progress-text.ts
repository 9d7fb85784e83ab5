import { spanText } from './dates.js';
import { sizeText } from './sizes.js';

/** Bytes a second so far; null as long as nothing can be said. */
function rateOf(doneBytes: number, elapsedMs: number): number | null {
  return doneBytes > 0 && elapsedMs > 0 ? (doneBytes / elapsedMs) * 1000 : null;
}

function secondsLeft(doneBytes: number, totalBytes: number, elapsedMs: number): number | null {
  const rate = rateOf(doneBytes, elapsedMs);
  if (rate === null || totalBytes === 0) return null;
  return Math.ceil(Math.max(0, totalBytes - doneBytes) / rate);
}

/**
 * One line of progress: `reading wal: 12.0 MiB of 61.0 MiB, 19 %, 340.2 MiB/s, 3.0 s left`.
 * @param totalBytes  0 when it is not known
 */
export function progressText(
  label: string,
  doneBytes: number,
  totalBytes: number,
  elapsedMs: number,
): string {
  if (doneBytes === 0) return label;
  const perSecond = rateOf(doneBytes, elapsedMs);
  const rate = perSecond === null ? '' : `, ${sizeText(perSecond)}/s`;
  if (totalBytes === 0) return `${label}: ${sizeText(doneBytes)}${rate}`;
  const percent = Math.min(100, Math.floor((doneBytes / totalBytes) * 100));
  const seconds = secondsLeft(doneBytes, totalBytes, elapsedMs);
  // The first second says little about the rest.
  const left = seconds === null || elapsedMs < 1000 ? '' : `, ${spanText(seconds * 1000)} left`;
  return `${label}: ${sizeText(doneBytes)} of ${sizeText(totalBytes)}, ${percent} %${rate}${left}`;
}

export interface ProgressState {
  readonly phase: string;
  readonly doneBytes: number;
  /** 0 when it is not known. */
  readonly totalBytes: number;
  readonly elapsedMs: number;
  /** The phase has ended. */
  readonly done: boolean;
}

/** One line of `--progress json`. Sizes are decimal strings as everywhere; null: not known. */
export function progressRecord(state: ProgressState): object {
  const { phase, doneBytes, totalBytes, elapsedMs, done } = state;
  const rate = rateOf(doneBytes, elapsedMs);
  return {
    type: 'progress',
    phase,
    bytes: String(doneBytes),
    total: totalBytes === 0 ? null : String(totalBytes),
    bytesPerSecond: rate === null ? null : String(Math.round(rate)),
    secondsLeft: done ? 0 : secondsLeft(doneBytes, totalBytes, elapsedMs),
    done,
  };
}
