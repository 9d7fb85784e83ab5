/**
 * Range keys at the newest state: over each stretch of keys where nothing changes, by falling
 * trailer, the first RANGEKEYDEL hides all below it, and of each suffix the first SET or UNSET
 * decides (spec/pebble.md §5.6). Neighbouring stretches that say the same are joined, as Pebble's
 * iterator does.
 */
import { equalBytes, fromByteString, type ByteString } from '../../bytes/byte-string.js';
import { hex } from '../../bytes/hex.js';
import type { Span } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';

/** A suffix and its value over [start, end). */
export interface RangeKey {
  readonly start: ByteString;
  readonly end: ByteString;
  readonly suffix: ByteString;
  readonly value: Uint8Array;
}

interface Stretch {
  readonly start: ByteString;
  end: ByteString;
  /** By suffix, ascending. */
  readonly keys: readonly (readonly [ByteString, Uint8Array])[];
}

/** @param spans of all layers in any order; kinds other than range keys are left out */
export function resolveRangeKeys(spans: readonly Span[]): RangeKey[] {
  const stretches: Stretch[] = [];
  for (const stretch of fragments(spans)) {
    const before = stretches.at(-1);
    if (before !== undefined && before.end === stretch.start && sameKeys(before, stretch)) {
      before.end = stretch.end;
    } else {
      stretches.push(stretch);
    }
  }
  return stretches.flatMap(({ start, end, keys }) =>
    keys.map(([suffix, value]) => ({ start, end, suffix, value })),
  );
}

/** `R <start hex> <end hex> <suffix hex> <value hex>`, the form of the recorded databases. */
export function rangeKeyLine(key: RangeKey): string {
  return `R ${hexOf(key.start)} ${hexOf(key.end)} ${hexOf(key.suffix)} ${hex(key.value)}`;
}

function hexOf(key: ByteString): string {
  return hex(fromByteString(key));
}

function* fragments(all: readonly Span[]): Generator<Stretch> {
  const spans = all
    .filter((span) => span.kind !== KIND.RANGEDEL && span.start < span.end)
    .sort((a, b) => compare(a.start, b.start));
  const borders = [...new Set(spans.flatMap((span) => [span.start, span.end]))].sort(compare);
  let active: Span[] = [];
  let next = 0;
  for (const [i, start] of borders.entries()) {
    const end = borders[i + 1];
    active = active.filter((span) => span.end > start);
    for (let span = spans[next]; span && span.start === start; span = spans[++next]) {
      active.push(span);
    }
    if (end === undefined || active.length === 0) continue;
    const keys = visibleKeys(active);
    if (keys.length > 0) yield { start, end, keys };
  }
}

function visibleKeys(active: Span[]): [ByteString, Uint8Array][] {
  active.sort((a, b) => (a.seqNum === b.seqNum ? b.kind - a.kind : a.seqNum > b.seqNum ? -1 : 1));
  const decided = new Map<ByteString, Uint8Array | undefined>();
  for (const { kind, suffix, value } of active) {
    if (kind === KIND.RANGEKEYDEL) break;
    if (!decided.has(suffix)) decided.set(suffix, kind === KIND.RANGEKEYSET ? value : undefined);
  }
  const keys: [ByteString, Uint8Array][] = [];
  for (const [suffix, value] of decided) if (value !== undefined) keys.push([suffix, value]);
  return keys.sort(([a], [b]) => compare(a, b));
}

function sameKeys(a: Stretch, b: Stretch): boolean {
  return (
    a.keys.length === b.keys.length &&
    a.keys.every(([suffix, value], i) => {
      const other = b.keys[i];
      return other !== undefined && other[0] === suffix && equalBytes(other[1], value);
    })
  );
}

function compare(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
