/**
 * A member of the group as the peers file and the flags name it (spec/etcd-wal.md §6.2, §7).
 */
import { fromByteString, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { fnv1a64 } from '../../checksum/fnv1a64.js';
import { goQuote } from '../go-quote.js';

export type Suffrage = 'voter' | 'learner';

export interface Peer {
  /** 0: not known yet, `normalisePeers` derives it. */
  readonly nodeId: bigint;
  /** Raft id and address as bytes: a file may hold anything. `peerText` is for showing them. */
  readonly id: ByteString;
  readonly address: ByteString;
  /** Undefined: not stated, which means voter. */
  readonly suffrage: Suffrage | undefined;
}

/** FNV-1a 64 of the raft id; 0 is taken by "nobody" and becomes 1. */
export function nodeIdOf(id: ByteString): bigint {
  const hash = fnv1a64(fromByteString(id));
  return hash === 0n ? 1n : hash;
}

/** A raft id or address typed by a person. */
export function peerBytes(text: string): ByteString {
  return toByteString(Buffer.from(text, 'utf8'));
}

export function peerText(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The texts of a refusal, which is a value: the boot ends, no file has changed. */
export interface PeersRefusal {
  readonly refusal: string;
}

export function isPeersRefusal<T extends object>(value: T | PeersRefusal): value is PeersRefusal {
  return 'refusal' in value;
}

const COLLIDES = 'etcd raft peer node id collides';

/**
 * §6.2 step 5: fills in what is not stated, lets every peer that matches the local one take over its
 * identity, and sorts by node id.
 * @param origin  a list from the flags must have addresses, one from the file need not
 */
export function normalisePeers(
  peers: readonly Peer[],
  local: Peer,
  origin: 'flags' | 'file',
): Peer[] | PeersRefusal {
  const out: Peer[] = [];
  const idOfNode = new Map<bigint, ByteString>();
  const ids = new Set<ByteString>();
  for (const given of peers) {
    const stated = stateAll(given, origin);
    if (isPeersRefusal(stated)) return stated;
    const peer = sameNode(stated, local) ? { ...local, suffrage: stated.suffrage } : stated;
    const first = idOfNode.get(peer.nodeId);
    if (first !== undefined && first !== peer.id) {
      const names = `${quoted(first)} and ${quoted(peer.id)}`;
      return { refusal: `${names} map to ${peer.nodeId}: ${COLLIDES}` };
    }
    if (ids.has(peer.id)) return { refusal: `duplicate peer id ${quoted(peer.id)}: ${COLLIDES}` };
    idOfNode.set(peer.nodeId, peer.id);
    ids.add(peer.id);
    out.push(peer);
  }
  if (!idOfNode.has(local.nodeId)) {
    return { refusal: 'etcd raft local peer is missing from cluster config' };
  }
  return sortPeers(out);
}

/** One peer with everything stated that can be derived. */
export function stateAll(peer: Peer, origin: 'flags' | 'file'): Peer | PeersRefusal {
  const { address } = peer;
  let { id, nodeId } = peer;
  if (id === '' && nodeId === 0n) return { refusal: 'etcd raft peer id is required' };
  if (nodeId === 0n) nodeId = nodeIdOf(id);
  if (origin === 'flags' && address === '')
    return { refusal: 'etcd raft peer address is required' };
  if (id === '') id = address === '' ? nodeId.toString() : address;
  return { nodeId, id, address, suffrage: peer.suffrage ?? 'voter' };
}

function sameNode(peer: Peer, local: Peer): boolean {
  return peer.nodeId === local.nodeId || peer.id === local.id || peer.address === local.address;
}

function quoted(id: ByteString): string {
  return goQuote(peerText(id));
}

export function sortPeers(peers: readonly Peer[]): Peer[] {
  return [...peers].sort((a, b) => (a.nodeId < b.nodeId ? -1 : a.nodeId > b.nodeId ? 1 : 0));
}
