/**
 * What is kept of a member's log to hold it against another's: the term and a checksum of every entry
 * above its snapshot. Four bytes an entry; terms as runs, for they hardly ever change.
 */
import { crc32c } from '../checksum/crc32c.js';
import type { Pace } from '../core/pace.js';
import type { FoundLog } from '../engine/boot-watcher.js';

/** How many entries pass before the event loop gets a turn. */
const PACE_ENTRIES = 1024;

interface TermRun {
  readonly from: bigint;
  readonly term: bigint;
}

export class MemberLog {
  readonly first: bigint;
  readonly last: bigint;
  private readonly runs: readonly TermRun[];
  private readonly sums: Uint32Array;

  private constructor(first: bigint, last: bigint, runs: readonly TermRun[], sums: Uint32Array) {
    this.first = first;
    this.last = last;
    this.runs = runs;
    this.sums = sums;
  }

  /** @throws the entry's own error, where a payload cannot be read again */
  static async of({ log, last }: Pick<FoundLog, 'log' | 'last'>, pace: Pace): Promise<MemberLog> {
    const { first } = log;
    const sums = new Uint32Array(Number(last - first) + 1);
    const runs: TermRun[] = [];
    const type = new Uint8Array(1);
    let bytes = 0;
    for (let i = 0; i < sums.length; i++) {
      const index = first + BigInt(i);
      const { term, type: entryType } = log.entry(index);
      if (runs.at(-1)?.term !== term) runs.push({ from: index, term });
      type[0] = entryType;
      const data = log.data(index);
      bytes += data.length;
      sums[i] = crc32c(data, crc32c(type));
      if (i % PACE_ENTRIES === 0) {
        await pace.step(bytes);
        bytes = 0;
      }
    }
    return new MemberLog(first, last, runs, sums);
  }

  /** Undefined outside of the log. */
  termAt(index: bigint): bigint | undefined {
    if (index < this.first || index > this.last) return undefined;
    return this.runs.findLast(({ from }) => from <= index)?.term;
  }

  /** CRC-32C of type and data. */
  sumAt(index: bigint): number | undefined {
    return this.sums[Number(index - this.first)];
  }
}

export type Relation =
  /** One log ends below the first entry of the other, or one of them cannot be read. */
  | { readonly kind: 'nothing-in-common' }
  | { readonly kind: 'same'; readonly from: bigint; readonly to: bigint }
  | {
      readonly kind: 'differs';
      /** The first index at which they differ, and their terms there. */
      readonly at: bigint;
      readonly terms: readonly [bigint, bigint];
    };

/** Two logs over the indexes that both hold. */
export function relationOf(a: MemberLog | null, b: MemberLog | null): Relation {
  if (a === null || b === null) return { kind: 'nothing-in-common' };
  const from = a.first > b.first ? a.first : b.first;
  const to = a.last < b.last ? a.last : b.last;
  if (from > to) return { kind: 'nothing-in-common' };
  for (let index = from; index <= to; index++) {
    if (a.sumAt(index) === b.sumAt(index) && sameTerm(a, b, index)) continue;
    return { kind: 'differs', at: index, terms: [a.termAt(index) ?? 0n, b.termAt(index) ?? 0n] };
  }
  return { kind: 'same', from, to };
}

function sameTerm(a: MemberLog, b: MemberLog, index: bigint): boolean {
  return a.termAt(index) === b.termAt(index);
}
