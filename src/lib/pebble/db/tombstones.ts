/**
 * Range tombstones of one layer, cut into disjoint pieces that each carry the highest number over
 * them. An entry is deleted by a tombstone with a higher number (spec/pebble.md §5.4).
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Span } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';

/** What covers a key, and how far that holds. */
export interface Cover {
  /** 0 when nothing does: every entry has a number of at least 0, and none is below it. */
  readonly seqNum: bigint;
  /** The first key behind the asked one for which this may differ; undefined: it never does. */
  readonly until: ByteString | undefined;
}

const UNCOVERED: Cover = { seqNum: 0n, until: undefined };

export class Tombstones {
  readonly count: number;
  private readonly starts: ByteString[] = [];
  private readonly ends: ByteString[] = [];
  private readonly seqNums: bigint[] = [];

  /** @param spans in any order, overlapping or not; kinds other than RANGEDEL are left out */
  constructor(spans: readonly Span[]) {
    const deletions = spans.filter((span) => span.kind === KIND.RANGEDEL && span.start < span.end);
    this.count = deletions.length;
    if (deletions.length > 0) this.fragment(deletions);
  }

  at(key: ByteString): Cover {
    const { starts, ends, seqNums } = this;
    if (starts.length === 0) return UNCOVERED;
    // The first piece that ends behind the key.
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    const start = starts[low];
    if (start === undefined) return UNCOVERED;
    if (key < start) return { seqNum: 0n, until: start };
    return { seqNum: seqNums[low] ?? 0n, until: ends[low] };
  }

  private fragment(spans: Span[]): void {
    spans.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    const borders = [...new Set(spans.flatMap((span) => [span.start, span.end]))].sort(
      compareStrings,
    );
    const active = new NewestFirst();
    let next = 0;
    for (const [i, border] of borders.entries()) {
      for (let span = spans[next]; span && span.start <= border; span = spans[++next]) {
        active.push(span);
      }
      const newest = active.newestEndingAfter(border);
      const end = borders[i + 1];
      if (newest === undefined || end === undefined) continue;
      this.starts.push(border);
      this.ends.push(end);
      this.seqNums.push(newest.seqNum);
    }
  }
}

function compareStrings(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A heap of spans with the highest number on top; spans that have ended leave when they surface. */
class NewestFirst {
  private readonly heap: Span[] = [];

  push(span: Span): void {
    const { heap } = this;
    let i = heap.push(span) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.seqNum >= span.seqNum) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = span;
  }

  newestEndingAfter(border: ByteString): Span | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || top.end > border) return top;
      this.pop();
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (left === undefined) break;
      let larger = left;
      if (right !== undefined && right.seqNum > left.seqNum) {
        larger = right;
        child++;
      }
      if (larger.seqNum <= last.seqNum) break;
      heap[i] = larger;
      i = child;
    }
    heap[i] = last;
  }
}
