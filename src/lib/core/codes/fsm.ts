import type { CodeTable } from './table.js';

const SEE_ENTRY = {
  next: 'The other members answer the same. See the entry:',
  run: ['ekv replay-wal --data-dir DIR --from-index N --to-index N --values 64'],
} as const;

const COMPARE_ROW = {
  next:
    'Compare the row with another member’s store; if it is here alone, rebuild this node’s ' +
    'fsm.db from a snapshot:',
  run: ['ekv restore --from-dir DIR --output NEW'],
} as const;

const ORDINARY = 'Nothing to mend: every member answers the same, and the client was told.';

/**
 * What applying an entry can answer (spec/fsm-apply.md), and what a replay says besides. A code
 * stands at a request under `error` only where the node's own error has no identity.
 */
export const FSM_CODES = {
  'invalid-request': {
    means:
      'An empty payload, a batch without requests, an empty key, an internal key in a write, ' +
      'or a transaction without mutations.',
    node: 'Answers ErrInvalidRequest; the entry counts as applied and writes nothing.',
    look:
      'The keys of the request: one that begins !txn|lock|, !txn|int|, !txn|cmt|, !txn|rb| or ' +
      '!txn|meta|.',
    ...SEE_ENTRY,
  },
  'unknown-request-type': {
    means: 'A transaction phase or a mutation op outside the list, or an op not allowed there.',
    node: 'Answers ErrUnknownRequestType; the request writes nothing.',
    look:
      'phase (0 to 3) and op (0 to 2) in the request; DEL_PREFIX is not allowed in ' +
      'transactions.',
    ...SEE_ENTRY,
  },
  'txn-meta-missing': {
    means: 'The first mutation of a transaction is not a !txn|meta| record.',
    node: 'Answers ErrTxnMetaMissing; the request writes nothing.',
    look: 'The key of the first mutation: the record’s place in the list counts, not only its key.',
    ...SEE_ENTRY,
  },
  'txn-invalid-meta': {
    means: 'A lock, intent or commit record belongs to another primary, start or commit.',
    node: 'Answers ErrTxnInvalidMeta; the request writes nothing.',
    look:
      'The lock under !txn|lock| and the key in fsm.db against primary and start in the ' +
      'request.',
    ...SEE_ENTRY,
  },
  'txn-commit-ts-required': {
    means: 'The commit timestamp is 0 or not above the start timestamp.',
    node: 'Answers ErrTxnCommitTSRequired; the request writes nothing.',
    look: 'commitTs of the meta record against ts of the request.',
    ...SEE_ENTRY,
  },
  'txn-primary-key-required': {
    means: 'The primary key in the meta record is empty.',
    node: 'Answers ErrTxnPrimaryKeyRequired; the request writes nothing.',
    look: 'The value of the !txn|meta| mutation: primaryLen is 0.',
    ...SEE_ENTRY,
  },
  'txn-already-committed': {
    means: 'An abort meets the commit record of its transaction.',
    node: 'Answers ErrTxnAlreadyCommitted; the request writes nothing.',
    look: 'The earlier COMMIT of the same primary and start; it came first and stands.',
    next: ORDINARY,
  },
  'txn-already-aborted': {
    means: 'A commit meets the rollback record of its transaction.',
    node: 'Answers ErrTxnAlreadyAborted; the request writes nothing.',
    look: 'The earlier ABORT of the same primary and start; it came first and stands.',
    next: ORDINARY,
  },
  'txn-locked': {
    means: 'A key is locked by a transaction; expiry does not matter to the apply.',
    node: 'Answers ErrTxnLocked and names the key.',
    look: 'The lock’s owner: the PREPARE that set it, and whether its COMMIT or ABORT ever came.',
    next: 'Ordinary under load. For a lock that stays, find its PREPARE:',
    run: ['ekv replay-wal --data-dir DIR --key-prefix raw:KEY'],
  },
  'write-conflict': {
    means: 'A mutated or read key has a version newer than the start timestamp.',
    node: 'Answers ErrWriteConflict and names the first such key.',
    look:
      'The version in the way. Of an entry redelivered after a restart it may be the entry’s own ' +
      'write (committed-tail); later builds see that it has landed.',
    next: ORDINARY,
  },
  'value-too-large': {
    means: 'A value is longer than 268,435,456 bytes.',
    node: 'Answers ErrValueTooLarge; the request writes nothing.',
    look: 'payloadLength of the entry, and which client sends such values.',
    next: ORDINARY,
  },
  'read-ts-compacted': {
    means: 'The read timestamp lies below the retention mark.',
    node: 'Answers ErrReadTSCompacted to such a read; no log entry reads at an old timestamp.',
    look:
      '_meta_min_retained_ts and _meta_pending_min_retained_ts in fsm.db: the greater one ' +
      'counts.',
    next: 'Read at a later timestamp; what was older is gone from this store for good.',
  },
  'value-reserved-state': {
    means: 'A stored value has a reserved flag bit or a reserved encryption state.',
    node: 'Answers ErrEncryptedValueReservedState to whatever reads the row.',
    look: 'The row’s first byte: bit 0 tombstone, bits 1 and 2 state 0 or 1, all others zero.',
    ...COMPARE_ROW,
  },
  'value-header-short': {
    means: 'A stored value is shorter than its header of 9 bytes.',
    node: 'An error without identity, to whatever reads the row.',
    look: 'The raw key: is it a version at all, or metadata under a name no build uses?',
    ...COMPARE_ROW,
  },
  'value-no-cipher': {
    means: 'A row is marked encrypted, and there is no cipher to read it with.',
    node: 'An error without identity, to whatever reads the row, if it runs without KEK or sidecar.',
    look: 'The key id in the envelope (bytes 2 to 5 behind the value header) against keys.json.',
    next: 'Start the node with its sidecar and KEK, and read the row with them:',
    run: ['ekv encryption rows --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'value-relabelled': {
    means: 'A row is marked clear, but its body verifies as an encrypted envelope.',
    node: 'Answers ErrEncryptedReadIntegrity to whatever reads the row.',
    look: 'Who could write to fsm.db: the state bits are not authenticated, so this is an edit.',
    ...COMPARE_ROW,
  },
  'txn-record-bad': {
    means: 'A transaction record is empty, of another version, or ends too early.',
    node: 'An error without identity; the request writes nothing.',
    look: 'The record’s first byte: 0x01, for meta records also 0x02.',
    ...SEE_ENTRY,
  },
  'txn-record-cut': {
    means: 'A transaction record ends inside a u64 field.',
    node: 'Answers UnexpectedEOF; the request writes nothing.',
    look: 'The record in the entry (meta) or in fsm.db (lock, intent, commit record).',
    ...SEE_ENTRY,
  },
  'txn-length-panic': {
    means: 'A length field of a transaction record lies above 2^48 and below 2^63.',
    node: 'Dies in the apply (makeslice: len out of range), at every boot that delivers the entry.',
    look: 'The record is in the entry itself (meta) or in fsm.db (lock, intent, commit record).',
    next:
      'Do not restart it in a loop: every member dies at this entry. Only a snapshot at or ' +
      'above its index passes it by:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'txn-length-memory': {
    means: 'A length field of a transaction record states 2^31 bytes or more that are not there.',
    node: 'Answers an error if the memory is granted, otherwise dies with "out of memory".',
    look: 'The stated length against RAM plus swap of the host and the limit of its cgroup.',
    next:
      'Start it where more memory may be promised than the record states; nothing of it is ' +
      'touched.',
  },
  'bad-protobuf': {
    means: 'The payload, or a message in it, does not parse as protobuf.',
    node: 'An error without identity; nothing of the entry is applied.',
    look:
      'A first byte of 0x01 0x00 may be a raft envelope met without cutover: then the sidecar is ' +
      'missing, not the data.',
    ...SEE_ENTRY,
  },
  'lease-length': {
    means: 'An HLC lease is not exactly 8 bytes behind its tag.',
    node: 'An error without identity; the ceiling stays.',
    look: 'payloadLength of the entry: 9 with the tag 0x02. Nothing is stored, so nothing is lost.',
    ...SEE_ENTRY,
  },
  'encryption-apply': {
    means: 'An encryption entry failed, is of a reserved kind, or there is no applier for it.',
    node: 'Halts with ErrEncryptionApply, and meets the entry again at the next boot.',
    look: 'The second error name beside it: it says which rule the entry breaks.',
    next: 'Do not restart it in a loop. See keys, log and registry judged together:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'route-not-evaluated': {
    means:
      'A transaction is pinned to a version of the route catalog, whose history lives in memory ' +
      'only.',
    node:
      'Answers ErrComposed1VersionGCd if it delivers the entry before it has loaded the catalog, ' +
      'which is a race. The replay goes on as if the check had passed.',
    look:
      'Whether the entry is above the applied index: below it is dropped and the check never ' +
      'runs.',
    next: 'Compare the store’s digest with another member’s:',
    run: ['ekv inspect fsm.db --store-digest'],
  },
  'prepare-expiry': {
    means: 'The locks of a PREPARE expire at the wall clock of the applying node plus their TTL.',
    node: 'Every replica stores another expiry; the store digest leaves it out.',
    look: 'The TTL in the meta record: 0 counts as 30 seconds, at most 24 hours.',
    next: 'Nothing to do: the apply never looks at the expiry.',
  },
  'lock-order-race': {
    means:
      'Behind the first locked key of a request lies a lock record whose length field kills the ' +
      'process.',
    node:
      'Builds from 2026-07-18 decode the locks they found in no fixed order: it may die or not. ' +
      'Older ones stop at the first lock and live.',
    look: 'The lock record under !txn|lock| and the key named: its primaryLen is absurd.',
    ...COMPARE_ROW,
  },
  'metadata-cut-key': {
    means:
      'A written key is what is left of a metadata key or registry row without its last 8 bytes; ' +
      'that row counts as a version of it with a huge timestamp.',
    node:
      'Every write of the key conflicts. Builds from 2026-07-18 skip the check, and write, when ' +
      'nothing was committed after the start timestamp.',
    look: 'Which client writes _meta_appli, _meta_last_c, _meta_min_ret or !encryption|writers.',
    next: 'Use another key in that client; nothing in the store needs mending.',
  },
} as const satisfies CodeTable;
