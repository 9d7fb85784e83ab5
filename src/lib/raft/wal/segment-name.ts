/**
 * Names of WAL segments, and which of them are opened (spec/etcd-wal.md §1).
 *
 *     <seq>-<index>.wal    written as 16-16 lower-case hex digits; parsed as 1–16 of either case,
 *                          followed by anything as long as the name ends in .wal
 *
 * Order is the byte order of the names, not the numeric one.
 */
import { compareBytes } from '../../bytes/byte-string.js';
import { hex64 } from '../../bytes/hex.js';
import type { ErrorCode } from '../../core/codes/all.js';
import type { DirSource } from '../../io/dir-source.js';

/** Bytes a segment is pre-allocated to: 64 × 1000 × 1000. */
export const SEGMENT_BYTES = 64_000_000;

export interface SegmentName {
  readonly name: string;
  readonly seq: bigint;
  /** Last index saved so far + 1 when the segment was cut: a hint, not a promise. */
  readonly index: bigint;
  /** Exactly the form that is written: 16-16 lower-case digits. */
  readonly canonical: boolean;
}

const PARSABLE = /^([0-9a-fA-F]{1,16})-([0-9a-fA-F]{1,16})\.wal/;
const CANONICAL = /^[0-9a-f]{16}-[0-9a-f]{16}\.wal$/;

export function parseSegmentName(name: string): SegmentName | undefined {
  const match = name.endsWith('.wal') ? PARSABLE.exec(name) : null;
  if (match === null) return undefined;
  return {
    name,
    seq: BigInt(`0x${match[1]}`),
    index: BigInt(`0x${match[2]}`),
    canonical: CANONICAL.test(name),
  };
}

export function segmentName(seq: bigint, index: bigint): string {
  return `${hex64(seq)}-${hex64(index)}.wal`;
}

export interface WalListing {
  /** "There is a WAL" (§1.3): the directory can be listed and a name's extension is `wal`. */
  readonly exists: boolean;
  /** Parsable names in byte order. */
  readonly segments: readonly SegmentName[];
  /** Names ending in `.wal` that cannot be parsed: no segments, but they make the WAL exist. */
  readonly unparsable: readonly string[];
  /** What else lies there: `0.tmp`, `.broken` copies, strangers. */
  readonly others: readonly string[];
}

/** @throws {IoError} when the directory is there but cannot be listed: the caller judges */
export function listWal(dir: DirSource): WalListing {
  const segments: SegmentName[] = [];
  const unparsable: string[] = [];
  const others: string[] = [];
  for (const { name } of dir.list()) {
    const parsed = parseSegmentName(name);
    if (parsed) segments.push(parsed);
    else if (name.endsWith('.wal')) unparsable.push(name);
    else others.push(name);
  }
  segments.sort((a, b) => compareBytes(Buffer.from(a.name), Buffer.from(b.name)));
  return { exists: segments.length + unparsable.length > 0, segments, unparsable, others };
}

export interface SelectionRefusal {
  readonly code: ErrorCode;
  readonly nodeError: string;
}

export const NO_SEGMENT = 'wal: file not found';
const SELECT_PREFIX = 'openAtIndex failed: [openAtIndex] selectWALFiles failed: ';

/**
 * Which segments are opened for snapshot index `index` (§1.5).
 * @returns the segments, or the refusal in the node's words
 */
export function selectSegments(
  segments: readonly SegmentName[],
  index: bigint,
): readonly SegmentName[] | SelectionRefusal {
  if (segments.length === 0) {
    const nodeError = `${SELECT_PREFIX}readWALNames failed: ${NO_SEGMENT}`;
    return { code: 'wal-no-segment', nodeError };
  }
  const at = segments.findLastIndex((segment) => segment.index <= index);
  if (at < 0) {
    const text = `${NO_SEGMENT} which matches the snapshot index '${index}'`;
    return { code: 'wal-no-segment-for-snapshot', nodeError: SELECT_PREFIX + text };
  }
  const selected = segments.slice(at);
  let last = 0n;
  for (const { seq } of selected) {
    if (last !== 0n && seq !== last + 1n) {
      const text = `wal: file sequence numbers (starting from ${at}) do not increase continuously`;
      return { code: 'wal-sequence-gap', nodeError: SELECT_PREFIX + text };
    }
    last = seq;
  }
  return selected;
}

export function isSelectionRefusal(
  value: readonly SegmentName[] | SelectionRefusal,
): value is SelectionRefusal {
  return 'nodeError' in value;
}
