/**
 * Entries by index and by what happens to them, in at most so many buckets however many there are:
 * when they do not suffice, pairs of buckets become one.
 */
import type { Disposition } from '../../engine/boot-report.js';

/** `unknown`: no boot was followed. */
export type Fate = Disposition | 'unknown';

const MOST_BUCKETS = 128n;

export interface Lane {
  readonly disposition: Fate;
  readonly total: number;
  /** Counts by bucket, as many as the timeline has. */
  readonly counts: readonly number[];
}

export class EntryTimeline {
  private readonly lanes = new Map<Fate, Map<bigint, number>>();
  private shift = 0n;
  private low: bigint | undefined;
  private high = 0n;

  add(index: bigint, disposition: Fate): void {
    if (this.low === undefined || index < this.low) this.low = index;
    if (index > this.high) this.high = index;
    while ((this.high >> this.shift) - (this.low >> this.shift) >= MOST_BUCKETS) this.coarsen();
    const lane = this.lanes.get(disposition) ?? new Map<bigint, number>();
    const bucket = index >> this.shift;
    lane.set(bucket, (lane.get(bucket) ?? 0) + 1);
    this.lanes.set(disposition, lane);
  }

  get isEmpty(): boolean {
    return this.low === undefined;
  }

  /** Lowest and highest index that was added. */
  get range(): { readonly low: bigint; readonly high: bigint } {
    return { low: this.low ?? 0n, high: this.high };
  }

  get buckets(): number {
    if (this.low === undefined) return 0;
    return Number((this.high >> this.shift) - (this.low >> this.shift)) + 1;
  }

  /** Indexes that one bucket stands for. */
  get bucketWidth(): bigint {
    return 1n << this.shift;
  }

  /** In the order in which their dispositions were first met. */
  list(): Lane[] {
    const first = (this.low ?? 0n) >> this.shift;
    return [...this.lanes].map(([disposition, lane]) => {
      const counts = Array.from<number>({ length: this.buckets }).fill(0);
      let total = 0;
      for (const [bucket, count] of lane) {
        counts[Number(bucket - first)] = count;
        total += count;
      }
      return { disposition, total, counts };
    });
  }

  private coarsen(): void {
    this.shift++;
    for (const [disposition, lane] of this.lanes) {
      const merged = new Map<bigint, number>();
      for (const [bucket, count] of lane) {
        merged.set(bucket >> 1n, (merged.get(bucket >> 1n) ?? 0) + count);
      }
      this.lanes.set(disposition, merged);
    }
  }
}
