/**
 * Step 3: who the node is and whom it knows (spec/etcd-wal.md §6.2). The peers file replaces the
 * flags' list; nothing on the disk changes here.
 */
import { IoError, ToolError } from '../core/errors.js';
import {
  isPeersRefusal,
  nodeIdOf,
  normalisePeers,
  peerBytes,
  type Peer,
} from '../raft/peers/peer.js';
import { PEERS_FILE, readPeersFile, type PeersFile } from '../raft/peers/peers-file.js';
import type { BootContext } from './boot-context.js';
import { Refusal } from './refusal.js';

const STEP = 3;

export interface Identity {
  readonly nodeId: bigint;
  /** Normalised, sorted by node id, the local one among them. */
  readonly peers: readonly Peer[];
  readonly file: PeersFile | undefined;
}

/** No address at all: matches none, not even an empty one. */
const UNKNOWN_ADDRESS = '\0';

/** @throws {Refusal} step 3 */
export function readIdentity(ctx: BootContext): Identity {
  const { raftId, bootstrap } = ctx.input;
  const file = readFile(ctx);
  const id = peerBytes(raftId);
  const nodeId = nodeIdOf(id);
  const flags = ctx.input.peers.map((peer): Peer => ({
    nodeId: 0n,
    id: peerBytes(peer.id),
    address: peerBytes(peer.address),
    suffrage: undefined,
  }));
  const own =
    flags.find((peer) => peer.id === id) ??
    file?.peers.find((peer) => peer.id === id || peer.nodeId === nodeId);
  const address = own?.address ?? UNKNOWN_ADDRESS;
  const local: Peer = { nodeId, id, address, suffrage: undefined };
  const listed = file?.peers ?? flags;
  if (listed.length === 0 && file === undefined && !bootstrap) {
    ctx.find(
      'peers-unknown',
      'note',
      'there is no peers file and --peers was not given: pass it if the node’s flags name its peers',
    );
    throw new Refusal({
      step: STEP,
      message:
        'etcd raft refuses to self-bootstrap: no persisted peers and no peer list was supplied',
    });
  }
  const wanted = listed.length === 0 ? [local] : listed;
  const origin = file === undefined ? 'flags' : 'file';
  const peers = normalisePeers(wanted, local, origin);
  if (isPeersRefusal(peers)) throw new Refusal({ step: STEP, message: peers.refusal });
  return { nodeId, peers, file };
}

function readFile(ctx: BootContext): PeersFile | undefined {
  if (!ctx.disk.exists(PEERS_FILE)) return undefined;
  const source = ctx.disk.open(PEERS_FILE);
  try {
    return readPeersFile(source, ctx.generation.peersVersion);
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof IoError) throw error;
    if (error.code === 'peers-unsupported-version') {
      ctx.find(
        'peers-newer-build',
        'note',
        'the peers file is of a newer build than the one asked about: which build does the node run?',
        { file: PEERS_FILE },
      );
    }
    throw new Refusal({ step: STEP, message: error.nodeError ?? error.detail });
  } finally {
    source.close();
  }
}
