/**
 * Steps 1 and 12: the encryption start-up guards (spec/encryption.md §6) with what they look at in
 * the group dir. The rules themselves are in `encryption/guards*.ts`.
 */
import { judgeReplayed } from '../encryption/guards-replayed.js';
import { judgeStart, type StartOutcome } from '../encryption/guards.js';
import type {
  CutoverState,
  GuardGap,
  GuardRefusal,
  RegistryState,
  SidecarState,
  StartInputs,
} from '../encryption/guard-inputs.js';
import { GUARD_RULES } from '../encryption/guard-rules.js';
import { encodeSidecar } from '../encryption/sidecar-text.js';
import { IoError, ToolError } from '../core/errors.js';
import { Fault } from '../mvcc/fault.js';
import { MemorySource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import { decodeProposal } from '../raft/proposal.js';
import { nodeIdOf, peerBytes } from '../raft/peers/peer.js';
import { PEERS_FILE, readPeersFile } from '../raft/peers/peers-file.js';
import { listWal } from '../raft/wal/segment-name.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { scanSnapshots } from '../raft/wal/snapshot-scan.js';
import { checkFsm, failureOf, type FsmFailure } from '../snapshot/crc-check.js';
import { FsmFault } from '../snapshot/fsm-fault.js';
import { openFsm } from '../snapshot/fsm-file.js';
import { decodeSnapshotData } from '../snapshot/token.js';
import type { BootContext } from './boot-context.js';
import { ProcessWiring } from './envelopes.js';
import type { RaftState } from './raft-state.js';
import { Refusal } from './refusal.js';
import { openPebbleView } from './store-open.js';
import { chooseFromScan } from './wal-start.js';

/** What step 1 leaves for step 12. */
export interface Guarded {
  readonly inputs: StartInputs;
  readonly start: StartOutcome;
  readonly wiring: ProcessWiring;
}

/** @throws {Refusal} step 1 */
export async function guardStart(ctx: BootContext): Promise<Guarded> {
  const { encryption, raftId } = ctx.input;
  const nodeId = nodeIdOf(peerBytes(raftId));
  const rules = GUARD_RULES[ctx.generation.name];
  const guarded = encryption.on === true && encryption.sidecar.kind !== 'no-path';
  const inputs: StartInputs = {
    rules,
    encryption: encryption.on ?? false,
    sidecar: encryption.sidecar,
    kek: encryption.kek,
    fullNodeId: nodeId,
    groups: ctx.input.groups.map(({ id, dir }) => ({ id, peers: membersOf(dir) })),
    bootstrap: ctx.input.peers.map(({ id }) => nodeIdOf(peerBytes(id))),
    snapshotCutover:
      guarded && rules.cutoverDivergence
        ? await headerCutover(ctx)
        : { kind: 'known', cutover: 0n },
    registry: guarded ? registryBefore(ctx) : { kind: 'unknown' },
  };
  const start = judgeStart(inputs);
  if (start.refusal) throw refusalOf(1, start.refusal);
  reportGaps(ctx, start.gaps);
  for (const { purpose, keyId, from, to } of start.bumps) {
    ctx.disk.note({
      kind: 'rewrite',
      path: encryption.sidecarPath,
      size: start.sidecar === undefined ? null : encodeSidecar(start.sidecar).length,
      detail: `local_epoch of ${purpose} key ${keyId} from ${from} to ${to}`,
      lossy: false,
    });
  }
  const wraps = ctx.generation.etcd === '3.7';
  const wiring = new ProcessWiring(encryption, start, nodeId, wraps, ctx.input.nowMs);
  return { inputs, start, wiring };
}

/** Full node ids of a group's peers file: from the raft id, else the stored one. */
function membersOf(group: DirSource): readonly bigint[] | undefined {
  if (group.stat(PEERS_FILE) === undefined) return undefined;
  const source = group.open(PEERS_FILE);
  try {
    return readPeersFile(source).peers.map(({ id, nodeId }) => (id === '' ? nodeId : nodeIdOf(id)));
  } catch (error) {
    // A file the engine will refuse by itself; the guard has no members to compare.
    if (error instanceof ToolError && !(error instanceof IoError)) return [];
    throw error;
  } finally {
    source.close();
  }
}

/** @throws {Refusal} step 12 */
export function guardReplayed(ctx: BootContext, guarded: Guarded, raft: RaftState): void {
  const { inputs, start, wiring } = guarded;
  const now = wiring.applier.sidecar;
  const sidecar: SidecarState =
    ctx.input.encryption.sidecar.kind === 'unknown' || now === undefined
      ? ctx.input.encryption.sidecar
      : { kind: 'valid', sidecar: now };
  if (wiring.applier.sidecarWritten && now !== undefined) {
    ctx.disk.note({
      kind: 'rewrite',
      path: ctx.input.encryption.sidecarPath,
      size: encodeSidecar(now).length,
      detail: 'encryption entries applied in this boot',
      lossy: false,
    });
  }
  const judged = judgeReplayed(inputs, start, {
    sidecar,
    registry: { kind: 'open', get: (key) => ctx.store.get(key) },
    restoredCutover: ctx.restoredCutover,
    applied: raft.applied,
    snapshotIndex: raft.log.base,
    lastIndex: raft.log.last,
    opcodeAt: (index) => opcodeAt(raft, index),
  });
  if (judged.refusal) throw refusalOf(12, judged.refusal);
  reportGaps(ctx, judged.gaps);
}

function opcodeAt(raft: RaftState, index: bigint): number | undefined {
  if (raft.log.entry(index).type !== ENTRY_TYPE.normal) return undefined;
  return decodeProposal(raft.log.data(index))?.payload[0];
}

function refusalOf(step: number, { errors, message, panic }: GuardRefusal): Refusal {
  return new Refusal({ step, errors, message: `encryption startup guard: ${message}`, panic });
}

function reportGaps(ctx: BootContext, gaps: readonly GuardGap[]): void {
  for (const { guard, needs, message } of gaps) {
    ctx.find(
      'guard-inconclusive',
      'warning',
      `start-up guard ${guard} cannot be judged without ${needs}: ${message}`,
    );
  }
}

function registryBefore(ctx: BootContext): RegistryState {
  const view = openPebbleView(ctx, 'fsm.db');
  return view === null ? { kind: 'absent' } : { kind: 'open', get: (key) => view.get(key) };
}

/**
 * Row 1 of etcd-wal.md §6.1: the newest snapshot's header, found as the engine finds it, renames and
 * deletions included, but without a repair; full CRC, file before token.
 */
async function headerCutover(ctx: BootContext): Promise<CutoverState> {
  const none: CutoverState = { kind: 'known', cutover: 0n };
  if (ctx.disk.stat('wal')?.kind !== 'directory') return none;
  const wal = ctx.disk.dir('wal');
  const listing = listWal(wal);
  if (!listing.exists) return none;
  const scan = withSegments(wal, listing.segments, (open) => scanSnapshots(open, ctx.proto));
  if (scan.end.kind === 'corrupt') return failed(scan.end.code, [], scan.end.nodeError);
  if (ctx.disk.stat('snap')?.kind !== 'directory') return none;
  const chosen = chooseFromScan(ctx, scan);
  if (chosen === undefined) return none;
  const raw = chosen.snapshot.data ?? new Uint8Array(0);
  const data = decodeSnapshotData(raw, { path: `snap/${chosen.name}` });
  if (data.kind === 'empty') return none;
  if (data.kind === 'invalid') return ofFailure(failureOf(data.fault));
  const inline = data.kind === 'inline';
  try {
    const source = inline
      ? new MemorySource(`snap/${chosen.name}`, raw)
      : openFsm(ctx.disk.dir('fsm-snap'), data.token.index);
    const token = inline ? undefined : data.token;
    const options = { token, mode: 'guard', container: !inline, pace: ctx.input.pace } as const;
    const check = await checkFsm(source, options);
    source.close();
    if (check.failure) return ofFailure(check.failure);
    return { kind: 'known', cutover: check.header?.cutover ?? 0n };
  } catch (error) {
    if (error instanceof FsmFault) return ofFailure(failureOf(error));
    if (error instanceof IoError) return failed(error.code, [], error.detail);
    throw error;
  }
}

function ofFailure(failure: FsmFailure): CutoverState {
  return failed(failure.code, failure.nodeErrors, failure.text);
}

function failed(code: Fault['code'], names: readonly string[], text: string): CutoverState {
  return { kind: 'failed', failure: new Fault(code, names, text) };
}
