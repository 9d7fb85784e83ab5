import type { FindingSink } from '../../core/finding.js';

type ExtentState = 'checked' | 'unreadable';

interface Extent {
  readonly start: number;
  readonly end: number;
  readonly state: ExtentState;
  readonly what: string;
}

export interface CoveredBytes {
  readonly bytesChecked: number;
  /** Nothing readable refers to them. */
  readonly bytesSkipped: number;
  readonly bytesUnreadable: number;
}

/** Accounts for every byte of a file: what was verified, what failed, and what nothing led to. */
export class Coverage {
  private readonly extents: Extent[] = [];

  add(offset: number, length: number, state: ExtentState, what: string): void {
    this.extents.push({ start: offset, end: offset + length, state, what });
  }

  /**
   * The sums, which add up to `size`. Overlaps and gaps are findings.
   *
   * @param gapReason  why gaps are expected, when something that leads to blocks was unreadable
   */
  finish(
    path: string,
    size: number,
    gapReason: string | undefined,
    report: FindingSink,
  ): CoveredBytes {
    const sums = { checked: 0, unreadable: 0 };
    let covered = 0;
    let skipped = 0;
    const gap = (until: number): void => {
      if (until <= covered) return;
      skipped += until - covered;
      report({
        code: 'sst-block-layout',
        severity: gapReason === undefined ? 'warning' : 'note',
        file: path,
        offset: covered,
        message:
          gapReason === undefined
            ? `${until - covered} bytes that nothing refers to`
            : `${until - covered} bytes not looked at: ${gapReason}`,
      });
    };
    const ordered = [...this.extents].sort((a, b) => a.start - b.start || a.end - b.end);
    let previous: Extent | undefined;
    for (const extent of ordered) {
      const end = Math.min(extent.end, size);
      if (extent.start < covered) {
        report({
          code: 'sst-block-layout',
          severity: 'error',
          file: path,
          offset: extent.start,
          message: `${extent.what} block overlaps the ${previous?.what ?? ''} block before it`,
        });
      }
      gap(extent.start);
      sums[extent.state] += Math.max(end - Math.max(extent.start, covered), 0);
      covered = Math.max(covered, end);
      previous = extent;
    }
    gap(size);
    return {
      bytesChecked: sums.checked,
      bytesSkipped: skipped,
      bytesUnreadable: sums.unreadable,
    };
  }
}
