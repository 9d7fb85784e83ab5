/**
 * From a log entry's data to the payload the state machine is handed (spec/fsm-apply.md §1): the
 * proposal envelope comes off, then, above the cutover, the raft envelope.
 */
import { unwrapRaftPayload } from '../encryption/raft-envelope.js';
import { VOLATILE_TAG } from '../fsm/payload.js';
import { Fault } from '../mvcc/fault.js';
import { decodeProposal, PROPOSAL_MARK } from '../raft/proposal.js';
import type { EnvelopeWiring } from './envelopes.js';
import type { RaftLog } from './raft-log.js';

export type OpenedEntry =
  | { readonly kind: 'empty' }
  | { readonly kind: 'not-a-proposal' }
  | {
      readonly kind: 'payload';
      readonly proposalId: bigint;
      readonly wrapped: boolean;
      /** Borrowed from the entry's data unless it was wrapped. */
      readonly payload: Uint8Array;
    }
  /** Wrapped, and it does not unwrap here: the node halts. */
  | { readonly kind: 'sealed'; readonly proposalId: bigint; readonly fault: Fault };

/** Where an entry is opened: a boot, or somebody who only looks. */
export interface EntryOpener {
  readonly envelopes: EnvelopeWiring;
}

/** The part of an opened entry that a record shows although it is not applied. */
export interface ShownEntry {
  readonly proposalId?: bigint;
  readonly wrapped?: boolean;
  readonly payload?: Uint8Array;
}

export function shownOf(opened: OpenedEntry | undefined): ShownEntry {
  if (opened?.kind === 'sealed') return { proposalId: opened.proposalId, wrapped: true };
  if (opened?.kind !== 'payload') return {};
  const { proposalId, wrapped, payload } = opened;
  return { proposalId, wrapped, payload };
}

/** Nothing at or below the cutover is wrapped, and nothing at all without one. */
export function mayBeSealed({ envelopes: { cutover } }: EntryOpener, index: bigint): boolean {
  return cutover !== 0n && index > cutover;
}

/**
 * True: a proposal in clear whose effect is not volatile, as the log remembers without its data being
 * fetched. False says nothing.
 */
export function isLasting(ctx: EntryOpener, log: RaftLog, index: bigint): boolean {
  const mark = log.mark(index);
  if (mark < PROPOSAL_MARK.NO_PAYLOAD || mayBeSealed(ctx, index)) return false;
  return mark !== (PROPOSAL_MARK.HAS_PAYLOAD | VOLATILE_TAG);
}

export function openEntry(ctx: EntryOpener, index: bigint, data: Uint8Array): OpenedEntry {
  if (data.length === 0) return { kind: 'empty' };
  const proposal = decodeProposal(data);
  if (proposal === undefined) return { kind: 'not-a-proposal' };
  const { id: proposalId, payload } = proposal;
  if (!mayBeSealed(ctx, index)) {
    return { kind: 'payload', proposalId, wrapped: false, payload };
  }
  const opened = unwrapRaftPayload(ctx.envelopes.keys, payload);
  if (opened instanceof Fault) return { kind: 'sealed', proposalId, fault: opened };
  return { kind: 'payload', proposalId, wrapped: true, payload: opened };
}
