/**
 * What lies between `H` and the index the gate asks for (spec/cold-start.md §2): a node restores
 * although nothing is missing when none of these entries writes to the store.
 */
import { isVolatile, tagOf } from '../fsm/payload.js';
import { ENTRY_TYPE } from '../raft/entry.js';
import type { BootContext } from './boot-context.js';
import { openEntry } from './open-entry.js';
import type { RaftLog } from './raft-log.js';

export interface GapEntries {
  /** Entries looked at: those of the gap that the log still holds. */
  readonly entries: number;
  /** Requests: they write to the store unless they fail. */
  readonly requests: number;
  readonly leases: number;
  readonly confChanges: number;
  readonly encryption: number;
  /** No-ops, and data that is no proposal. */
  readonly empty: number;
  /** Wrapped, and no key to look inside. */
  readonly sealed: number;
}

export function gapEntriesOf(ctx: BootContext, log: RaftLog, have: bigint, to: bigint): GapEntries {
  const counts = {
    entries: 0,
    requests: 0,
    leases: 0,
    confChanges: 0,
    encryption: 0,
    empty: 0,
    sealed: 0,
  };
  const last = to < log.last ? to : log.last;
  for (let index = have < log.base ? log.first : have + 1n; index <= last; index++) {
    counts.entries++;
    counts[kindOf(ctx, log, index)]++;
  }
  return counts;
}

function kindOf(
  ctx: BootContext,
  log: RaftLog,
  index: bigint,
): 'requests' | 'leases' | 'confChanges' | 'encryption' | 'empty' | 'sealed' {
  const type = log.type(index);
  if (type === ENTRY_TYPE.confChange || type === ENTRY_TYPE.confChangeV2) return 'confChanges';
  if (type !== ENTRY_TYPE.normal) return 'empty';
  const opened = openEntry(ctx, index, log.data(index));
  if (opened.kind === 'sealed') return 'sealed';
  if (opened.kind !== 'payload') return 'empty';
  if (isVolatile(opened.payload)) return 'leases';
  switch (tagOf(opened.payload)) {
    case 'single':
    case 'batch':
    case 'legacy':
      return 'requests';
    case 'empty':
      return 'empty';
    default:
      return 'encryption';
  }
}
