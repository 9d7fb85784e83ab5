import type { CodeTable } from './table.js';

const LIST_ROWS = {
  next:
    'If another member reads it, rebuild this node from that one’s snapshot. See what else ' +
    'fails:',
  run: ['ekv encryption rows --data-dir DIR --sidecar FILE --kek FILE'],
} as const;

const SEE_HALT = {
  next: 'Do not restart it in a loop: each start bumps a local epoch. See the entry it halts at:',
  run: ['ekv replay-wal --data-dir DIR --sidecar FILE --kek FILE'],
} as const;

const REBUILD_STORE = {
  next: 'Rebuild fsm.db from a snapshot of another member. See the registry of this one:',
  run: ['ekv encryption check --data-dir DIR'],
} as const;

const ENVELOPE_CODES = {
  'envelope-short': {
    means: 'An encrypted value is shorter than the 34 bytes of an envelope.',
    node:
      'Answers ErrEnvelopeShort to whatever reads the row; halts with ErrRaftUnwrapFailed if it ' +
      'is a log entry.',
    look:
      'Whether the row’s state bits say encrypted of a body that is clear: they are not ' +
      'authenticated.',
    ...LIST_ROWS,
  },
  'envelope-version': {
    means: 'An envelope has a version byte other than 0x01.',
    node:
      'Answers ErrEnvelopeVersion to whatever reads the row; halts with ErrRaftUnwrapFailed if ' +
      'it is a log entry.',
    look: 'The first byte of the body; the rest tells nothing while this one is wrong.',
    ...LIST_ROWS,
  },
  'envelope-reserved-key-id': {
    means: 'An envelope names key id 0, which is reserved.',
    node:
      'Answers ErrReservedKeyID to whatever reads the row; halts with ErrRaftUnwrapFailed if it ' +
      'is a log entry.',
    look: 'Bytes 2 to 5 of the envelope: zeros there often mean zeros all around.',
    ...LIST_ROWS,
  },
  'envelope-unknown-key': {
    means: 'An envelope names a key that is not loaded.',
    node:
      'Answers ErrUnknownKeyID to whatever reads the row; halts with ErrRaftUnwrapFailed if it ' +
      'is a log entry.',
    look: 'Whether the sidecar is older than the row, or lost an entry.',
    next: 'Put back a sidecar that has the key; every member’s has it. See the ids in use:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'envelope-tag': {
    means: 'The tag of an envelope does not verify: bytes, key or place are not the ones sealed.',
    node:
      'Answers ErrEncryptedReadIntegrity to whatever reads the row; halts with ' +
      'ErrRaftUnwrapFailed ' +
      'if it is a log entry.',
    look: 'A row moved to another key or timestamp fails too: key and header are authenticated.',
    ...LIST_ROWS,
  },
  'row-relabelled': {
    means: 'A row is marked clear, but its body verifies as an envelope of this very row.',
    node: 'Answers every request that reads the row with ErrEncryptedReadIntegrity.',
    look: 'Someone changed the state bits of the value header: they are not authenticated.',
    next:
      'Treat it as tampering: keep a copy of fsm.db, then rebuild this node from another ' +
      'member.',
  },
} as const satisfies CodeTable;

const ENTRY_CODES = {
  'raft-unwrap-failed': {
    means: 'A log entry above the cutover could not be unwrapped.',
    node:
      'Halts with ErrRaftUnwrapFailed at every boot, builds from 2026-07-09; older ones never ' +
      'unwrap.',
    look:
      'The cause beside it: no cipher or an unknown key is a matter of the sidecar; a wrong ' +
      'tag, of the entry.',
    next:
      'Give it the newest sidecar and its KEK; if the tag itself is wrong, take wal/ from a ' +
      'copy:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'key-conflict': {
    means: 'A key id is already loaded with another key.',
    node: 'Halts in the apply with ErrEncryptionApply and ErrKeyConflict, at every boot.',
    look: 'Two bootstraps or rotations that chose the same id: sidecars of two clusters mixed up?',
    next: 'Put back the sidecar that belongs to this data dir; do not edit the key out of it.',
  },
  'encryption-wire-malformed': {
    means: 'An encryption entry has a wrong length, trailing bytes or an unknown purpose.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireMalformed, at every boot.',
    look:
      'The payload behind its opcode, and the same entry in another member’s log: equal means ' +
      'it was written so.',
    ...SEE_HALT,
  },
  'encryption-wire-version': {
    means: 'An encryption entry has another wire version than 0x01.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireVersion, at every boot.',
    look:
      'The byte behind the opcode, and which build proposed the entry: a newer one may write ' +
      'more.',
    ...SEE_HALT,
  },
  'encryption-wire-subtag': {
    means: 'A rotation entry has an unknown sub-tag.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireSubtag, at every boot.',
    look:
      'The byte behind the wire version: 1 rotates, 4 and 5 switch the envelopes on; others are ' +
      'unknown.',
    ...SEE_HALT,
  },
  'encryption-apply-refused': {
    means: 'An encryption entry contradicts the sidecar, the registry or itself.',
    node: 'Halts with ErrEncryptionApply, at every boot.',
    look:
      'Whether it is redelivered: a bootstrap after a rotation, or a registration below the ' +
      'row’s ' +
      'last seen epoch, halts the second time.',
    ...SEE_HALT,
  },
} as const satisfies CodeTable;

