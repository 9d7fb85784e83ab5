import type { CodeTable } from './table.js';

/** Findings of `ekv encryption check` and `ekv snapshots`. */
export const ENCRYPTION_CHECK_CODES = {
  'snapshot-unvouched': {
    means: 'A sound snapshot whose record the WAL does not hold at or below its commit.',
    node: 'Passes over it, silently, to an older one.',
    look: 'Whether the log was cut or replaced after the snapshot was taken.',
  },
  'snapshot-orphan': {
    means: 'A .fsm file is sound and no .snap names its index.',
    node: 'Deletes it at its next start, before it reads anything.',
    next: 'Copy it away before any start.',
  },
  'snapshot-none-used': {
    means: 'There are snapshots in the directory and the node would use none of them.',
    look: 'Whether wal/ is the one that belongs to these files.',
  },
  'snapshot-choice-refused': {
    means: 'The node picks this snapshot at its next start, and the start fails.',
    next: 'Work on a copy of the directory; the ways out are listed with the snapshot.',
  },
  'snapshot-name-mismatch': {
    means: 'The name of a .snap file carries another term or index than the snapshot inside.',
    node: 'Orders by the name and believes what is inside; its clean-up believes the name.',
  },
  'snapshot-token-elsewhere': {
    means: 'The token in a .snap file names a .fsm of another index than the snapshot’s own.',
    node: 'Opens the .fsm that the token names.',
  },
  'snapshot-ceiling-below': {
    means: 'The ceiling in a snapshot header lies below the highest timestamp in its payload.',
    node: 'May hand out timestamps again that are already stored, until a lease raises the ceiling.',
  },
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
