/**
 * Step 11: raft hands over the committed entries in order (spec/cold-start.md §5, etcd-wal.md §6.7).
 */
import { isVolatile } from '../fsm/payload.js';
import type { ApplyResult } from '../fsm/state-machine.js';
import { Fault } from '../mvcc/fault.js';
import { ProtoError } from '../proto/proto-error.js';
import {
  asV2,
  decodeConfChange,
  decodeConfChangeV2,
  type ConfChangeV2,
} from '../raft/conf-change.js';
import { isPanic } from '../raft/configuration.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import { isPeersRefusal } from '../raft/peers/peer.js';
import { peersAfter, peersListAfter, samePeers } from '../raft/peers/membership.js';
import type { BootContext } from './boot-context.js';
import { writeConfigurationSnapshot, writePeersFile } from './configuration-snapshot.js';
import { membersInForce, type Membership } from './membership.js';
import { isLasting, openEntry, type OpenedEntry } from './open-entry.js';
import type { LogEntry } from './raft-log.js';
import type { RaftState } from './raft-state.js';
import { panic, Refusal } from './refusal.js';

const STEP = 11;
const PAGE_BYTES = 1 << 20;
/** How many entries pass before the event loop gets a turn. */
const PACE_ENTRIES = 256;

/**
 * Delivers `from … to`.
 * @throws {Refusal} where the node halts, or dies by a panic
 */
export async function deliver(
  ctx: BootContext,
  raft: RaftState,
  membership: Membership,
  from: bigint,
  to: bigint,
): Promise<void> {
  const { log } = raft;
  const { untilIndex } = ctx.input;
  const end = untilIndex !== undefined && untilIndex < to ? untilIndex : to;
  let bytes = 0;
  let pageEnd = from - 1n;
  let paced = 0;
  for (let index = from; index <= end; index++) {
    if (index > pageEnd) pageEnd = checkPage(ctx, raft, index, to);
    const entry = log.entry(index);
    bytes += log.dataLength(index);
    if (isDuplicate(ctx, raft, entry)) {
      ctx.trace.count('duplicate-dropped');
    } else if (entry.type === ENTRY_TYPE.confChange || entry.type === ENTRY_TYPE.confChangeV2) {
      await deliverConfChange(ctx, raft, membership, entry, log.data(index));
    } else if (entry.type === ENTRY_TYPE.normal) {
      deliverNormal(ctx, raft, entry, openEntry(ctx, index, log.data(index)));
    } else {
      raft.advance(index);
      trace(ctx, entry, 'not-a-proposal');
    }
    if (++paced === PACE_ENTRIES) {
      await ctx.input.pace.step(bytes);
      bytes = 0;
      paced = 0;
    }
  }
}

/** One that is dropped and that nobody looks at: its data need not be fetched. False says nothing. */
function isDuplicate(ctx: BootContext, raft: RaftState, entry: LogEntry): boolean {
  if (ctx.trace.isWatched || entry.type !== ENTRY_TYPE.normal) return false;
  return entry.ownIndex <= raft.applied && isLasting(ctx, raft.log, entry.index);
}

function trace(ctx: BootContext, entry: LogEntry, disposition: 'empty' | 'not-a-proposal'): void {
  ctx.trace.add(entry, { disposition, committed: true, ceilingMs: ctx.clock.ceilingMs });
}

/** Entries go out in pages; the last one's own index must not lie above the commit. */
function checkPage(ctx: BootContext, raft: RaftState, from: bigint, to: bigint): bigint {
  let size = 0;
  let end = from;
  for (let index = from; index <= to; index++) {
    size += raft.log.size(index, ctx.proto);
    if (size > PAGE_BYTES && index > from) break;
    end = index;
  }
  const own = raft.log.entry(end).ownIndex;
  if (own > raft.commit) {
    const range = `[prevApplying(${from - 1n}), committed(${raft.commit})]`;
    throw panic(STEP, `applying(${own}) is out of range ${range}`, end);
  }
  return end;
}

