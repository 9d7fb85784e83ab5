import type { CodeTable } from './table.js';

const COMPARE_LOGS = {
  next: 'Compare the entries with another member’s:',
  run: ['ekv replay-wal --raw --data-dir DIR'],
} as const;

/** Listing a log entry by entry. */
export const REPLAY_CODES = {
  'conf-change-refused': {
    means:
      'A conf change does not parse, the raft core panics over it, or its member has no address.',
    node:
      'Stops at the entry, at every start, until the entry is no longer delivered. A member ' +
      'without ' +
      'address is refused from 2026-07-19 on only.',
    look: 'The entry’s bytes: ekv replay-wal --raw shows its frame.',
    next: 'Let the node join again, unless a snapshot above the entry passes it by:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'replay-stops': {
    means: 'The boot stops before it has handled every committed entry.',
    node: 'Refuses to start, halts in replay, or dies; the next start meets the same.',
    look: 'The last record with a disposition, and the refusal of ekv cold-start-dryrun.',
    next: 'See at which step it stops and what to do about it:',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'replay-no-match': {
    means: 'No entry of the log fits the filters.',
    look: 'The index range and the types of the log: ekv replay-wal --stats.',
    next: 'Widen the filters (--allow-empty makes "none" exit with 0). See what the log has:',
    run: ['ekv replay-wal --data-dir DIR --stats'],
  },
  'replay-without-data-dir': {
    means:
      'Only WAL segments were given: nothing is applied, and what depends on the snapshot or on ' +
      'fsm.db is not known.',
    next: 'Give the node’s data dir:',
    run: ['ekv replay-wal --data-dir DIR'],
  },
  'replay-until-below': {
    means: 'The store as of that index cannot be had: what the boot starts from is already later.',
    look: 'The snapshot’s index and the applied index of fsm.db.',
    next:
      'Ask for an index above both, or start from an older snapshot: in a copy without fsm.db ' +
      'the ' +
      'replay begins at the snapshot.',
  },
  'replay-list-cut': {
    means: 'The log has more entries than one JSON document lists.',
    next: 'Stream every entry as a JSON record of its own:',
    run: ['ekv replay-wal --data-dir DIR --format ndjson'],
  },
  'replay-too-many-overwrites': {
    means: 'More records of the log overwrite earlier ones than any cluster would write.',
    node: 'Reads it all the same: each entry replaces everything from its index on.',
    look: 'Segments of several nodes in one wal/ directory, or a log made by a program.',
    next: 'See frame by frame which indexes come again:',
    run: ['ekv replay-wal --raw --data-dir DIR'],
  },
  'committed-entry-overwritten': {
    means: 'A log entry is written a second time after its index had been committed.',
    node: 'Takes the later record and does not notice; fsm.db may hold the effect of the earlier.',
    look: 'The two records: ekv replay-wal --raw, and the same index in another member’s log.',
    next:
      'If the other members hold the earlier one, rebuild this node from them. See both ' +
      'records:',
    run: ['ekv replay-wal --raw --data-dir DIR'],
  },
  'index-goes-back': {
    means: 'The log goes back to a lower index without a higher term, which no leader does.',
    node: 'Does not check terms: the later record replaces everything from its index on.',
    look: 'Segments of another node or of an older copy in wal/: ls -l shows owners and times.',
    ...COMPARE_LOGS,
  },
  'term-falls': {
    means: 'An entry’s term is below that of the entry before it.',
    node: 'Does not check terms while it reads the log.',
    look: 'Segments of different nodes or of different times in one wal/ directory.',
    ...COMPARE_LOGS,
  },
} as const satisfies CodeTable;
