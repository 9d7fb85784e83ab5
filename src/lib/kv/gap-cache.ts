/**
 * Remembers a few stretches of the key space in which the store has no key: `[low, high)` is empty
 * and `high` is the next key, or null when none follows. Nearly every lock look-up of a replay falls
 * into one and the same such stretch, and is answered without a search.
 *
 * Exact, not a guess: whoever adds or removes a key says so.
 */
import type { ByteString } from '../bytes/byte-string.js';

const SLOTS = 4;

interface Gap {
  low: ByteString;
  high: ByteString | null;
}

export class GapCache {
  /** Most recently used first. */
  private readonly gaps: Gap[] = [];

  /** The first key `>= target`, null when there is none, undefined when that is not known here. */
  find(target: ByteString): ByteString | null | undefined {
    const gaps = this.gaps;
    for (let i = 0; i < gaps.length; i++) {
      const gap = gaps[i]!;
      if (target >= gap.low && (gap.high === null || target <= gap.high)) {
        if (i > 0) this.moveToFront(i, gap);
        return gap.high;
      }
    }
    return undefined;
  }

  /** Learns the outcome of a search: `high` is the first key `>= target`. */
  learn(target: ByteString, high: ByteString | null): void {
    const gaps = this.gaps;
    for (let i = 0; i < gaps.length; i++) {
      const gap = gaps[i]!;
      if (gap.high !== high) continue;
      if (target < gap.low) gap.low = target;
      if (i > 0) this.moveToFront(i, gap);
      return;
    }
    if (gaps.length === SLOTS) gaps.pop();
    gaps.unshift({ low: target, high });
  }

  added(key: ByteString): void {
    for (const gap of this.gaps) {
      if (key >= gap.low && (gap.high === null || key < gap.high)) gap.high = key;
    }
  }

  removed(key: ByteString): void {
    for (let i = this.gaps.length - 1; i >= 0; i--) {
      if (this.gaps[i]!.high === key) this.gaps.splice(i, 1);
    }
  }

  private moveToFront(i: number, gap: Gap): void {
    for (let j = i; j > 0; j--) this.gaps[j] = this.gaps[j - 1]!;
    this.gaps[0] = gap;
  }
}
