import type { PeerMap } from '../raft/peers/membership.js';
import type { Peer } from '../raft/peers/peer.js';

/** Whom the node knows while it applies conf changes, and the seed its peers file keeps. */
export interface Membership {
  known: PeerMap;
  seed: { readonly active: boolean; readonly peers: readonly Peer[] };
}
