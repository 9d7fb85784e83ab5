/**
 * Step 5: a group dir without a WAL (spec/etcd-wal.md §6.9). Legacy state files become a WAL and a
 * snapshot; without them the node bootstraps a new cluster or joins one, over whatever is there.
 */
import { IoError, ToolError } from '../core/errors.js';
import { MemorySource } from '../io/byte-source.js';
import { confStateOfVoters, emptyConfState, type ConfState } from '../raft/conf-state.js';
import { emptyHardState, type HardState } from '../raft/hard-state.js';
import {
  LEGACY_FILES,
  placeEntries,
  readLegacyEntries,
  readLegacyMeta,
  readLegacyState,
} from '../raft/legacy/legacy-files.js';
import type { RaftSnapshot } from '../raft/raft-snapshot.js';
import { encodeSnapFile } from '../raft/snap/snap-file.js';
import { snapName } from '../raft/snap/snap-name.js';
import { EntryTable } from '../raft/wal/entry-table.js';
import { SEGMENT_BYTES, segmentName } from '../raft/wal/segment-name.js';
import { encodeToken } from '../snapshot/token.js';
import type { BootContext } from './boot-context.js';
import { writeFsm, writeSnap } from './configuration-snapshot.js';
import type { Identity } from './identity.js';
import { RaftLog } from './raft-log.js';
import type { RaftStart } from './raft-state.js';
import { panic, Refusal } from './refusal.js';
import { restoreInline } from './restore.js';
import { openForWriting } from './wal-start.js';

const STEP = 5;
const FIRST_SEGMENT = segmentName(0n, 0n);
const FRESH_HELD = [{ name: FIRST_SEGMENT, seq: 0n, index: 0n, canonical: true }];
const UNFINISHED = /^(?:etcd-raft-(?:state|meta|entries|peers)|etcd-fsm-snapshot)\.bin\.tmp-/;

/** What the legacy files hold, whichever of the two forms they have. */
interface Legacy {
  readonly hardState: HardState;
  readonly snapshot: RaftSnapshot;
  readonly entries: EntryTable;
}

/** @throws {Refusal} step 5; raft's own panics */
export async function startWithoutWal(ctx: BootContext, identity: Identity): Promise<RaftStart> {
  for (const { name } of ctx.disk.list('')) {
    if (UNFINISHED.test(name)) ctx.disk.delete(name, 'unfinished rewrite', true);
  }
  const legacy = readLegacy(ctx);
  if (legacy !== undefined) return migrate(ctx, legacy);
  warnOfData(ctx);
  return identity.peers.length === 1 || ctx.input.bootstrap ? bootstrap(ctx, identity) : join(ctx);
}

function readLegacy(ctx: BootContext): Legacy | undefined {
  try {
    if (ctx.disk.exists(LEGACY_FILES.meta)) return readSplit(ctx);
    if (!ctx.disk.exists(LEGACY_FILES.state)) return undefined;
    return readWith(ctx, LEGACY_FILES.state, (source) => readLegacyState(source, ctx.proto));
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof IoError) throw error;
    throw new Refusal({ step: STEP, message: error.nodeError ?? error.detail });
  }
}

function readSplit(ctx: BootContext): Legacy {
  const meta = readWith(ctx, LEGACY_FILES.meta, (source) => readLegacyMeta(source, ctx.proto));
  const entries = ctx.disk.exists(LEGACY_FILES.entries)
    ? readWith(ctx, LEGACY_FILES.entries, (source) => readLegacyEntries(source, ctx.proto))
    : new EntryTable([LEGACY_FILES.entries]);
  const data = ctx.disk.exists(LEGACY_FILES.fsmSnapshot)
    ? readWith(ctx, LEGACY_FILES.fsmSnapshot, (source) => {
        const bytes = new Uint8Array(source.size);
        source.readAt(0, bytes);
        return bytes;
      })
    : undefined;
  return { hardState: meta.hardState, snapshot: { ...meta.snapshot, data }, entries };
}

function readWith<T>(
  ctx: BootContext,
  name: string,
  read: (source: ReturnType<BootContext['disk']['open']>) => T,
): T {
  const source = ctx.disk.open(name);
  try {
    return read(source);
  } finally {
    source.close();
  }
}

