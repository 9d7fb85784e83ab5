import { sizeText } from './sizes.js';

/**
 * One line of progress: `reading wal: 12.0 MiB of 61.0 MiB, 19 %, 340.2 MiB/s`.
 * @param totalBytes  0 when it is not known
 */
export function progressText(
  label: string,
  doneBytes: number,
  totalBytes: number,
  elapsedMs: number,
): string {
  if (doneBytes === 0) return label;
  const rate = elapsedMs > 0 ? `, ${sizeText((doneBytes / elapsedMs) * 1000)}/s` : '';
  if (totalBytes === 0) return `${label}: ${sizeText(doneBytes)}${rate}`;
  const percent = Math.min(100, Math.floor((doneBytes / totalBytes) * 100));
  return `${label}: ${sizeText(doneBytes)} of ${sizeText(totalBytes)}, ${percent} %${rate}`;
}
