/**
 * How the version shows a table's contents, which is not always as they are stored (spec/pebble.md
 * §5.5, §5.6): under a global sequence number, within a virtual table's bounds, with a prefix in
 * front of every key or a suffix behind it.
 */
import { fromByteString, type ByteString } from '../../bytes/byte-string.js';
import type { Span } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';

/** User keys a virtual table shows, as its overall bounds say; they include a synthetic prefix. */
export interface TableBounds {
  readonly lower: ByteString;
  readonly upper: ByteString;
  /** False when the upper bound is an exclusive sentinel (§3.2). */
  readonly upperInclusive: boolean;
}

export interface ExposureOptions {
  /** Every entry takes this number; the kind stays. */
  readonly globalSeqNum?: bigint | undefined;
  readonly bounds?: TableBounds | undefined;
  readonly syntheticPrefix?: ByteString | undefined;
  readonly syntheticSuffix?: ByteString | undefined;
}

export class Exposure {
  readonly globalSeqNum: bigint | undefined;
  /** Bits 32..55 of the global number, or -1 without one. */
  readonly globalHigh: number;
  readonly globalLow: number;
  readonly bounds: TableBounds | undefined;
  readonly prefix: ByteString;
  readonly prefixBytes: Uint8Array;
  readonly suffix: ByteString;
  readonly suffixBytes: Uint8Array;
  /** No shown key is `>=` this one; undefined without bounds. */
  readonly end: ByteString | undefined;
  /** `end` without the prefix, to compare stored keys with; undefined where they do not compare. */
  readonly storedEnd: ByteString | undefined;

  constructor(options: ExposureOptions = {}) {
    const { globalSeqNum, bounds, syntheticPrefix = '', syntheticSuffix = '' } = options;
    this.globalSeqNum = globalSeqNum;
    this.globalHigh = globalSeqNum === undefined ? -1 : Number(globalSeqNum >> 32n);
    this.globalLow = globalSeqNum === undefined ? 0 : Number(globalSeqNum & 0xffffffffn);
    this.bounds = bounds;
    this.prefix = syntheticPrefix;
    this.prefixBytes = fromByteString(syntheticPrefix);
    this.suffix = syntheticSuffix;
    this.suffixBytes = fromByteString(syntheticSuffix);
    // In byte order the first key behind `upper` is `upper` and a zero byte.
    this.end = bounds && (bounds.upperInclusive ? `${bounds.upper}\0` : bounds.upper);
    this.storedEnd =
      this.end !== undefined && syntheticSuffix === '' && this.end.startsWith(syntheticPrefix)
        ? this.end.slice(syntheticPrefix.length)
        : undefined;
  }

  /** Stored spans as the version shows them, those outside the bounds left out. */
  spans(stored: readonly Span[]): readonly Span[] {
    const { bounds, end: limit, globalSeqNum, prefix, suffix } = this;
    if (!bounds && globalSeqNum === undefined && prefix === '' && suffix === '') return stored;
    const shown: Span[] = [];
    for (const span of stored) {
      let start = prefix + span.start;
      let end = prefix + span.end;
      if (bounds && start < bounds.lower) start = bounds.lower;
      if (limit !== undefined && end > limit) end = limit;
      if (start >= end) continue;
      const isSuffixed = span.kind === KIND.RANGEKEYSET && suffix !== '' && span.suffix !== '';
      shown.push({
        start,
        end,
        kind: span.kind,
        seqNum: globalSeqNum ?? span.seqNum,
        suffix: isSuffixed ? suffix : span.suffix,
        value: span.value,
      });
    }
    return shown;
  }
}
