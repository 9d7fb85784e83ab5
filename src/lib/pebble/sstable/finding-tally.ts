import type { Finding, FindingSink } from '../../core/finding.js';

/** More findings of one code than this are only counted. */
const MAX_FINDINGS_PER_CODE = 20;

/** Passes findings on until there are too many of one code: a bad table has one an entry. */
export class FindingTally {
  private readonly sink: FindingSink;
  private readonly counts = new Map<Finding['code'], number>();

  constructor(sink: FindingSink) {
    this.sink = sink;
  }

  report(finding: Finding): void {
    const count = (this.counts.get(finding.code) ?? 0) + 1;
    this.counts.set(finding.code, count);
    if (count <= MAX_FINDINGS_PER_CODE) this.sink(finding);
  }

  /** Tells how many were not passed on. */
  finish(file: string): void {
    for (const [code, count] of this.counts) {
      if (count <= MAX_FINDINGS_PER_CODE) continue;
      const message = `${count - MAX_FINDINGS_PER_CODE} more findings of this code`;
      this.sink({ code, severity: 'note', file, message });
    }
  }
}
