/**
 * `etcd-raft-peers.bin` (spec/etcd-wal.md §7.1). All numbers BE.
 *
 *     "EKVP"   u32 version 1–3   u64 index   u32 count   count × peer
 *     version 3 adds:  u8 seedActive   u32 seedCount   seedCount × peer
 *     peer:  u64 nodeId   [version >= 2: u8 suffrage]   u32 len, id   u32 len, address
 *
 * Seed peers always carry the suffrage byte. Bytes behind the last field are ignored.
 */
import { fromByteString, toByteString, type ByteString } from '../../bytes/byte-string.js';
import { u32be, u64be } from '../../bytes/read.js';
import { concatBytes, putU32be, u64beBytes } from '../../bytes/write.js';
import type { ErrorCode } from '../../core/codes/all.js';
import { CorruptionError, TruncatedError, UnsupportedError } from '../../core/errors.js';
import { readRange, type ByteSource } from '../../io/byte-source.js';
import { stateAll, isPeersRefusal, sortPeers, type Peer, type Suffrage } from './peer.js';

export const PEERS_FILE = 'etcd-raft-peers.bin';
const MAGIC = 'EKVP';
const MAX_PEERS = 1024;
const MAX_TEXT_BYTES = 1 << 20;
const LATEST_VERSION = 3;

export type PeersVersion = 1 | 2 | 3;

export interface PeersFile {
  readonly version: PeersVersion;
  /** Raft index of the configuration. */
  readonly index: bigint;
  /** In the file's order, normalised one by one but not yet against the local peer. */
  readonly peers: readonly Peer[];
  readonly seed: { readonly active: boolean; readonly peers: readonly Peer[] };
}

/**
 * @param maxVersion  newest version the build reads; a newer file is refused
 * @throws {CorruptionError}, {UnsupportedError} with the node's refusal as `nodeError`
 */
export function readPeersFile(
  source: ByteSource,
  maxVersion: PeersVersion = LATEST_VERSION,
): PeersFile {
  const r = new Fields(source);
  if (Buffer.from(r.take(4)).toString('latin1') !== MAGIC) {
    throw r.broken('peers-bad-magic', 'invalid etcd raft peers magic');
  }
  const version = r.u32();
  if (version < 1 || version > maxVersion) {
    const nodeError = `unsupported etcd raft peers version ${version}`;
    throw new UnsupportedError('peers-unsupported-version', nodeError, {
      site: { path: source.path, offset: 4 },
      nodeError,
    });
  }
  const index = r.u64();
  const count = r.count('persisted peer count');
  const peers: Peer[] = [];
  for (let i = 0; i < count; i++) peers.push(r.peer(version >= 2));
  const seed = version >= 3 ? r.seed() : { active: false, peers: [] };
  return { version: version === 1 ? 1 : version === 2 ? 2 : 3, index, peers, seed };
}

export function encodePeersFile(file: PeersFile): Uint8Array {
  const peers = sortPeers(file.peers);
  const parts = [Buffer.from(MAGIC), u32(file.version), u64beBytes(file.index), u32(peers.length)];
  for (const peer of peers) parts.push(encodePeer(peer, file.version >= 2));
  if (file.version >= 3) {
    const seed = sortPeers(file.seed.peers);
    parts.push(Uint8Array.of(file.seed.active ? 1 : 0), u32(seed.length));
    for (const peer of seed) parts.push(encodePeer(peer, true));
  }
  return concatBytes(...parts);
}

function encodePeer(peer: Peer, withSuffrage: boolean): Uint8Array {
  const suffrage = withSuffrage ? Uint8Array.of(peer.suffrage === 'learner' ? 1 : 0) : NOTHING;
  return concatBytes(u64beBytes(peer.nodeId), suffrage, text(peer.id), text(peer.address));
}

const NOTHING = new Uint8Array(0);

function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  putU32be(out, 0, value);
  return out;
}

function text(value: ByteString): Uint8Array {
  return concatBytes(u32(value.length), fromByteString(value));
}

/** Reads as Go does: nothing left is `EOF`, a part of a field `unexpected EOF`. */
class Fields {
  private readonly source: ByteSource;
  private offset = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  take(length: number): Uint8Array {
    const left = this.source.size - this.offset;
    if (length > left) {
      const nodeError = left === 0 ? 'EOF' : 'unexpected EOF';
      throw new TruncatedError('peers-truncated', `field needs ${length} B, ${left} B left`, {
        site: { path: this.source.path, offset: this.offset },
        nodeError,
      });
    }
    this.offset += length;
    return readRange(this.source, this.offset - length, length);
  }

  u32(): number {
    return u32be(this.take(4), 0);
  }

  u64(): bigint {
    return u64be(this.take(8), 0);
  }

  count(what: string): number {
    const count = this.u32();
    if (count <= MAX_PEERS) return count;
    throw this.broken('peers-malformed', `${what} ${count} exceeds limit ${MAX_PEERS}`);
  }

  peer(withSuffrage: boolean): Peer {
    const nodeId = this.u64();
    const suffrage = withSuffrage ? this.suffrage() : 'voter';
    const id = this.text('peer id');
    const address = this.text('peer address');
    const peer = stateAll({ nodeId, id, address, suffrage }, 'file');
    if (isPeersRefusal(peer)) throw this.broken('peers-malformed', peer.refusal);
    return peer;
  }

  seed(): { active: boolean; peers: readonly Peer[] } {
    const flag = this.take(1)[0] ?? 0;
    if (flag > 1) {
      throw this.broken('peers-malformed', `unknown bootstrap seed active byte ${flag}`);
    }
    const count = this.count('persisted bootstrap seed count');
    const peers: Peer[] = [];
    for (let i = 0; i < count; i++) peers.push(this.peer(true));
    return { active: flag === 1, peers };
  }

  broken(code: ErrorCode, nodeError: string): CorruptionError {
    const site = { path: this.source.path, offset: this.offset };
    return new CorruptionError(code, nodeError, { site, nodeError });
  }

  private suffrage(): Suffrage {
    const byte = this.take(1)[0] ?? 0;
    if (byte > 1) throw this.broken('peers-malformed', `unknown peer suffrage byte ${byte}`);
    return byte === 1 ? 'learner' : 'voter';
  }

  private text(what: string): ByteString {
    const size = this.u32();
    if (size > MAX_TEXT_BYTES) {
      throw this.broken('peers-malformed', `${what} size ${size} exceeds limit ${MAX_TEXT_BYTES}`);
    }
    return toByteString(this.take(size));
  }
}
