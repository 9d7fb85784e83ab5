/**
 * The skip gate (spec/cold-start.md §2): may the restore of a snapshot's body be left out, because
 * `fsm.db` already holds what the snapshot holds? Pure: numbers in, decision out. Any doubt means a
 * full restore; a needless one costs minutes, a wrong skip costs data.
 */
import type { GateRule } from './generation.js';

/** What the FSM says of its durable applied index. */
export type AppliedIndexAnswer =
  | { readonly kind: 'value'; readonly index: bigint }
  | { readonly kind: 'fallback'; readonly reason: FallbackReason };

export type FallbackReason = 'not_reader' | 'missing_meta' | 'read_err';

export interface GateDecision {
  readonly outcome: 'skipped' | 'executed' | 'fallback';
  readonly reason: FallbackReason | null;
  /** Null under `fallback`. */
  readonly have: bigint | null;
  /** The index `have` had to reach; null when the rule never skips. */
  readonly threshold: bigint | null;
  /** `|have - S|`, null under `fallback`: the node's gauge of the applied index gap. */
  readonly gap: bigint | null;
}

/** The index that `H` must reach, or null when nothing is enough. */
export function gateThreshold(rule: GateRule, snapshot: bigint, commit: bigint): bigint | null {
  switch (rule) {
    case 'never':
      return null;
    case 'committed-tail':
      return snapshot > commit ? snapshot : commit;
    case 'snapshot-pointer':
      return snapshot;
  }
}

/**
 * @param snapshot `S`, the index of the raft snapshot
 * @param commit `C`, the hard state's commit
 * @param reported the index the node reports as the snapshot's (the token's in older builds)
 */
export function decideGate(
  rule: GateRule,
  snapshot: bigint,
  commit: bigint,
  reported: bigint,
  answer: AppliedIndexAnswer,
): GateDecision {
  const threshold = gateThreshold(rule, snapshot, commit);
  if (threshold !== null && answer.kind === 'fallback') {
    return { outcome: 'fallback', reason: answer.reason, have: null, threshold, gap: null };
  }
  if (answer.kind === 'fallback') {
    return { outcome: 'executed', reason: null, have: null, threshold, gap: null };
  }
  const have = answer.index;
  const gap = have > reported ? have - reported : reported - have;
  const skip = threshold !== null && have >= threshold;
  return { outcome: skip ? 'skipped' : 'executed', reason: null, have, threshold, gap };
}