/** Legacy state → WAL, in the order of §6.9: restore, `.fsm`, WAL, `.snap`, entries. */
async function migrate(ctx: BootContext, legacy: Legacy): Promise<RaftStart> {
  const { snapshot, hardState, entries } = legacy;
  const index = snapshot.metadata?.index ?? 0n;
  const term = snapshot.metadata?.term ?? 0n;
  const confState = snapshot.metadata?.confState;
  let data = snapshot.data;
  let why = 'migration of the legacy raft state';
  let reproducible = true;
  if (index > 0n && data !== undefined && data.length > 0) {
    await restoreInline(ctx, new MemorySource(LEGACY_FILES.fsmSnapshot, data));
    const image = await writeFsm(ctx, index, why);
    data = encodeToken({ index, crc: image.crc32c });
    reproducible = image.reproducible;
    ctx.snapshot = {
      index,
      term,
      file: null,
      token: { index, crc32c: image.crc32c },
      inline: false,
    };
  } else if (index > 0n) {
    ctx.snapshot = { index, term, file: null, token: null, inline: false };
  }
  createWal(ctx);
  if (index > 0n) {
    const bytes = encodeSnapFile({ ...snapshot, data }, ctx.proto);
    const path = `snap/${snapName(term, index)}`;
    if (reproducible) ctx.disk.write(path, bytes, why);
    else ctx.disk.writeDigest(path, bytes.length, null, why);
    if (confState === undefined && ctx.generation.etcd === '3.7') {
      why = `Saved (not-initial) snapshot is missing ConfState: index:${index} term:${term}`;
      throw new Refusal({ step: STEP, message: why });
    }
  }
  const placed = placeEntries(entries, index);
  ctx.hardState = hardState;
  if ('panic' in placed) throw panic(9, placed.panic);
  const log = new RaftLog(index, entries, ctx.disk.dir(''), '', placed.firstRow);
  ctx.onClose(() => log.close());
  ctx.log = log;
  ctx.segments = 1;
  return {
    snapshotIndex: index,
    snapshotTerm: term,
    confState: confState ?? (ctx.generation.etcd === '3.7' ? undefined : emptyConfState()),
    hardState,
    log,
    effectiveApplied: 0n,
    vouched: [{ term: 0n, index: 0n }, ...(index > 0n ? [{ term, index }] : [])],
    held: FRESH_HELD,
    tail: null,
  };
}

/** §1.3: the whole `wal/` directory, or the file in its place, goes first, and `wal.tmp/`. */
function createWal(ctx: BootContext): void {
  for (const name of ['wal.tmp', 'wal']) {
    if (ctx.disk.exists(name)) ctx.disk.deleteTree(name, 'removed before a new log is made', true);
  }
  ctx.disk.makeDir('wal', 'new log');
  ctx.disk.writeDigest(`wal/${FIRST_SEGMENT}`, SEGMENT_BYTES, null, 'first segment of a new log');
  openForWriting(ctx);
}

function warnOfData(ctx: BootContext): void {
  const left: string[] = [];
  if (!ctx.fsmBefore.absent && ctx.fsmBefore.appliedIndex !== null) left.push('fsm.db');
  for (const dir of ['snap', 'fsm-snap']) {
    if (ctx.disk.list(dir).some(({ kind }) => kind === 'file')) left.push(`${dir}/`);
  }
  if (left.length === 0) return;
  const message = `no log, but ${left.join(', ')} hold data: the node takes itself for a new one`;
  ctx.find('new-cluster-over-data', 'error', message);
}

/** A new cluster of the peers in node-id order: snapshot (1,1), term 1, commit 1. */
async function bootstrap(ctx: BootContext, identity: Identity): Promise<RaftStart> {
  const why = 'bootstrap of a new cluster';
  const id = { term: 1n, index: 1n };
  const confState: ConfState = confStateOfVoters(identity.peers.map(({ nodeId }) => nodeId));
  const image = await writeFsm(ctx, id.index, why);
  createWal(ctx);
  writeSnap(ctx, id, image, confState, why);
  const token = { index: id.index, crc32c: image.crc32c };
  ctx.snapshot = { ...id, file: null, token, inline: false };
  ctx.newCluster = true;
  return fresh(ctx, {
    snapshotIndex: 1n,
    snapshotTerm: 1n,
    confState,
    hardState: { term: 1n, vote: undefined, commit: 1n },
    vouched: [{ term: 0n, index: 0n }, id],
  });
}

function join(ctx: BootContext): RaftStart {
  createWal(ctx);
  ctx.newCluster = true;
  return fresh(ctx, {
    snapshotIndex: 0n,
    snapshotTerm: 0n,
    confState: undefined,
    hardState: emptyHardState(),
    vouched: [{ term: 0n, index: 0n }],
  });
}

function fresh(
  ctx: BootContext,
  start: Omit<RaftStart, 'log' | 'effectiveApplied' | 'held' | 'tail'>,
): RaftStart {
  const log = RaftLog.empty(start.snapshotIndex, ctx.disk.dir('wal'));
  ctx.hardState = start.hardState;
  ctx.log = log;
  ctx.segments = 1;
  return {
    ...start,
    log,
    effectiveApplied: 0n,
    held: FRESH_HELD,
    tail: null,
  };
}
