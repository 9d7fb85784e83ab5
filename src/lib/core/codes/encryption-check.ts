import type { CodeTable } from './table.js';

/** Findings of `ekv encryption check` and `ekv snapshots`. */
export const ENCRYPTION_CHECK_CODES = {
  'snapshot-unvouched': {
    means: 'A sound snapshot whose record the WAL does not hold at or below its commit.',
    node: 'Passes over it, silently, to an older one.',
    look: 'Whether the log was cut or replaced after the snapshot was taken.',
    next: 'To use it all the same, make a fresh dir of it:',
    run: ['ekv restore --fsm FILE --output NEW'],
  },
  'snapshot-orphan': {
    means: 'A .fsm file is sound and no .snap names its index.',
    node: 'Deletes it at its next start, before it reads anything.',
    look: 'The .snap of that index: lost, renamed to .broken, or never written because of a crash.',
    next: 'Copy it away before any start.',
    run: ['cp -a DIR COPY'],
  },
  'snapshot-none-used': {
    means: 'There are snapshots in the directory and the node would use none of them.',
    node: 'Begins at index 0: with a log that starts behind a snapshot it refuses.',
    look: 'Whether wal/ is the one that belongs to these files.',
    next: 'Bring back the wal/ of the same moment, or make a fresh dir of the best of them:',
    run: ['ekv restore --fsm FILE --output NEW'],
  },
  'snapshot-choice-refused': {
    means: 'The node picks this snapshot at its next start, and the start fails.',
    node: 'Refuses to start, every time; it never falls back to an older snapshot.',
    look: 'The error named in the finding: ekv explain has it.',
    next: 'Work on a copy of the directory; the ways out are listed with the snapshot:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'snapshot-name-mismatch': {
    means: 'The name of a .snap file carries another term or index than the snapshot inside.',
    node: 'Orders by the name and believes what is inside; its clean-up believes the name.',
    look: 'Who renamed it: its .fsm may count as an orphan under the wrong name and be deleted.',
    next:
      'In a copy, give it the name <term>-<index>.snap of its content, 16 hex digits each, and ' +
      'run the dry run there.',
  },
  'snapshot-token-elsewhere': {
    means: 'The token in a .snap file names a .fsm of another index than the snapshot’s own.',
    node: 'Opens the .fsm that the token names.',
    look:
      'Whether that .fsm has a .snap of its own index: if not, the boot deletes it before it is ' +
      'read.',
    next: 'No build writes such a token; prefer another pair:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'snapshot-ceiling-below': {
    means: 'The ceiling in a snapshot header lies below the highest timestamp in its payload.',
    node: 'May hand out timestamps again that are already stored, until a lease raises the ceiling.',
    look: 'Leases in the log above the snapshot: ekv replay-wal --data-dir DIR --type lease.',
    next: 'Keep clients away after a restore from it until the first lease is applied.',
  },
  'encryption-not-verified': {
    means: 'Envelopes were found and no key was given to check their tags with.',
    node:
      'Checks the tag of a row only when a request reads it, that of a log entry at its ' +
      'delivery.',
    look:
      'Key id, node, epoch and write count are shown: they stand in every envelope in the ' +
      'clear.',
    next: 'Run it again with the keys:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'encryption-cutover-unknown': {
    means:
      'Neither a sidecar, nor the log, nor a snapshot header says from which index entries are ' +
      'wrapped; those in the form of an envelope were taken for wrapped.',
    node: 'Takes the cutover from its sidecar alone; without one it unwraps nothing.',
    look: 'Where keys.json lies: its path is a flag of the node, often outside the data dir.',
    next: 'Pass --sidecar.',
  },
  'restart-refused': {
    means: 'A node started now with these files and encryption on refuses to start.',
    node:
      'Ends with the error named; an ordinary, undamaged node does so once its snapshots have ' +
      'passed the last encryption entry.',
    look:
      'raft_applied_index of the sidecar against the snapshot: only encryption entries raise ' +
      'it.',
    next:
      'Do not restart the members that still run. See what the start meets, and other ' +
      'snapshots:',
    run: [
      'ekv cold-start-dryrun --data-dir DIR --encryption on --sidecar FILE --kek FILE',
      'ekv snapshots --data-dir DIR --encryption on --sidecar FILE --kek FILE',
    ],
  },
  'restart-hazard-ahead': {
    means:
      'The next snapshot of this node will pass the last encryption entry that the sidecar ' +
      'knows of; from then on the node refuses every start.',
    node:
      'Guard 9 reads the log behind raft_applied_index; once a snapshot has overtaken it these ' +
      'entries are compacted and the start is refused, whatever they were.',
    look:
      'Entries left: a local snapshot is taken every 10,000 entries ' +
      '(ELASTICKV_RAFT_SNAPSHOT_COUNT), and at once at a configuration change.',
    next:
      'A key rotation applied before the restart moves raft_applied_index to its own entry. ' +
      'What a start met now:',
    run: ['ekv cold-start-dryrun --data-dir DIR --encryption on --sidecar FILE --kek FILE'],
  },
  'restart-not-judged': {
    means: 'Whether the next start refuses could not be told from what was given.',
    node: 'Runs its guards with its own flags and files, and refuses or starts by them.',
    look: 'Which input the finding names as missing.',
    next: 'Give it and ask again:',
    run: ['ekv encryption check --data-dir DIR --encryption on --sidecar FILE --kek FILE'],
  },
} as const satisfies CodeTable;
