/**
 * Proposal envelope: what elastickv puts around the payload of a normal entry (spec/fsm-apply.md §1).
 *
 *     version 0x01   proposal id u64 BE   payload
 */
import { u64be } from '../bytes/read.js';
import { concatBytes, u64beBytes } from '../bytes/write.js';

export const PROPOSAL_VERSION = 0x01;
export const PROPOSAL_HEAD_BYTES = 9;

export interface Proposal {
  readonly id: bigint;
  /** A view into the entry's data. */
  readonly payload: Uint8Array;
}

export function isProposal(data: Uint8Array): boolean {
  return data.length >= PROPOSAL_HEAD_BYTES && data[0] === PROPOSAL_VERSION;
}

/** @returns undefined for data that is no proposal: empty, too short, another version byte */
export function decodeProposal(data: Uint8Array): Proposal | undefined {
  if (!isProposal(data)) return undefined;
  return { id: u64be(data, 1), payload: data.subarray(PROPOSAL_HEAD_BYTES) };
}

/**
 * What a log keeps in mind of an entry's data, so that it need not be fetched to be told apart:
 * 0 nothing, `NO_PROPOSAL`, `NO_PAYLOAD`, or `HAS_PAYLOAD` and the payload's first byte.
 */
export const PROPOSAL_MARK = { NO_PROPOSAL: 1, NO_PAYLOAD: 2, HAS_PAYLOAD: 0x100 } as const;

/** The mark of the data bytes[from, to). */
export function proposalMark(bytes: Uint8Array, from: number, to: number): number {
  const payload = from + PROPOSAL_HEAD_BYTES;
  if (to < payload || bytes[from] !== PROPOSAL_VERSION) return PROPOSAL_MARK.NO_PROPOSAL;
  return to === payload ? PROPOSAL_MARK.NO_PAYLOAD : PROPOSAL_MARK.HAS_PAYLOAD | bytes[payload]!;
}

export function encodeProposal(id: bigint, payload: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(PROPOSAL_VERSION), u64beBytes(id), payload);
}
