/**
 * Predicts one boot of one group under one generation: the steps of spec/cold-start.md §1 in their
 * order, each in its own file, over a disk that is never written. What stops the node is a
 * `Refusal`, which ends the steps and becomes part of the report.
 */
import type { ErrorCode } from '../core/codes/all.js';
import { IoError, UnsupportedError } from '../core/errors.js';
import { findingOf } from '../core/finding.js';
import { storeDigest, type StoreDigest } from '../kv/store-digest.js';
import { emptyConfState } from '../raft/conf-state.js';
import { createRaftCore } from '../raft/core-check.js';
import { isPanic } from '../raft/configuration.js';
import { isEmptyHardState } from '../raft/hard-state.js';
import { checkConfState, peerMapOf, samePeers, withSuffrageOf } from '../raft/peers/membership.js';
import { sortPeers } from '../raft/peers/peer.js';
import { listWal } from '../raft/wal/segment-name.js';
import { BootContext } from './boot-context.js';
import type { BootInput } from './boot-input.js';
import type { BootReport, Counters, Member, Verdict } from './boot-report.js';
import { cleanUp } from './cleanup.js';
import { writePeersFile } from './configuration-snapshot.js';
import { deliver } from './delivery.js';
import { ProcessWiring, wiringOfEngine } from './envelopes.js';
import { appliedFloor, replayVolatile } from './floor.js';
import { HASHICORP_NAMES } from './group-dir.js';
import { guardReplayed, guardStart } from './guards.js';
import { nameHazards } from './hazards.js';
import { readIdentity, type Identity } from './identity.js';
import { startWithoutWal } from './logless-start.js';
import { foundLogOf } from './found-log.js';
import { membersInForce, type Membership } from './membership.js';
import { RaftState, type RaftStart } from './raft-state.js';
import { panic, Refusal, type RefusalDetail } from './refusal.js';
import { openStore } from './store-open.js';
import { startFromWal } from './wal-start.js';

/** What a boot has come to: where raft stands, unless it stopped before there was a raft. */
export interface Outcome {
  readonly raft: RaftState | null;
  readonly floor: bigint;
  readonly members: readonly Member[];
  readonly refusal: RefusalDetail | null;
  /** A part could not be read or judged: the outcome is not known. */
  readonly unknown: boolean;
}

/**
 * @returns the whole prediction; a refusal of the node is part of it
 * @throws {IoError} where the group dir itself cannot be looked at
 */
export async function predictBoot(input: BootInput): Promise<BootReport> {
  const ctx = new BootContext(input);
  try {
    const outcome = await boot(ctx);
    nameHazards(ctx, outcome);
    const store = input.wantDigest && ctx.storeIsOpen ? await digest(ctx) : null;
    return reportOf(ctx, outcome, store);
  } finally {
    ctx.close();
  }
}

async function digest(ctx: BootContext): Promise<StoreDigest> {
  const { store, found } = ctx;
  // Skipped and nothing applied: what was found is what is left.
  if (found !== null && store.base === found.view && store.changeCount === 0) return found.digest;
  return storeDigest(store, ctx.input.pace);
}

async function boot(ctx: BootContext): Promise<Outcome> {
  const { input } = ctx;
  const progress: { raft: RaftState | null; floor: bigint; members: readonly Member[] } = {
    raft: null,
    floor: 0n,
    members: [],
  };
  try {
    const guarded = input.guards ? await guardStart(ctx) : null;
    ctx.envelopes = guarded?.wiring ?? wiringOfEngine(input.encryption);
    await openStore(ctx);
    checkEngineFiles(ctx);
    // Whoever found the directory has said so; without it nothing further can be judged.
    if (input.raftId === '') return { ...progress, refusal: null, unknown: true };
    const identity = readIdentity(ctx);
    cleanUp(ctx.disk, ctx.generation);
    const start = await startRaft(ctx, identity);
    ctx.start = start;
    ctx.tailFound = start.log.last;
    await input.watcher?.onLog(foundLogOf(ctx, start));
    const membership = checkMembership(ctx, identity, start);
    const { raft, floor } = await startCore(ctx, identity, start);
    progress.raft = raft;
    progress.floor = floor;
    await runRaft(ctx, identity, membership, raft, floor);
    progress.members = membersInForce(raft.confState, membership);
    if (guarded !== null) guardReplayed(ctx, guarded, raft);
    return { ...progress, refusal: null, unknown: false };
  } catch (error) {
    if (error instanceof Refusal) {
      closeLog(ctx, error.detail);
      return { ...progress, refusal: error.detail, unknown: false };
    }
    if (!(error instanceof IoError || error instanceof UnsupportedError)) throw error;
    // Not the node's refusal but our own limit: what it would do from here on is not known.
    ctx.findings.push(findingOf(error, 'error'));
    return { ...progress, refusal: null, unknown: true };
  }
}

