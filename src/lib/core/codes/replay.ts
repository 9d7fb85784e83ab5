import type { CodeTable } from './table.js';

/** Listing a log entry by entry. */
export const REPLAY_CODES = {
  'conf-change-refused': {
    means:
      'A conf change does not parse, the raft core panics over it, or its member has no address.',
    node: 'Stops at the entry, at every start, until the entry is no longer delivered.',
    look: 'The entry’s bytes: ekv replay-wal --raw shows its frame.',
  },
} as const satisfies CodeTable;
