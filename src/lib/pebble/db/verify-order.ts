/**
 * Order across layers (spec/pebble.md §8): of one user key a newer layer's entries have higher
 * numbers than an older layer's, and no range tombstone is older than what it covers below it.
 */
import { compareBytes, equalBytes, toByteString } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import type { FindingSink } from '../../core/finding.js';
import type { Pace } from '../../core/pace.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import { seqNumOf } from '../base/internal-key.js';
import type { Layer } from './layer.js';
import type { Layers } from './layers.js';
import { MergingIterator } from './merging-iterator.js';

const PACE_BYTES = 1 << 18;

interface Seen {
  key: Uint8Array;
  seqNum: bigint;
  kind: number;
  rank: number;
  value: Uint8Array;
}

/** @returns entries compared */
export async function verifyOrder(
  layers: Layers,
  report: FindingSink,
  pace: Pace,
): Promise<number> {
  const rankOf = new Map<InternalIterator, number>();
  // WAL entries and ingested tables interleave by number, so they are one rank.
  rankOf.set(layers.mem.iterator(), 0);
  for (const layer of layers.ingested) rankOf.set(layer.iterator(), 0);
  for (const [i, layer] of layers.levels.entries()) rankOf.set(layer.iterator(), i + 1);
  const merge = new MergingIterator([...rankOf.keys()]);
  let count = 0;
  let bytes = 0;
  let before: Seen | undefined;
  for (let more = merge.first(); more; more = merge.next()) {
    const { top } = merge;
    if (top === undefined) break;
    const rank = rankOf.get(top) ?? 0;
    const seqNum = seqNumOf(top.seqHigh, top.seqLow);
    const key = top.userKey;
    const isSame = before !== undefined && equalBytes(before.key, key);
    if (before !== undefined && isSame) comparePair(before, top, seqNum, rank, report);
    else if (before !== undefined && compareBytes(before.key, key) > 0) {
      fault(report, key, `sorts before the key in front of it, ${show(before.key)}`);
    }
    checkCovers(layers.levels, key, seqNum, rank, report);
    before = {
      key: isSame && before !== undefined ? before.key : copyOf(key),
      seqNum,
      kind: top.kind,
      rank,
      // Borrowed until the next movement, and compared behind it.
      value: copyOf(top.value),
    };
    count++;
    bytes += key.length + 8;
    if (bytes >= PACE_BYTES) {
      await pace.step(bytes);
      bytes = 0;
    }
  }
  return count;
}

function comparePair(
  before: Seen,
  entry: InternalIterator,
  seqNum: bigint,
  rank: number,
  report: FindingSink,
): void {
  if (before.seqNum === seqNum && before.kind === entry.kind) {
    if (equalBytes(before.value, entry.value)) return;
    report({
      code: 'pebble-entry-twice',
      severity: 'error',
      message: `key ${show(before.key)} has two entries of number ${seqNum} that differ`,
    });
  } else if (rank < before.rank) {
    fault(report, before.key, `number ${seqNum} in a newer layer, ${before.seqNum} in an older`);
  }
}

function checkCovers(
  levels: readonly Layer[],
  key: Uint8Array,
  seqNum: bigint,
  rank: number,
  report: FindingSink,
): void {
  let text: string | undefined;
  for (let i = 0; i < rank - 1; i++) {
    const layer = levels[i];
    if (layer === undefined || !layer.hasTombstones()) continue;
    text ??= toByteString(key);
    const cover = layer.cover(text).seqNum;
    if (cover > 0n && cover < seqNum) {
      fault(report, key, `number ${seqNum} lies below a newer layer's tombstone ${cover}`);
    }
  }
}

function fault(report: FindingSink, key: Uint8Array, message: string): void {
  report({
    code: 'pebble-entry-order',
    severity: 'error',
    message: `key ${show(key)}: ${message}`,
  });
}

function show(key: Uint8Array): string {
  return JSON.stringify(toByteString(key));
}
