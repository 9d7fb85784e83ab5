/**
 * Which segments and `.snap` files a node removes by itself after a snapshot (spec/etcd-wal.md §8).
 */
import type { SegmentName } from './segment-name.js';

export const DEFAULT_MAX_WAL_FILES = 5;
export const MAX_SNAP_FILES = 3;

/**
 * *Release* at snapshot index `index`: of the segments held open, those that stay locked.
 * @param held  in order
 */
export function heldAfterRelease(
  held: readonly SegmentName[],
  index: bigint,
): readonly SegmentName[] {
  const found = held.findIndex((segment) => segment.index >= index);
  const from = found < 0 ? held.length - 1 : found - 1;
  return held.slice(Math.max(from, 0));
}

/**
 * *Purge*: names beyond the newest `max` go, oldest first, but for the held ones.
 * @param names  every name with extension `wal`, in byte order
 */
export function purgedWalFiles(
  names: readonly string[],
  held: ReadonlySet<string>,
  max = DEFAULT_MAX_WAL_FILES,
): readonly string[] {
  return names.slice(0, Math.max(names.length - max, 0)).filter((name) => !held.has(name));
}

/**
 * Purge (a) of `.snap` files: all but the newest three by name; each takes the `.fsm` of its index
 * with it.
 * @param names  every name ending in `.snap`, in byte order
 */
export function purgedSnapFiles(names: readonly string[]): readonly string[] {
  return names.slice(0, Math.max(names.length - MAX_SNAP_FILES, 0));
}