function deliverNormal(
  ctx: BootContext,
  raft: RaftState,
  entry: LogEntry,
  opened: OpenedEntry,
): void {
  const index = entry.ownIndex;
  if (opened.kind === 'empty' || opened.kind === 'not-a-proposal') {
    raft.advance(index);
    trace(ctx, entry, opened.kind);
    return;
  }
  // Plain literals: a spread costs more than everything else that is done for a duplicate.
  const { proposalId } = opened;
  if (opened.kind === 'sealed') {
    const { fault } = opened;
    ctx.trace.add(entry, {
      committed: true,
      proposalId,
      disposition: 'halt',
      wrapped: true,
      error: fault,
      ceilingMs: ctx.clock.ceilingMs,
    });
    throw new Refusal({ step: STEP, errors: fault.names, message: fault.text, index });
  }
  const { payload, wrapped } = opened;
  const fresh = index > raft.applied;
  if (!fresh && !isVolatile(payload)) {
    ctx.trace.add(entry, {
      committed: true,
      proposalId,
      disposition: 'duplicate-dropped',
      wrapped,
      payload,
      ceilingMs: ctx.clock.ceilingMs,
    });
    return;
  }
  const result = ctx.fsm.apply(fresh ? index : null, payload);
  const halts = result.outcome !== 'applied';
  ctx.trace.add(entry, {
    committed: true,
    proposalId,
    disposition: halts ? 'halt' : fresh ? 'fresh' : 'duplicate-volatile',
    told: fresh,
    wrapped,
    payload,
    result,
    ceilingMs: result.ceilingMs,
  });
  report(ctx, entry, result);
  if (halts) throw haltOf(result, index);
  if (fresh) raft.advance(index);
}

function haltOf(result: ApplyResult, index: bigint): Refusal {
  const fault = result.error ?? result.requests.at(-1)?.error ?? null;
  if (result.outcome === 'panic') {
    return panic(STEP, 'runtime error: makeslice: len out of range', index);
  }
  return new Refusal({
    step: STEP,
    errors: fault?.names ?? [],
    message: fault?.text ?? 'the state machine halts',
    index,
  });
}

/** What the apply has to say besides its answers, one finding a code with the first entry's index. */
function report(ctx: BootContext, entry: LogEntry, result: ApplyResult): void {
  for (const note of result.notes) {
    if (ctx.findings.some(({ code }) => code === note.code)) continue;
    ctx.find(note.code, 'note', `${note.text} (first at entry ${entry.index})`, {
      index: entry.index,
      file: entry.file ?? undefined,
      offset: entry.offset ?? undefined,
    });
  }
}

function decodeChange(ctx: BootContext, entry: LogEntry, data: Uint8Array): ConfChangeV2 {
  try {
    return entry.type === ENTRY_TYPE.confChange
      ? asV2(decodeConfChange(data, ctx.proto))
      : decodeConfChangeV2(data, ctx.proto);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    const message = error.nodeError ?? error.detail;
    throw new Refusal({ step: STEP, message, index: entry.index });
  }
}

async function deliverConfChange(
  ctx: BootContext,
  raft: RaftState,
  membership: Membership,
  entry: LogEntry,
  data: Uint8Array,
): Promise<void> {
  try {
    await applyConfChange(ctx, raft, membership, entry, data);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { errors, message } = error.detail;
    ctx.trace.add(entry, {
      disposition: 'halt',
      committed: true,
      ceilingMs: ctx.clock.ceilingMs,
      error: new Fault('conf-change-refused', errors, message),
    });
    throw error;
  }
}

async function applyConfChange(
  ctx: BootContext,
  raft: RaftState,
  membership: Membership,
  entry: LogEntry,
  data: Uint8Array,
): Promise<void> {
  const change = decodeChange(ctx, entry, data);
  const configuration = raft.configuration.apply(change);
  if (isPanic(configuration)) throw panic(STEP, configuration.panic, entry.index);
  raft.configuration = configuration;
  const index = entry.ownIndex;
  const confState = configuration.confState();
  raft.confState = confState;
  membership.known = peersAfter(membership.known, change);
  if (index > raft.log.base) {
    const rule = { addressRequired: ctx.generation.peersNeedAddress };
    const list = peersListAfter(membership.known, confState, index, rule);
    if (isPeersRefusal(list)) {
      throw new Refusal({ step: STEP, message: list.refusal, index });
    }
    const active = membership.seed.active && samePeers(membership.seed.peers, list);
    membership.seed = { ...membership.seed, active };
    const why = `the conf change at ${index}`;
    writePeersFile(ctx, index, list, membership.seed, why);
    await writeConfigurationSnapshot(ctx, raft, { index, term: entry.term }, confState);
    if (index <= raft.applied && ctx.gate.outcome === 'skipped') staleSnapshot(ctx, entry);
  }
  ctx.trace.add(entry, {
    disposition: 'conf-change',
    committed: true,
    ceilingMs: ctx.clock.ceilingMs,
    confChange: { change, members: membersInForce(confState, membership) },
  });
  raft.advance(index);
}

function staleSnapshot(ctx: BootContext, entry: LogEntry): void {
  const have = ctx.gate.have ?? 0n;
  ctx.find(
    'stale-configuration-snapshot',
    'warning',
    `the snapshot written at ${entry.index} holds the state of ${have}: a peer that installs it ` +
      `applies entries ${entry.index + 1n} to ${have} a second time`,
    { index: entry.index },
  );
}