/** Rows 5 and 6 of etcd-wal.md §6.1: left out when the engine alone is asked about. */
function checkEngineFiles(ctx: BootContext): void {
  const found = HASHICORP_NAMES.filter((name) => ctx.disk.exists(name));
  if (found.length > 0) {
    const message = `${found.join(', ')}: files of the removed hashicorp/raft backend`;
    ctx.find('hashicorp-raft', ctx.input.guards ? 'error' : 'warning', message, { file: found[0] });
    if (ctx.input.guards) {
      const text = `${ctx.disk.root.path}: raft data dir contains legacy hashicorp/raft artifacts`;
      throw new Refusal({ step: 2, message: text });
    }
  }
  if (!ctx.input.guards) return;
  checkMarker(ctx);
}

const MARKER = 'raft-engine';
const MAX_MARKER_BYTES = 4096;

function checkMarker(ctx: BootContext): void {
  if (!ctx.disk.exists(MARKER)) {
    ctx.disk.write(MARKER, Buffer.from('etcd\n'), 'engine marker');
    return;
  }
  const source = ctx.disk.open(MARKER);
  const bytes = new Uint8Array(Math.min(source.size, MAX_MARKER_BYTES));
  source.readAt(0, bytes);
  source.close();
  const content = Buffer.from(bytes).toString('utf8').trim().toLowerCase();
  if (content === '' || content === 'etcd') return;
  const text = `invalid raft engine marker ${ctx.disk.shown(MARKER)}: ${JSON.stringify(content)}`;
  ctx.find('engine-marker', 'error', text, { file: MARKER });
  throw new Refusal({ step: 2, message: `${text}: unsupported raft engine` });
}

async function startRaft(ctx: BootContext, identity: Identity): Promise<RaftStart> {
  const entry = ctx.disk.stat('wal');
  const listing = entry?.kind === 'directory' ? listWal(ctx.disk.dir('wal')) : undefined;
  return listing?.exists === true ? startFromWal(ctx, listing) : startWithoutWal(ctx, identity);
}

/** Step 10: the snapshot's ConfState against the peers list, which is then written again. */
function checkMembership(ctx: BootContext, identity: Identity, start: RaftStart): Membership {
  const { peers, file } = identity;
  const { snapshotIndex, confState } = start;
  const mismatch = checkConfState(snapshotIndex, confState, peers, file);
  if (mismatch !== undefined) throw new Refusal({ step: 10, message: mismatch.refusal });
  const index = file !== undefined && file.index > snapshotIndex ? file.index : snapshotIndex;
  const list = withSuffrageOf(peers, confState);
  const kept = file?.seed ?? { active: false, peers: [] };
  const seed = { ...kept, active: kept.active && samePeers(sortPeers(kept.peers), list) };
  writePeersFile(ctx, index, list, seed, 'peers file in the form of this build');
  return { known: peerMapOf(list), seed };
}

/** Steps 9 and 11's beginning: counters, floor, raft's own checks. */
async function startCore(
  ctx: BootContext,
  identity: Identity,
  start: RaftStart,
): Promise<{ raft: RaftState; floor: bigint }> {
  const { snapshotIndex, effectiveApplied, hardState, log } = start;
  const applied = effectiveApplied > snapshotIndex ? effectiveApplied : snapshotIndex;
  const stated = isEmptyHardState(hardState) ? snapshotIndex : (hardState.commit ?? 0n);
  const commit = stated > snapshotIndex ? stated : snapshotIndex;
  const floor = appliedFloor(ctx, log, applied, commit);
  const confState = start.confState ?? emptyConfState();
  const core = createRaftCore({
    nodeId: identity.nodeId,
    confState,
    base: snapshotIndex,
    last: log.last,
    hardState,
    floor,
  });
  // The engine's own replay of volatile entries comes before raft is created.
  await replayVolatile(ctx, log, floor);
  if (isPanic(core)) throw panic(9, core.panic);
  const raft = new RaftState(start, { configuration: core, confState, applied }, ctx.disk);
  return { raft, floor: floor > snapshotIndex ? floor : snapshotIndex };
}

