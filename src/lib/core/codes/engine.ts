import type { CodeTable } from './table.js';

export const ENGINE_CODES = {
  'no-group-dir': {
    means: 'The path is neither a raft group dir nor above one.',
    look: 'A group dir holds wal/, snap/, fsm-snap/, fsm.db/ or etcd-raft-*.bin files.',
    next: 'Pass the node’s raft data dir, its <raftId> dir or one group dir.',
  },
} as const satisfies CodeTable;
