import type { BootContext } from './boot-context.js';
import type { FoundLog } from './boot-watcher.js';
import type { RaftStart } from './raft-state.js';

/** The log a boot has found, as its watcher is shown it. */
export function foundLogOf(ctx: BootContext, start: RaftStart): FoundLog {
  const commit = start.hardState.commit ?? 0n;
  return {
    snapshotIndex: start.snapshotIndex,
    commit: commit > start.snapshotIndex ? commit : start.snapshotIndex,
    log: start.log,
    last: start.log.last,
    superseded: ctx.superseded,
    segments: ctx.superseded === null ? [] : start.held.map(({ name }) => name),
    envelopes: ctx.envelopes,
  };
}
