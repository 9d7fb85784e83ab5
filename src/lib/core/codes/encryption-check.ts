import type { CodeTable } from './table.js';

/** Findings of `ekv encryption check` and `ekv snapshots`. */
export const ENCRYPTION_CHECK_CODES = {
  'encryption-not-verified': {
    means: 'Envelopes were found and no key was given to check their tags with.',
    look: 'Key id, node, epoch and write count are shown: they stand in every envelope in the clear.',
    next: 'Run it again with --sidecar and --kek.',
  },
  'encryption-cutover-unknown': {
    means:
      'Neither a sidecar, nor the log, nor a snapshot header says from which index entries are wrapped; those in the form of an envelope were taken for wrapped.',
    next: 'Pass --sidecar.',
  },
  'restart-refused': {
    means: 'A node started now with these files and encryption on refuses to start.',
    node: 'Ends with the error named; an ordinary, undamaged node does so once its snapshots have passed the last encryption entry.',
    look: 'raft_applied_index of the sidecar against the snapshot: only encryption entries raise it.',
    next: 'Do not restart the members that still run; see what the dry run says of this one.',
  },
  'restart-hazard-ahead': {
    means:
      'The next snapshot of this node will pass the last encryption entry that the sidecar knows of; from then on the node refuses every start.',
    node: 'Guard 9 reads the log behind raft_applied_index; once a snapshot has overtaken it these entries are compacted and the start is refused, whatever they were.',
    look: 'Entries left: a local snapshot is taken every 10,000 entries (ELASTICKV_RAFT_SNAPSHOT_COUNT), and at once at a configuration change.',
    next: 'A key rotation applied before the restart moves raft_applied_index to its own entry.',
  },
  'restart-not-judged': {
    means: 'Whether the next start refuses could not be told from what was given.',
  },
} as const satisfies CodeTable;
