/** Where a restore takes its FSM payload from: a `.fsm`, a bare payload, or a snapshot of a group dir. */
import { ToolError, UsageError, assert } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import { checkNotLive } from '../io/atomic-live.js';
import { checkSource as checkPath } from '../io/atomic-target.js';
import { stampFile, type FileStamp } from '../io/atomic-walk.js';
import { SubSource, type ByteSource } from '../io/byte-source.js';
import { FileSource, FsDir } from '../io/file-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import type { ConfState } from '../raft/conf-state.js';
import type { HardState } from '../raft/hard-state.js';
import type { Peer } from '../raft/peers/peer.js';
import { PEERS_FILE, readPeersFile } from '../raft/peers/peers-file.js';
import { readSnapFile, isSnapFailure } from '../raft/snap/snap-file.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { lastIndexOf, readAll } from '../raft/wal/read-all.js';
import { isSelectionRefusal, listWal, selectSegments } from '../raft/wal/segment-name.js';
import { FsmPass } from '../snapshot/crc-check.js';
import { fsmFileName, parseFsmFileName } from '../snapshot/fsm-file.js';
import type { SnapshotHeader } from '../snapshot/header.js';
import { ORACLE_BYTES } from '../snapshot/payload/oracle.js';
import type { StorePayloadKind } from '../snapshot/payload/store-magic.js';
import { decodeSnapshotData, type FsmToken } from '../snapshot/token.js';
import { findSnapshot } from './chosen-snapshot.js';
import { crcOf } from './fsm-rewrite.js';

export interface PayloadSource {
  /** The file the payload lies in, and where in it. */
  readonly path: string;
  readonly base: number;
  readonly payloadBytes: number;
  /** CRC32C of the payload. */
  readonly crc: number;
  readonly header: SnapshotHeader;
  readonly kind: StorePayloadKind;
  /** `_meta_applied_index` that a restore brings; null: none. */
  readonly appliedIndex: bigint | null;
  readonly lastCommitTs: bigint | null;
  readonly pairs: number | null;
  readonly encryptedRows: number;
  /** As far as the source tells them. */
  readonly index: bigint | null;
  readonly term: bigint | null;
  /** The membership at the snapshot, and what else a group dir tells. */
  readonly origin: GroupOrigin | null;
  readonly stamps: readonly FileStamp[];
}

export interface GroupOrigin {
  readonly root: string;
  readonly confState: ConfState | undefined;
  readonly peers: readonly Peer[];
  readonly hardState: HardState | null;
  /** `T` of the source's log; null where it cannot be read. */
  readonly lastIndex: bigint | null;
}

interface Place {
  readonly path: string;
  readonly base: number;
  /** Undefined: to the end of the file. */
  readonly length?: number;
  readonly container: boolean;
  readonly token?: FsmToken | undefined;
}

type Read = Pick<
  PayloadSource,
  | 'header'
  | 'kind'
  | 'crc'
  | 'appliedIndex'
  | 'lastCommitTs'
  | 'pairs'
  | 'encryptedRows'
  | 'payloadBytes'
>;

/** @throws {FsmFault} what a node's restore would refuse */
async function readPayload(place: Place, pace: Pace): Promise<Read> {
  const file = new FileSource(place.path);
  try {
    const whole = place.base === 0 && place.length === undefined;
    const length = place.length ?? file.size - place.base;
    const source: ByteSource = whole ? file : new SubSource(file, place.base, length);
    const { token, container } = place;
    const pass = new FsmPass(source, { token, mode: 'restore', container, pace });
    pass.checkToken();
    if (pass.payloadBytes === ORACLE_BYTES) {
      const text = `${place.path}: 8 bytes of payload are the timestamp oracle's, not a store`;
      throw new UsageError('payload-not-kv', text);
    }
    pass.readHeader();
    await pass.readStore({ view: false, count: true });
    await pass.checkCrc();
    const { header, restored, payloadBytes } = pass;
    assert(header !== undefined && restored !== undefined, 'both were read just now');
    const { meta, rows, kind } = restored;
    const known = container ? pass.computed : undefined;
    return {
      header,
      kind,
      crc: known ?? (await crcOf(place.path, place.base, payloadBytes, 0, pace)),
      payloadBytes,
      appliedIndex: meta.appliedIndex ?? null,
      lastCommitTs: meta.lastCommitTs ?? null,
      pairs: rows?.pairs ?? null,
      encryptedRows: rows?.encrypted ?? 0,
    };
  } finally {
    file.close();
  }
}

/** @param container  false for a bare payload */
export async function payloadOfFile(
  path: string,
  container: boolean,
  pace: Pace,
): Promise<PayloadSource> {
  checkPath(path);
  const stamps = [stampFile(path)];
  const read = await readPayload({ path, base: 0, container }, pace);
  const index = parseFsmFileName(path.split('/').pop() ?? '') ?? null;
  return { ...read, path, base: 0, index, term: null, origin: null, stamps };
}

/** The snapshot that a boot of `root` would use. */
export async function payloadOfGroup(root: string, pace: Pace): Promise<PayloadSource> {
  checkPath(root);
  checkNotLive(root);
  const { chosen } = findSnapshot(root);
  const { index, term, name } = chosen;
  const snap = `${root}/snap/${name}`;
  const place = placeOf(root, snap, name);
  const stamps = [snap, ...(place.path === snap ? [] : [place.path])].map(stampFile);
  const read = await readPayload(place, pace);
  const origin = originOf(root, chosen.snapshot.metadata?.confState, { index, term });
  const { path, base } = place;
  return { ...read, path, base, index, term, origin, stamps };
}

function placeOf(root: string, snap: string, name: string): Place {
  const file = readSnapFile(new FsDir(`${root}/snap`), name, PROTO_37);
  const bytes = isSnapFailure(file) ? undefined : file.snapshot.data;
  const data = decodeSnapshotData(bytes ?? new Uint8Array(0), { path: snap });
  switch (data.kind) {
    case 'invalid':
      throw data.fault;
    case 'empty':
      throw new UsageError('upgrade-not-a-pair', `${snap} has no data: there is no payload`);
    case 'token': {
      const path = `${root}/fsm-snap/${fsmFileName(data.token.index)}`;
      return { path, base: 0, container: true, token: data.token };
    }
    case 'inline': {
      // The data is a view into the bytes of the file.
      const view = bytes ?? new Uint8Array(0);
      return { path: snap, base: view.byteOffset, length: view.length, container: false };
    }
  }
}

function originOf(
  root: string,
  confState: ConfState | undefined,
  start: { index: bigint; term: bigint },
): GroupOrigin {
  const dir = new FsDir(root);
  const peers = dir.stat(PEERS_FILE) === undefined ? [] : peersIn(dir);
  const { segments } = listWal(dir.dir('wal'));
  const selected = selectSegments(segments, start.index);
  if (isSelectionRefusal(selected)) {
    return { root, confState, peers, hardState: null, lastIndex: null };
  }
  const content = withSegments(dir.dir('wal'), selected, (open) => readAll(open, start, PROTO_37));
  const { hardState } = content;
  return { root, confState, peers, hardState, lastIndex: lastIndexOf(content) };
}

function peersIn(dir: FsDir): readonly Peer[] {
  const source = dir.open(PEERS_FILE);
  try {
    return readPeersFile(source).peers;
  } catch (error) {
    // The snapshot is sound without it; who the members are must then be said.
    if (error instanceof ToolError) return [];
    throw error;
  } finally {
    source.close();
  }
}
