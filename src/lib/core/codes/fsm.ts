import type { CodeTable } from './table.js';

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
  },
  'unknown-request-type': {
    means: 'A transaction phase or a mutation op outside the list, or an op not allowed there.',
    node: 'Answers ErrUnknownRequestType; the request writes nothing.',
  },
  'txn-meta-missing': {
    means: 'The first mutation of a transaction is not a !txn|meta| record.',
    node: 'Answers ErrTxnMetaMissing.',
  },
  'txn-invalid-meta': {
    means: 'A lock, intent or commit record belongs to another primary, start or commit.',
    node: 'Answers ErrTxnInvalidMeta.',
  },
  'txn-commit-ts-required': {
    means: 'The commit timestamp is 0 or not above the start timestamp.',
    node: 'Answers ErrTxnCommitTSRequired.',
  },
  'txn-primary-key-required': {
    means: 'The primary key in the meta record is empty.',
    node: 'Answers ErrTxnPrimaryKeyRequired.',
  },
  'txn-already-committed': {
    means: 'An abort meets the commit record of its transaction.',
    node: 'Answers ErrTxnAlreadyCommitted.',
  },
  'txn-already-aborted': {
    means: 'A commit meets the rollback record of its transaction.',
    node: 'Answers ErrTxnAlreadyAborted.',
  },
  'txn-locked': {
    means: 'A key is locked by a transaction; expiry does not matter to the apply.',
    node: 'Answers ErrTxnLocked and names the key.',
  },
  'write-conflict': {
    means: 'A mutated or read key has a version newer than the start timestamp.',
    node: 'Answers ErrWriteConflict and names the first such key.',
  },
  'value-too-large': {
    means: 'A value is longer than 268,435,456 bytes.',
    node: 'Answers ErrValueTooLarge; the request writes nothing.',
  },
  'read-ts-compacted': {
    means: 'The read timestamp lies below the retention mark.',
    node: 'Answers ErrReadTSCompacted.',
  },
  'value-reserved-state': {
    means: 'A stored value has a reserved flag bit or a reserved encryption state.',
    node: 'Answers ErrEncryptedValueReservedState to whatever reads the row.',
  },
  'value-header-short': {
    means: 'A stored value is shorter than its header of 9 bytes.',
    node: 'An error without identity, to whatever reads the row.',
  },
  'value-no-cipher': {
    means: 'A row is marked encrypted, and there is no cipher to read it with.',
    node: 'An error without identity, to whatever reads the row.',
    next: 'Give --sidecar and --kek.',
  },
  'value-relabelled': {
    means: 'A row is marked clear, but its body verifies as an encrypted envelope.',
    node: 'Answers ErrEncryptedReadIntegrity to whatever reads the row.',
  },
  'txn-record-bad': {
    means: 'A transaction record is empty, of another version, or ends too early.',
    node: 'An error without identity.',
  },
  'txn-record-cut': {
    means: 'A transaction record ends inside a u64 field.',
    node: 'Answers UnexpectedEOF.',
  },
  'txn-length-panic': {
    means: 'A length field of a transaction record lies above 2^48 and below 2^63.',
    node: 'Dies in the apply (makeslice: len out of range), at every boot that delivers the entry.',
    look: 'The record is in the entry itself (meta) or in fsm.db (lock, intent, commit record).',
  },
  'txn-length-memory': {
    means: 'A length field of a transaction record states 2^31 bytes or more that are not there.',
    node: 'Answers an error if the memory is granted, otherwise dies with "out of memory".',
  },
  'bad-protobuf': {
    means: 'The payload, or a message in it, does not parse as protobuf.',
    node: 'An error without identity; nothing of the entry is applied.',
  },
  'lease-length': {
    means: 'An HLC lease is not exactly 8 bytes behind its tag.',
    node: 'An error without identity; the ceiling stays.',
  },
  'encryption-apply': {
    means: 'An encryption entry failed, is of a reserved kind, or there is no applier for it.',
    node: 'Halts with ErrEncryptionApply, and meets the entry again at the next boot.',
  },
  'route-not-evaluated': {
    means:
      'A transaction is pinned to a version of the route catalog, whose history lives in memory only.',
    node:
      'Answers ErrComposed1VersionGCd if it delivers the entry before it has loaded the catalog, ' +
      'which is a race. The replay goes on as if the check had passed.',
  },
  'prepare-expiry': {
    means: 'The locks of a PREPARE expire at the wall clock of the applying node plus their TTL.',
    node: 'Every replica stores another expiry; the store digest leaves it out.',
  },
  'lock-order-race': {
    means:
      'Behind the first locked key of a request lies a lock record whose length field kills the process.',
    node: 'Builds from 2026-07-18 decode the locks they found in no fixed order: it may die or not.',
  },
  'metadata-cut-key': {
    means:
      'A written key is what is left of a metadata key or registry row without its last 8 bytes; ' +
      'that row counts as a version of it with a huge timestamp.',
    node: 'Every write of the key conflicts, unless the conflict check is skipped.',
  },
} as const satisfies CodeTable;
