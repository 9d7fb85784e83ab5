/**
 * What a node persists for every conf change it delivers above its snapshot (spec/etcd-wal.md §6.7):
 * peers file, `.fsm` of the FSM as it stands, the durable applied index, `.snap`, a snapshot record
 * in the WAL, and then retention.
 */
import {
  encodeMetaValue,
  APPLIED_INDEX_KEY,
  LAST_COMMIT_TS_KEY,
  readMeta,
} from '../mvcc/meta-keys.js';
import type { ConfState } from '../raft/conf-state.js';
import type { Peer } from '../raft/peers/peer.js';
import { encodePeersFile, PEERS_FILE } from '../raft/peers/peers-file.js';
import { encodeSnapFile, isSnapFailure, readSnapFile } from '../raft/snap/snap-file.js';
import { snapName } from '../raft/snap/snap-name.js';
import { checkFsm } from '../snapshot/crc-check.js';
import { fsmFileName } from '../snapshot/fsm-file.js';
import { encodeSnapshotHeader, type SnapshotHeader } from '../snapshot/header.js';
import { decodeSnapshotData, encodeToken } from '../snapshot/token.js';
import { heldAfterRelease } from '../raft/wal/retention.js';
import type { BootContext } from './boot-context.js';
import { imageOfStore, type FsmImage } from './fsm-image.js';
import { purgeBeforeWrite, purgeSegments, purgeSnaps, type SnapId } from './retention.js';
import type { RaftState } from './raft-state.js';

/** The header a node writes now: v2 once its process has seen a cutover (snapshot-files.md §2.2). */
export function headerToWrite(ctx: BootContext): Omit<SnapshotHeader, 'length'> {
  const ceilingMs = BigInt.asUintN(64, ctx.clock.ceilingMs);
  const cutover = ctx.input.guards ? ctx.envelopes.cutover : 0n;
  const form = cutover === 0n ? 'v1' : 'v2';
  return { form, ceilingMs, cutover, extension: new Uint8Array(0) };
}

/** Writes the `.fsm` of the present store and returns it; the caller makes the `.snap`. */
export async function writeFsm(ctx: BootContext, index: bigint, why: string): Promise<FsmImage> {
  const header = encodeSnapshotHeader(headerToWrite(ctx));
  const lastCommit = readMeta(ctx.store, LAST_COMMIT_TS_KEY) ?? 0n;
  const image = await imageOfStore(ctx.store, header, lastCommit, ctx.input.pace);
  const sha256 = image.reproducible ? image.sha256 : null;
  ctx.disk.writeDigest(`fsm-snap/${fsmFileName(index)}`, image.size, sha256, why);
  return image;
}

export function writeSnap(
  ctx: BootContext,
  id: SnapId,
  image: FsmImage,
  confState: ConfState,
  why: string,
): void {
  const data = encodeToken({ index: id.index, crc: image.crc32c });
  const bytes = encodeSnapFile(
    { data, metadata: { confState, index: id.index, term: id.term } },
    ctx.proto,
  );
  const path = `snap/${snapName(id.term, id.index)}`;
  if (image.reproducible) ctx.disk.write(path, bytes, why);
  else ctx.disk.writeDigest(path, bytes.length, null, why);
}

export function writePeersFile(
  ctx: BootContext,
  index: bigint,
  peers: readonly Peer[],
  seed: { readonly active: boolean; readonly peers: readonly Peer[] },
  why: string,
): void {
  const version = ctx.generation.peersVersion;
  ctx.disk.write(PEERS_FILE, encodePeersFile({ version, index, peers, seed }), why);
}

/** Everything but the peers file, which the caller has written before. */
export async function writeConfigurationSnapshot(
  ctx: BootContext,
  raft: RaftState,
  id: SnapId,
  confState: ConfState,
): Promise<void> {
  const why = `configuration snapshot of the conf change at ${id.index}`;
  if (ctx.generation.purgeBeforeWrite) await purgeOlder(ctx, raft, id.index);
  const image = await writeFsm(ctx, id.index, why);
  ctx.durablePins.push(id.index);
  const durable = readMeta(ctx.store, APPLIED_INDEX_KEY);
  if (durable === null || durable < id.index) {
    ctx.store.put(APPLIED_INDEX_KEY, encodeMetaValue(id.index));
  }
  writeSnap(ctx, id, image, confState, why);
  raft.saveSnapshotRecord({ ...id, confState });
  raft.vouched.push(id);
  raft.lastSnapshotIndex = id.index;
  purgeSnaps(ctx.disk);
  raft.held = heldAfterRelease(raft.held, id.index);
  purgeSegments(ctx.disk, new Set(raft.held.map(({ name }) => name)));
}

async function purgeOlder(ctx: BootContext, raft: RaftState, next: bigint): Promise<void> {
  const restorable = new Set<string>();
  for (const entry of ctx.disk.list('snap')) {
    if (await isRestorable(ctx, entry.name)) restorable.add(entry.name);
  }
  purgeBeforeWrite(ctx.disk, next, raft.vouched, (name) => restorable.has(name));
}

/** Readable, inside equal to the name, token of the same index, `.fsm` complete with the right CRC. */
async function isRestorable(ctx: BootContext, name: string): Promise<boolean> {
  if (ctx.disk.isMadeHere(`snap/${name}`)) return true;
  const file = readSnapFile(ctx.disk.dir('snap'), name, ctx.proto);
  if (isSnapFailure(file)) return false;
  const { metadata, data } = file.snapshot;
  const index = metadata?.index ?? 0n;
  if (name !== snapName(metadata?.term ?? 0n, index)) return false;
  const decoded = decodeSnapshotData(data ?? new Uint8Array(0), { path: name });
  if (decoded.kind !== 'token' || decoded.token.index !== index) return false;
  const fsm = `fsm-snap/${fsmFileName(index)}`;
  if (!ctx.disk.exists(fsm)) return false;
  if (ctx.disk.isMadeHere(fsm)) return true;
  const source = ctx.disk.open(fsm);
  try {
    const check = await checkFsm(source, {
      token: decoded.token,
      mode: 'guard',
      pace: ctx.input.pace,
    });
    return check.failure === undefined || check.failure.stage === 'header';
  } finally {
    source.close();
  }
}
