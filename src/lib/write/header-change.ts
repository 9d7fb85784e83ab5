/** Which header an upgrade writes, and which it refuses to write (spec/snapshot-files.md §6). */
import { UsageError } from '../core/errors.js';
import type { SnapshotHeader } from '../snapshot/header.js';

export interface HeaderWish {
  readonly form: 'v1' | 'v2';
  /** Undefined: the one there is stays, a new v2 header gets 0. */
  readonly cutover: bigint | undefined;
  /** The sidecar's raft cutover, where a sidecar was named. */
  readonly sidecarCutover: bigint | undefined;
}

export type WrittenHeader = Omit<SnapshotHeader, 'length'>;

/**
 * @param index  of the snapshot; undefined: not known
 * @throws {UsageError} `upgrade-…`
 */
export function changedHeader(
  old: SnapshotHeader,
  wish: HeaderWish,
  index: bigint | undefined,
): WrittenHeader {
  if (wish.form === 'v1') return toV1(old, wish);
  const cutover = cutoverOf(old, wish);
  if (old.form === 'v2' && cutover === old.cutover) {
    const text = `the header is v2 with cutover ${cutover} already; --cutover writes another`;
    throw new UsageError('upgrade-nothing', text);
  }
  if (cutover !== 0n) checkCutover(cutover, wish, index);
  return { form: 'v2', ceilingMs: old.ceilingMs, cutover, extension: old.extension };
}

function toV1(old: SnapshotHeader, wish: HeaderWish): WrittenHeader {
  if (old.form === 'v2') {
    throw new UsageError('upgrade-downgrade', 'the header is v2; it is never turned into v1');
  }
  if (old.form === 'v1') throw new UsageError('upgrade-nothing', 'the header is v1 already');
  if (wish.cutover !== undefined) {
    throw new UsageError('upgrade-cutover-form', 'a v1 header holds no cutover; use --to v2');
  }
  return { ...old, form: 'v1' };
}

/** What was asked for, what the sidecar says, what there is, in this order. */
function cutoverOf(old: SnapshotHeader, { cutover, sidecarCutover }: HeaderWish): bigint {
  const wanted = cutover ?? (old.form === 'v2' ? old.cutover : (sidecarCutover ?? 0n));
  // 0 says nothing, so a node with any sidecar accepts it.
  if (sidecarCutover === undefined || wanted === 0n || wanted === sidecarCutover) return wanted;
  const text =
    `the header's cutover would be ${wanted}, the sidecar's is ${sidecarCutover}: ` +
    'the node would refuse the result';
  throw new UsageError('cutover-differs', text);
}

/** Only a new cutover is held against the index: a node writes larger ones itself at times. */
function checkCutover(cutover: bigint, wish: HeaderWish, index: bigint | undefined): void {
  if (index === undefined) {
    const text = `cutover ${cutover}: pass --snap or --index, it must not lie above the snapshot's`;
    throw new UsageError('upgrade-index-unknown', text);
  }
  if (cutover <= index) return;
  const origin = wish.cutover === undefined ? "the sidecar's cutover" : 'cutover';
  const text =
    `${origin} ${cutover} lies above the snapshot's index ${index}: nothing there is wrapped; ` +
    'write --cutover 0';
  throw new UsageError('upgrade-cutover-above-snapshot', text);
}
