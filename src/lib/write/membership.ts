/**
 * Who the members of a restored group are (spec/etcd-wal.md §7). A snapshot that goes back into a
 * cluster keeps that cluster's membership; only a cluster made anew may get another one.
 */
import { UsageError } from '../core/errors.js';
import type { PeerFlag } from '../engine/boot-input.js';
import { confStateOfVoters, type ConfState } from '../raft/conf-state.js';
import {
  isPeersRefusal,
  nodeIdOf,
  normalisePeers,
  peerBytes,
  peerText,
  type Peer,
} from '../raft/peers/peer.js';
import type { GroupOrigin } from './payload-source.js';

export interface MembershipWish {
  readonly raftId: string;
  /** Empty: the source's. */
  readonly peers: readonly PeerFlag[];
  /** Raft ids among the peers that do not vote. */
  readonly learners: readonly string[];
  readonly freshCluster: boolean;
}

export interface Member {
  readonly nodeId: bigint;
  readonly id: string;
  readonly address: string;
  readonly suffrage: 'voter' | 'learner';
}

export interface Membership {
  /** Sorted by node id. */
  readonly peers: readonly Peer[];
  readonly confState: ConfState;
  readonly nodeId: bigint;
  /** The peers as they are shown. */
  readonly members: readonly Member[];
  /** Taken from the source as it was. */
  readonly kept: boolean;
}

/** @throws {UsageError} `restore-members-unknown`, `restore-membership-changed` */
export function membershipOf(wish: MembershipWish, origin: GroupOrigin | null): Membership {
  const given = wish.peers.length === 0 ? originPeers(origin) : flagPeers(wish);
  const local = given.find(({ id }) => peerText(id) === wish.raftId);
  if (local === undefined) {
    const names = given.map(({ id }) => peerText(id)).join(', ');
    const text = `--raft-id ${wish.raftId} is none of the members: ${names}`;
    throw new UsageError('restore-members-unknown', text);
  }
  const peers = normalisePeers(given, local, 'flags');
  if (isPeersRefusal(peers)) throw new UsageError('restore-members-unknown', peers.refusal);
  const voters = idsOf(peers, 'voter');
  const learners = idsOf(peers, 'learner');
  if (voters.length === 0) {
    throw new UsageError('restore-members-unknown', 'at least one member has to be a voter');
  }
  const kept = sameAs(origin?.confState, voters, learners);
  if (origin !== null && !kept && !wish.freshCluster) refuseChange(origin, peers);
  const confState = { ...confStateOfVoters(voters), learners };
  return { peers, confState, nodeId: local.nodeId, members: peers.map(memberOf), kept };
}

function memberOf({ nodeId, id, address, suffrage = 'voter' }: Peer): Member {
  return { nodeId, id: peerText(id), address: peerText(address), suffrage };
}

function flagPeers({ peers, learners }: MembershipWish): Peer[] {
  const stranger = learners.find((id) => !peers.some((peer) => peer.id === id));
  if (stranger !== undefined) {
    throw new UsageError('restore-members-unknown', `learner ${stranger} is not among --peers`);
  }
  return peers.map(({ id, address }) => ({
    nodeId: nodeIdOf(peerBytes(id)),
    id: peerBytes(id),
    address: peerBytes(address),
    suffrage: learners.includes(id) ? 'learner' : 'voter',
  }));
}

/** The source's peers with the suffrage that its ConfState gives them; strangers to it left out. */
function originPeers(origin: GroupOrigin | null): Peer[] {
  const confState = origin?.confState;
  if (origin === null || confState === undefined || confState.voters.length === 0) {
    throw new UsageError('restore-members-unknown', 'pass --peers id=host:port,…');
  }
  const joint = confState.votersOutgoing.length + confState.learnersNext.length > 0;
  if (joint || confState.autoLeave === true) {
    const text = 'the snapshot was taken in the middle of a membership change: pass --peers';
    throw new UsageError('restore-members-unknown', text);
  }
  return [...confState.voters, ...confState.learners].map((nodeId, i) => {
    const peer = origin.peers.find((each) => each.nodeId === nodeId);
    if (peer === undefined || peer.address === '') {
      const text = `member ${nodeId} has no address in the source's peers file: pass --peers`;
      throw new UsageError('restore-members-unknown', text);
    }
    const { id, address } = peer;
    return { nodeId, id, address, suffrage: i < confState.voters.length ? 'voter' : 'learner' };
  });
}

function idsOf(peers: readonly Peer[], suffrage: Peer['suffrage']): bigint[] {
  return peers.filter((peer) => peer.suffrage === suffrage).map(({ nodeId }) => nodeId);
}

function same(a: readonly bigint[], b: readonly bigint[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

function sameAs(
  confState: ConfState | undefined,
  voters: readonly bigint[],
  learners: readonly bigint[],
): boolean {
  return (
    confState !== undefined &&
    same(confState.voters, voters) &&
    same(confState.learners, learners) &&
    confState.votersOutgoing.length === 0
  );
}

function refuseChange(origin: GroupOrigin, peers: readonly Peer[]): never {
  const { voters = [], learners = [] } = origin.confState ?? {};
  const nameOf = (id: bigint): string => {
    const peer = origin.peers.find(({ nodeId }) => nodeId === id);
    return peer === undefined ? String(id) : peerText(peer.id);
  };
  const had = [...voters, ...learners].map(nameOf).join(', ');
  const wanted = peers.map(({ id }) => peerText(id)).join(', ');
  const text =
    `the snapshot's members are ${had}, the given ones ${wanted}; ` +
    'only a cluster that is made anew (--fresh-cluster) may change them';
  throw new UsageError('restore-membership-changed', text);
}