const REGISTRY_CODES = {
  'registry-value-malformed': {
    means: 'A row of the writer registry is not 12 bytes long.',
    node: 'Halts with ErrRegistryValueMalformed when an entry or a guard reads it.',
    look: 'The row under !encryption|writers|: 8 bytes node id, 2 first seen, 2 last seen epoch.',
    ...REBUILD_STORE,
  },
  'registry-epoch-order': {
    means: 'A row of the writer registry has a first seen epoch above its last seen one.',
    node: 'Does not notice; it looks at the last seen epoch only.',
    look: 'No build writes such a row: was fsm.db edited or damaged?',
    ...REBUILD_STORE,
  },
  'registry-node-id-mismatch': {
    means: 'The 16 bits in the key of a registry row are not those of the node id in its value.',
    node:
      'Takes the row for that of another node: halts at its registration, and refuses the start ' +
      'with ErrLocalEpochRollback if the row is its own.',
    look: 'No build writes such a row: was fsm.db edited or damaged?',
    ...REBUILD_STORE,
  },
  'registry-unknown-key': {
    means: 'The writer registry has rows for a key that the sidecar does not have.',
    node: 'Does not notice by itself; rows sealed under that key cannot be read (ErrUnknownKeyID).',
    look: 'Whether the sidecar is older than fsm.db, or lost a key that rows still need.',
    next: 'Compare the key ids with an older copy of the sidecar before you drop anything.',
  },
  'registry-epoch-ahead': {
    means: 'The registry has seen a later epoch of this node than the sidecar gives the key.',
    node: 'Refuses to start with ErrLocalEpochRollback while the key is active.',
    look:
      'local_epoch in keys.json against the row: an older sidecar was put back, or fsm.db is of ' +
      'a later moment.',
    next:
      'Put back the newest sidecar of this very node; raising the epoch by hand hides reused ' +
      'nonces.',
  },
} as const satisfies CodeTable;

const KEY_USE_CODES = {
  'nonce-reused': {
    means: 'Two different envelopes carry the same nonce under the same key.',
    node: 'Does not notice: it never compares nonces.',
    look:
      'GCM gives up its secrecy and its authenticity for that key: treat both rows and the key ' +
      'as disclosed.',
    next: 'Rotate the key, then find out which node lived twice with one epoch.',
  },
  'nonce-check-incomplete': {
    means: 'More envelopes were seen than the search for repeated nonces remembers.',
    node: 'Makes no such search at all.',
    look: 'Nonces repeated among those that were remembered are reported; others may be missed.',
    next: 'Check key by key: no two lines may agree in node, epoch and write count:',
    run: ['ekv encryption rows --data-dir DIR --key-id N'],
  },
  'key-referenced-missing': {
    means: 'Envelopes name a key id that the sidecar does not have.',
    node: 'Cannot read those rows (ErrUnknownKeyID), halts at such log entries.',
    look:
      'The other members’ sidecars, and older copies of this one: the key must be in one of ' +
      'them.',
    next: 'Put back a sidecar that has the key. Rows under a key that is lost everywhere are lost.',
  },
  'key-retired-in-use': {
    means: 'Envelopes are sealed under a key that is no longer the active one of its purpose.',
    node: 'Reads them with the retired key, as after every rotation.',
    look: 'How many envelopes still name the key: ekv encryption rows --data-dir DIR --key-id N.',
    next: 'Keep the key in the sidecar as long as this is reported.',
  },
  'key-wrong-purpose': {
    means: 'Envelopes are sealed under a key of the other purpose.',
    node: 'Reads them all the same if the key is loaded.',
    look: 'No build seals under a key of the other purpose: was the sidecar edited?',
    next: 'Compare purpose and active ids with another member’s keys.json:',
    run: ['ekv inspect keys.json'],
  },
} as const satisfies CodeTable;

/** Envelopes, encryption entries, the writer registry, use of keys (spec/encryption.md §3 to §5). */
export const ENCRYPTION_CODES = {
  ...ENVELOPE_CODES,
  ...ENTRY_CODES,
  ...REGISTRY_CODES,
  ...KEY_USE_CODES,
} as const satisfies CodeTable;
