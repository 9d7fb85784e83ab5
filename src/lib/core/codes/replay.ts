import type { CodeTable } from './table.js';

/** Listing a log entry by entry. */
export const REPLAY_CODES = {
  'conf-change-refused': {
    means:
      'A conf change does not parse, the raft core panics over it, or its member has no address.',
    node: 'Stops at the entry, at every start, until the entry is no longer delivered.',
    look: 'The entry’s bytes: ekv replay-wal --raw shows its frame.',
  },
  'replay-stops': {
    means: 'The boot stops before it has handled every committed entry.',
    node: 'Refuses to start, halts in replay, or dies; the next start meets the same.',
    look: 'The last record with a disposition, and the refusal of ekv cold-start-dryrun.',
  },
  'replay-no-match': {
    means: 'No entry of the log fits the filters.',
    look: 'The index range and the types of the log: ekv replay-wal --stats.',
  },
  'replay-without-data-dir': {
    means:
      'Only WAL segments were given: nothing is applied, and what depends on the snapshot or on ' +
      'fsm.db is not known.',
    next: 'Give the node’s data dir with --data-dir.',
  },
  'replay-until-below': {
    means: 'The store as of that index cannot be had: what the boot starts from is already later.',
    look: 'The snapshot’s index and the applied index of fsm.db.',
  },
  'replay-list-cut': {
    means: 'The log has more entries than one JSON document lists.',
    next: 'Use --format ndjson, which streams every entry.',
  },
  'replay-too-many-overwrites': {
    means: 'More records of the log overwrite earlier ones than any cluster would write.',
  },
  'committed-entry-overwritten': {
    means: 'A log entry is written a second time after its index had been committed.',
    node: 'Takes the later record and does not notice; fsm.db may hold the effect of the earlier.',
    look: 'The two records: ekv replay-wal --raw, and the same index in another member’s log.',
  },
  'index-goes-back': {
    means: 'The log goes back to a lower index without a higher term, which no leader does.',
    node: 'Does not check terms: the later record replaces everything from its index on.',
  },
  'term-falls': {
    means: 'An entry’s term is below that of the entry before it.',
    node: 'Does not check terms while it reads the log.',
    look: 'Segments of different nodes or of different times in one wal/ directory.',
  },
} as const satisfies CodeTable;
