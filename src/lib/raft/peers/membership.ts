/**
 * Peers list against ConfState: the checks at open (spec/etcd-wal.md §7.2), the suffrage the peers
 * file takes from a snapshot (§6.4 step 9), and the list after a conf change (§6.7).
 */
import type { ConfChangeV2 } from '../conf-change.js';
import { CONF_CHANGE_TYPE, decodeConfChangeContext } from '../conf-change.js';
import type { ConfState } from '../conf-state.js';
import { sortPeers, type Peer, type PeersRefusal, type Suffrage } from './peer.js';
import type { PeersFile } from './peers-file.js';

const MISMATCH = 'etcd raft persisted cluster does not match configured peers';

/**
 * ConfState of the chosen snapshot against the peers list.
 * @param peers  normalised and sorted by node id
 * @param file  the peers file, if there is one
 * @returns the refusal, or undefined where the node goes on
 */
export function checkConfState(
  snapshotIndex: bigint,
  confState: ConfState | undefined,
  peers: readonly Peer[],
  file: Pick<PeersFile, 'index'> | undefined,
): PeersRefusal | undefined {
  if (snapshotIndex === 0n || confState === undefined || confState.voters.length === 0) {
    return undefined;
  }
  if (file !== undefined && file.index > snapshotIndex) return undefined;
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = confState;
  if (votersOutgoing.length > 0 || learnersNext.length > 0 || autoLeave === true) {
    return mismatch('joint consensus state is not supported');
  }
  const expected = peers.filter(({ suffrage }) => suffrage !== 'learner');
  if (voters.length !== expected.length) {
    return mismatch(`expected ${expected.length} voters got ${voters.length}`);
  }
  for (const [i, peer] of expected.entries()) {
    if (voters[i] !== peer.nodeId) {
      return mismatch(`voter[${i}]=${voters[i]} expected ${peer.nodeId}`);
    }
  }
  const learning = new Set(
    peers.filter(({ suffrage }) => suffrage === 'learner').map(({ nodeId }) => nodeId),
  );
  if (learners.length !== learning.size) {
    return mismatch(`expected ${learning.size} learners got ${learners.length}`);
  }
  const stranger = learners.find((id) => !learning.has(id));
  if (stranger === undefined) return undefined;
  return mismatch(`learner ${stranger} not present in peers`);
}

/**
 * The seed the file keeps against the one the flags name; both normalised and sorted.
 * @returns the refusal, or undefined where the node goes on
 */
export function checkBootstrapSeed(
  file: Pick<PeersFile, 'seed'> | undefined,
  flagSeed: readonly Peer[] | undefined,
): PeersRefusal | undefined {
  if (file === undefined || !file.seed.active || flagSeed === undefined) return undefined;
  if (samePeers(sortPeers(file.seed.peers), sortPeers(flagSeed))) return undefined;
  return mismatch('bootstrap seed differs from persisted seed');
}

function mismatch(what: string): PeersRefusal {
  return { refusal: `${what}: ${MISMATCH}` };
}

export function samePeers(a: readonly Peer[], b: readonly Peer[]): boolean {
  return (
    a.length === b.length &&
    a.every((peer, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        peer.nodeId === other.nodeId &&
        peer.id === other.id &&
        peer.address === other.address &&
        (peer.suffrage ?? 'voter') === (other.suffrage ?? 'voter')
      );
    })
  );
}

/** Every peer that the snapshot's ConfState names gets its suffrage from there. */
export function withSuffrageOf(peers: readonly Peer[], confState: ConfState | undefined): Peer[] {
  const voters = new Set(confState?.voters);
  const learners = new Set(confState?.learners);
  return peers.map((peer) => {
    if (learners.has(peer.nodeId)) return suffragedAs(peer, 'learner');
    return voters.has(peer.nodeId) ? suffragedAs(peer, 'voter') : peer;
  });
}

/** Known peers by node id: what a running node keeps while it applies conf changes. */
export type PeerMap = ReadonlyMap<bigint, Peer>;

export function peerMapOf(peers: readonly Peer[]): Map<bigint, Peer> {
  return new Map(peers.map((peer) => [peer.nodeId, peer]));
}

/** The map after a conf change. */
export function peersAfter(known: PeerMap, change: ConfChangeV2): Map<bigint, Peer> {
  const next = new Map(known);
  for (const { type, nodeId } of change.changes) {
    if (nodeId === 0n) continue;
    const context = decodeConfChangeContext(change.context, nodeId);
    if (type === CONF_CHANGE_TYPE.removeNode) {
      next.delete(nodeId);
      continue;
    }
    const adds = type === CONF_CHANGE_TYPE.addNode || type === CONF_CHANGE_TYPE.addLearnerNode;
    if (!adds && type !== CONF_CHANGE_TYPE.updateNode) continue;
    const suffrage = type === CONF_CHANGE_TYPE.addLearnerNode ? 'learner' : 'voter';
    if (context !== undefined) {
      const id = context.id === '' ? context.address || nodeId.toString() : context.id;
      const kept = adds ? suffrage : (known.get(nodeId)?.suffrage ?? 'voter');
      next.set(nodeId, { nodeId, id, address: context.address, suffrage: kept });
    } else if (adds && !next.has(nodeId)) {
      next.set(nodeId, { nodeId, id: nodeId.toString(), address: '', suffrage });
    }
  }
  return next;
}

/** How a build lists peers after a conf change (§6.7). */
export interface PeersRule {
  /** Builds from 2026-07-19 refuse a member without address; older ones write it. */
  readonly addressRequired: boolean;
}

/**
 * The list written after the conf change at `index`.
 * @returns voters then learners, each in the ConfState's order; or the refusal
 */
export function peersListAfter(
  known: PeerMap,
  confState: ConfState,
  index: bigint,
  rule: PeersRule,
): Peer[] | PeersRefusal {
  const learners = new Set(confState.learners);
  if (!rule.addressRequired) {
    return sortPeers([...known.values()]).map((peer) =>
      suffragedAs(peer, learners.has(peer.nodeId) ? 'learner' : 'voter'),
    );
  }
  const list: Peer[] = [];
  for (const nodeId of [...confState.voters, ...confState.learners]) {
    const peer = known.get(nodeId);
    if (peer === undefined || peer.address.trim() === '') {
      const what = `build peer inventory for config change index=${index}`;
      const why = `conf state node id=${nodeId}: etcd raft peer address is required`;
      return { refusal: `${what}: ${why}` };
    }
    list.push(suffragedAs(peer, learners.has(nodeId) ? 'learner' : 'voter'));
  }
  return list;
}

function suffragedAs(peer: Peer, suffrage: Suffrage): Peer {
  return { ...peer, suffrage };
}

export interface Member {
  readonly nodeId: bigint;
  readonly id: string;
  readonly address: string;
  readonly suffrage: Suffrage;
}

/** The membership a running node reports: the ConfState in force, in its order. */
export function membersOf(confState: ConfState, known: PeerMap): Member[] {
  const member = (nodeId: bigint, suffrage: Suffrage): Member => {
    const peer = known.get(nodeId);
    return { nodeId, id: peer?.id ?? nodeId.toString(), address: peer?.address ?? '', suffrage };
  };
  return [
    ...confState.voters.map((id) => member(id, 'voter')),
    ...confState.learners.map((id) => member(id, 'learner')),
  ];
}
