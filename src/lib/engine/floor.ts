/**
 * The applied floor handed to raft, and the volatile entries below it (spec/cold-start.md §4,
 * spec/etcd-wal.md §6.6).
 */
import { isVolatile } from '../fsm/payload.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import type { BootContext } from './boot-context.js';
import { isLasting, mayBeSealed, openEntry, shownOf } from './open-entry.js';
import type { RaftLog } from './raft-log.js';
import { panic } from './refusal.js';

const STEP = 9;
/** How many entries pass before the event loop gets a turn. */
const PACE_ENTRIES = 256;

/**
 * @param applied the engine's counter, `max(S, effective applied)`
 * @param commit `max(S, C)`
 * @returns the floor; 0 where none is passed, so that raft starts at its snapshot
 * @throws {Refusal} a panic: `applied` reaches above a log that ends below the commit
 */
export function appliedFloor(
  ctx: BootContext,
  log: RaftLog,
  applied: bigint,
  commit: bigint,
): bigint {
  if (ctx.generation.floor === 'none' || applied === 0n) return 0n;
  const highest = applied < commit ? applied : commit;
  if (highest <= log.base) return highest;
  if (highest > log.last) {
    throw panic(STEP, `entries' hi(${highest + 1n}) is out of bound lastindex(${log.last})`);
  }
  for (let index = log.first; index <= highest; index++) {
    const type = log.type(index);
    if (type === ENTRY_TYPE.confChange || type === ENTRY_TYPE.confChangeV2) return index - 1n;
    if (type !== ENTRY_TYPE.normal || !mayBeSealed(ctx, index)) continue;
    if (openEntry(ctx, index, log.data(index)).kind === 'sealed') return index - 1n;
  }
  return highest;
}

/** Each volatile entry up to the floor is applied once, in order, before raft starts. */
export async function replayVolatile(ctx: BootContext, log: RaftLog, floor: bigint): Promise<void> {
  const { untilIndex, pace } = ctx.input;
  const to = untilIndex !== undefined && untilIndex < floor ? untilIndex : floor;
  for (let index = log.first; index <= to; index++) {
    if (Number(index - log.first) % PACE_ENTRIES === PACE_ENTRIES - 1) await pace.step(0);
    if (
      !ctx.trace.isWatched &&
      log.type(index) === ENTRY_TYPE.normal &&
      isLasting(ctx, log, index)
    ) {
      ctx.trace.count('not-delivered');
      continue;
    }
    const entry = log.entry(index);
    const opened =
      entry.type === ENTRY_TYPE.normal ? openEntry(ctx, index, log.data(index)) : undefined;
    if (opened?.kind !== 'payload' || !isVolatile(opened.payload)) {
      ctx.trace.pass(entry, {
        disposition: 'not-delivered',
        committed: true,
        ceilingMs: ctx.clock.ceilingMs,
        ...shownOf(opened),
      });
      continue;
    }
    const result = ctx.fsm.apply(null, opened.payload);
    ctx.trace.add(entry, {
      disposition: 'volatile-replay',
      committed: true,
      ceilingMs: ctx.clock.ceilingMs,
      proposalId: opened.proposalId,
      wrapped: opened.wrapped,
      payload: opened.payload,
      result,
    });
  }
}
