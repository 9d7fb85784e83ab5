/** What the encryption tests read of a recorded node, with the project's own readers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteString } from '../../../src/lib/bytes/byte-string.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { openPebble } from '../../../src/lib/pebble/db/pebble-db.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { readPeersFile, PEERS_FILE } from '../../../src/lib/raft/peers/peers-file.js';
import { nodeIdOf } from '../../../src/lib/raft/peers/peer.js';
import { decodeProposal } from '../../../src/lib/raft/proposal.js';
import { chooseSnapshot } from '../../../src/lib/raft/snap/choose.js';
import { EntryData } from '../../../src/lib/raft/wal/entry-data.js';
import { withSegments } from '../../../src/lib/raft/wal/open-segments.js';
import { readAll } from '../../../src/lib/raft/wal/read-all.js';
import {
  isSelectionRefusal,
  listWal,
  selectSegments,
} from '../../../src/lib/raft/wal/segment-name.js';
import { scanSnapshots } from '../../../src/lib/raft/wal/snapshot-scan.js';
import { decodeSnapshotHeader, HEADER_MAX_BYTES } from '../../../src/lib/snapshot/header.js';

export interface RecordedEntry {
  readonly index: bigint;
  /** Behind the proposal envelope; undefined when the entry is no proposal. */
  readonly payload: Uint8Array | undefined;
}

export interface RecordedLog {
  readonly snapshotIndex: bigint;
  /** Of the newest snapshot's header, 0 without one. */
  readonly cutover: bigint;
  readonly lastIndex: bigint;
  readonly commit: bigint;
  readonly entries: readonly RecordedEntry[];
}

/** The log above the newest snapshot, and that snapshot's header. */
export function readLog(groupDir: string): RecordedLog {
  const wal = new FsDir(join(groupDir, 'wal'));
  const all = listWal(wal).segments;
  // A torn WAL may no longer vouch for the newest .snap: the choice is the boot's own.
  const { valid } = withSegments(wal, all, (open) => scanSnapshots(open, PROTO_37));
  const snapshot = chooseSnapshot(new FsDir(join(groupDir, 'snap')), valid, PROTO_37).chosen;
  const start = { term: snapshot?.term ?? 0n, index: snapshot?.index ?? 0n };
  const chosen = selectSegments(all, start.index);
  if (isSelectionRefusal(chosen)) throw new Error(chosen.nodeError);
  const content = withSegments(wal, chosen, (open) => readAll(open, start, PROTO_37));
  const data = new EntryData(wal);
  const entries: RecordedEntry[] = [];
  for (let i = 0; i < content.entries.length; i++) {
    const bytes =
      content.entries.typeAt(i) === 0 ? data.read(content.entries, i) : new Uint8Array(0);
    const proposal = decodeProposal(Uint8Array.from(bytes));
    entries.push({ index: start.index + 1n + BigInt(i), payload: proposal?.payload });
  }
  data.close();
  const lastIndex = start.index + BigInt(entries.length);
  const commit = content.hardState.commit ?? 0n;
  return {
    snapshotIndex: start.index,
    cutover: cutoverOf(groupDir, start.index),
    lastIndex,
    commit,
    entries,
  };
}

function cutoverOf(groupDir: string, index: bigint): bigint {
  const path = join(groupDir, 'fsm-snap', `${index.toString(16).padStart(16, '0')}.fsm`);
  if (!existsSync(path)) return 0n;
  const head = readFileSync(path).subarray(0, HEADER_MAX_BYTES);
  return decodeSnapshotHeader(head, { path, offset: 0 }).cutover;
}

export interface RawPair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export function* rowsOf(groupDir: string): Generator<RawPair> {
  const cursor = openPebble(new FsDir(join(groupDir, 'fsm.db'))).cursor();
  for (let more = cursor.first(); more; more = cursor.next()) {
    yield { key: Uint8Array.from(cursor.key), value: Uint8Array.from(cursor.value) };
  }
}

/** A lookup in `fsm.db`, or undefined when there is none. */
export function lookupOf(
  groupDir: string,
): ((key: ByteString) => Uint8Array | undefined) | undefined {
  if (!existsSync(join(groupDir, 'fsm.db'))) return undefined;
  const db = openPebble(new FsDir(join(groupDir, 'fsm.db')));
  return (key) => db.get(key);
}

/** Full ids of the peers file: from the peer's raft id, else the stored one. */
export function peersOf(groupDir: string): readonly bigint[] | undefined {
  const path = join(groupDir, PEERS_FILE);
  if (!existsSync(path)) return undefined;
  const file = readPeersFile(new FileSource(path));
  return file.peers.map((peer) => (peer.id === '' ? peer.nodeId : nodeIdOf(peer.id)));
}
