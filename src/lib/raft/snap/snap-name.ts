/**
 * Names in `snap/` (spec/etcd-wal.md §5.1, §5.2, §6.3 row 5).
 *
 *     <term>-<index>.snap    16 hex digits each, the term first: byte order is "newest" order
 */
import { hex64 } from '../../bytes/hex.js';

export function snapName(term: bigint, index: bigint): string {
  return `${hex64(term)}-${hex64(index)}.snap`;
}

/** Names that are looked at when a snapshot is chosen. */
export function isSnapName(name: string): boolean {
  return name.endsWith('.snap');
}

/** Names that choosing a snapshot deletes. */
export function isOrphanedDbName(name: string): boolean {
  return name.startsWith('db.tmp');
}

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** Hex of either case, any number of digits, at most 64 bits. */
function hexU64(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F]+$/.test(text)) return undefined;
  const value = BigInt(`0x${text}`);
  return value > MAX_U64 ? undefined : value;
}

/**
 * The index that a `.snap` name vouches for when the boot deletes orphaned `.fsm` files.
 * @param termMustParse  builds from 2026-07-03: the text before the last `-` must be hex too
 * @returns undefined for a name that keeps no `.fsm` alive; 0 does not count either
 */
export function liveIndexOf(name: string, termMustParse: boolean): bigint | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0 || name.slice(dot) !== '.snap') return undefined;
  const stem = name.slice(0, dot);
  const dash = stem.lastIndexOf('-');
  if (dash < 0) return undefined;
  if (termMustParse && hexU64(stem.slice(0, dash)) === undefined) return undefined;
  const index = hexU64(stem.slice(dash + 1));
  return index === 0n ? undefined : index;
}

/** Index in the name of a `.fsm` file, any number of digits; undefined: it is not hex and stays. */
export function fsmIndexOf(name: string): bigint | undefined {
  return name.endsWith('.fsm') ? hexU64(name.slice(0, -'.fsm'.length)) : undefined;
}
