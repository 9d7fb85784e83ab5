import type { ConfState } from '../raft/conf-state.js';
import { membersOf, type PeerMap } from '../raft/peers/membership.js';
import { peerText, type Peer } from '../raft/peers/peer.js';
import type { Member } from './boot-report.js';

/** Whom the node knows while it applies conf changes, and the seed its peers file keeps. */
export interface Membership {
  known: PeerMap;
  seed: { readonly active: boolean; readonly peers: readonly Peer[] };
}

/** The members of a configuration, with the names and addresses that the node knows. */
export function membersInForce(confState: ConfState, { known }: Membership): Member[] {
  return membersOf(confState, known).map(({ id, address, suffrage }) => ({
    id: peerText(id),
    address: peerText(address),
    suffrage,
  }));
}