/** Delivery up to the commit, and a sole voter's election with what it commits. */
async function runRaft(
  ctx: BootContext,
  identity: Identity,
  membership: Membership,
  raft: RaftState,
  floor: bigint,
): Promise<void> {
  await deliver(ctx, raft, membership, floor + 1n, raft.commit);
  if (raft.configuration.soleVoter() === identity.nodeId) {
    const from = raft.commit + 1n;
    raft.elect(identity.nodeId);
    await deliver(ctx, raft, membership, from, raft.commit);
    return;
  }
  if (membership.known.size === 1) {
    ctx.find(
      'waits-for-ever',
      'error',
      'one peer is configured and it is not the sole voter: opening waits for its leadership',
    );
  }
}

/** A refusal behind the opening of the log closes it, which removes the next segment's file. */
function closeLog(ctx: BootContext, refusal: RefusalDetail): void {
  const path = 'wal/0.tmp';
  if (refusal.panic || !ctx.logOpened || !ctx.disk.exists(path)) return;
  ctx.disk.delete(path, 'removed when the log is closed', false);
}

/** A refusal that other flags, or the keys, might have averted. */
function hangsOnKeys({ errors }: RefusalDetail): boolean {
  const names = ['ErrRaftUnwrapFailed', 'ErrEncryptionApply', 'ErrKEKNotConfigured'];
  return errors.some((name) => names.includes(name));
}

function verdictOf(ctx: BootContext, outcome: Outcome): Verdict {
  const found = (code: ErrorCode): boolean => ctx.findings.some((each) => each.code === code);
  const { refusal } = outcome;
  const unsure = outcome.unknown || found('guard-inconclusive') || found('encryption-unknown');
  if (refusal !== null && !(unsure && hangsOnKeys(refusal))) return 'refuses';
  if (unsure) return 'inconclusive';
  if (found('waits-for-ever')) return 'refuses';
  if (ctx.repaired) return 'boots-after-repair';
  if (ctx.newCluster) return 'boots-new-cluster';
  return ctx.gate.outcome === 'skipped' ? 'boots-skip' : 'boots-restore';
}

function reportOf(ctx: BootContext, outcome: Outcome, store: StoreDigest | null): BootReport {
  const { raft, floor } = outcome;
  const counters: Counters = {
    appliedIndex: raft?.applied ?? 0n,
    raftApplied: floor,
    commitIndex: raft?.commit ?? 0n,
    lastIndex: raft?.log.last ?? 0n,
    term: raft?.term ?? 0n,
    ceilingMs: ctx.clock.ceilingMs,
    hlcLast: ctx.clock.last,
    restoredCutover: ctx.restoredCutover,
    lastSnapshotIndex: raft?.lastSnapshotIndex ?? 0n,
  };
  const { hardState, log } = ctx;
  return {
    generation: ctx.generation.name,
    verdict: verdictOf(ctx, outcome),
    snapshot: ctx.snapshot,
    hardState: hardState && {
      term: hardState.term ?? 0n,
      vote: hardState.vote ?? 0n,
      commit: hardState.commit ?? 0n,
    },
    log: log && { first: log.first, last: log.last, segments: ctx.segments },
    fsm: ctx.fsmBefore,
    gate: ctx.gate,
    decision: ctx.decision,
    refusal: outcome.refusal,
    counters,
    entries: ctx.trace.counts,
    store,
    actions: ctx.disk.actions,
    members: outcome.members,
    findings: ctx.findings,
    restoreCalls: ctx.restoreCalls,
    headerApplies: ctx.headerApplies,
    durablePins: ctx.durablePins,
    sidecarAfter:
      ctx.envelopes instanceof ProcessWiring ? (ctx.envelopes.applier.sidecar ?? null) : null,
    filesAfter: () => [...ctx.disk.files()].filter(({ path }) => !path.includes('fsm.db')),
  };
}
