import type { CodeTable } from './table.js';

const RESTORE_SIDECAR =
  'Do not edit the sidecar by hand; put back the copy that belongs to this data dir.';

export const ENCRYPTION_CODES = {
  'kek-insecure-mode': {
    means: 'The KEK file has permission bits for group or others.',
    node: 'Refuses to start with ErrInsecureKEKFile.',
    next: 'chmod 600 the KEK file, and consider who may have read it.',
  },
  'kek-length': {
    means: 'The KEK file is not exactly 32 bytes long.',
    node: 'Refuses to start; the error has no name of its own.',
    next: 'Point --kek at the raw key: not at base64 or hex, no trailing newline.',
  },
  'kek-missing': {
    means: 'There is no KEK file at the path given.',
    node: 'Refuses to start while it loads the KEK; the error has no name of its own.',
  },
  'kek-not-regular': {
    means: 'What stands at the path of the KEK is not a regular file.',
    node: 'Refuses to start while it loads the KEK; the error has no name of its own.',
  },
  'kek-mismatch': {
    means: 'A wrapped data key of the sidecar does not unwrap with this KEK.',
    node: 'Refuses to start with ErrKEKMismatch, naming the lowest such key id.',
    look: 'If only one key fails the sidecar is damaged there; if all fail the KEK is another one.',
  },
  'kek-required': {
    means: 'Encryption is on and no KEK is configured.',
    node: 'Refuses to start with ErrKEKRequiredWithFlag.',
  },
  'kek-not-configured': {
    means: 'An encryption entry needs the KEK, the key store and a sidecar path; one is missing.',
    node: 'Halts in the apply with ErrEncryptionApply and ErrKEKNotConfigured, at every boot.',
  },
  'wrapped-key-length': {
    means: 'A wrapped data key is not 60 bytes long (nonce 12, ciphertext 32, tag 16).',
    node: 'Refuses to start where it unwraps the key; the error has no name of its own.',
    next: RESTORE_SIDECAR,
  },
  'wrapped-key-tag': {
    means: 'A wrapped data key does not verify under the KEK.',
    look: 'Another KEK, or damaged bytes: the two cannot be told apart from one key.',
  },
  'sidecar-json': {
    means: 'The sidecar is not JSON of the shape that a node reads.',
    node: 'Refuses to start; the error has no name of its own.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-version': {
    means: 'The sidecar has a version other than 1 and 2.',
    node: 'Refuses to start with ErrSidecarVersion.',
    next: 'A newer build may have written it: use that build.',
  },
  'sidecar-key-id-format': {
    means: 'A name among the sidecar keys is not a decimal u32.',
    node: 'Refuses to start with ErrSidecarKeyIDFormat.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-reserved-key-id': {
    means: 'The sidecar has an entry for key id 0, which is reserved.',
    node: 'Refuses to start with ErrSidecarReservedKeyID.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-purpose': {
    means: 'A key of the sidecar has a purpose other than storage and raft.',
    node: 'Refuses to start with ErrSidecarPurpose.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-active-key-missing': {
    means: 'An active key id has no entry among the keys of the sidecar.',
    node: 'Refuses to start with ErrSidecarActiveKeyMissing.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-active-purpose-mismatch': {
    means: 'An active key id names a key of the other purpose.',
    node: 'Refuses to start with ErrSidecarActivePurposeMismatch.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-without-flag': {
    means: 'A sidecar exists and encryption is off: starting would write clear text again.',
    node: 'Refuses to start with ErrSidecarPresentWithoutFlag.',
    next: 'Start with encryption on.',
  },
  'sidecar-behind-log': {
    means:
      'The log holds an encryption entry that was applied and that the sidecar does not know of.',
    node: 'Refuses to serve with ErrSidecarBehindRaftLog.',
    next: 'The sidecar is older than the data dir: put back the newest copy.',
  },
  'sidecar-gap-compacted': {
    means:
      'The sidecar is behind the applied index, and the entries in between are partly below the raft snapshot, where they can no longer be looked at.',
    node: 'Refuses to serve with raft’s "compacted" error, also when nothing is missing: an ordinary node does so once its snapshots have passed the last encryption entry.',
    look: 'Whether raft_applied_index lies at the last encryption entry that the cluster knows of.',
  },
  'sidecar-gap-beyond-log': {
    means:
      'The sidecar is behind the applied index, and the applied index lies above the end of the log.',
    node: 'raft panics while the log is scanned for encryption entries.',
    look: 'How the log came to end below the applied index: cold-start.md §4.',
  },
  'sidecar-applied-zero': {
    means: 'raft_applied_index of the sidecar is 0, so nothing can be said about the log.',
    node: 'Warns and starts.',
  },
  'local-epoch-exhausted': {
    means: 'The local epoch of an active key is 0xFFFF: no further boot may use this key.',
    node: 'Refuses to start with ErrLocalEpochExhausted.',
    next: 'Rotate the key from another node of the cluster.',
  },
  'local-epoch-rollback': {
    means:
      'The local epoch in the sidecar is not above what the writer registry has seen of this node, or the registry cannot tell: nonces might repeat.',
    node: 'Refuses to start with ErrLocalEpochRollback.',
    look: 'Whether the sidecar was restored from an older copy, or fsm.db was replaced.',
  },
  'envelope-cutover-divergence': {
    means: 'The newest snapshot and the sidecar name different raft envelope cutovers.',
    node: 'Refuses to start with ErrEnvelopeCutoverDivergence.',
    look: 'Whether sidecar and snapshots belong to the same node.',
  },
  'node-id-collision': {
    means: 'Two members have node ids that agree in their low 16 bits: they would share nonces.',
    node: 'Refuses to start with ErrNodeIDCollision.',
    next: 'Rename one of the two members.',
  },
  'raft-cutover-refused': {
    means: 'The sidecar has a raft envelope cutover and this build cannot serve with it.',
    node: 'Refuses to start; the error has no name of its own.',
  },
  'guard-input-missing': {
    means: 'A start-up guard could not be evaluated because something it needs was not given.',
    next: 'Pass --encryption, --sidecar and --kek as the node is started with them.',
  },
  'envelope-short': {
    means: 'An encrypted value is shorter than the 34 bytes of an envelope.',
    node: 'Answers ErrEnvelopeShort to whatever reads the row; halts if it is a log entry.',
  },
  'envelope-version': {
    means: 'An envelope has a version byte other than 0x01.',
    node: 'Answers ErrEnvelopeVersion to whatever reads the row; halts if it is a log entry.',
  },
  'envelope-reserved-key-id': {
    means: 'An envelope names key id 0, which is reserved.',
    node: 'Answers ErrReservedKeyID to whatever reads the row; halts if it is a log entry.',
  },
  'envelope-unknown-key': {
    means: 'An envelope names a key that is not loaded.',
    look: 'Whether the sidecar is older than the row, or lost an entry.',
  },
  'envelope-tag': {
    means: 'The tag of an envelope does not verify: bytes, key or place are not the ones sealed.',
    look: 'A row moved to another key or timestamp fails too: key and header are authenticated.',
  },
  'row-relabelled': {
    means: 'A row is marked clear, but its body verifies as an envelope of this very row.',
    node: 'Answers every request that reads the row with ErrEncryptedReadIntegrity.',
    look: 'Someone changed the state bits of the value header: they are not authenticated.',
  },
  'raft-unwrap-failed': {
    means: 'A log entry above the cutover could not be unwrapped.',
    node: 'Halts with ErrRaftUnwrapFailed at every boot.',
  },
  'key-conflict': {
    means: 'A key id is already loaded with another key.',
    node: 'Halts in the apply with ErrEncryptionApply and ErrKeyConflict, at every boot.',
    look: 'Two bootstraps or rotations that chose the same id: sidecars of two clusters mixed up?',
  },
  'encryption-wire-malformed': {
    means: 'An encryption entry has a wrong length, trailing bytes or an unknown purpose.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireMalformed, at every boot.',
  },
  'encryption-wire-version': {
    means: 'An encryption entry has another wire version than 0x01.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireVersion, at every boot.',
  },
  'encryption-wire-subtag': {
    means: 'A rotation entry has an unknown sub-tag.',
    node: 'Halts with ErrEncryptionApply and ErrFSMWireSubtag, at every boot.',
  },
  'encryption-apply-refused': {
    means: 'An encryption entry contradicts the sidecar, the registry or itself.',
    node: 'Halts with ErrEncryptionApply, at every boot.',
  },
  'registry-value-malformed': {
    means: 'A row of the writer registry is not 12 bytes long.',
    node: 'Halts with ErrRegistryValueMalformed when an entry or a guard reads it.',
  },
  'registry-epoch-order': {
    means: 'A row of the writer registry has a first seen epoch above its last seen one.',
    node: 'Does not notice; it looks at the last seen epoch only.',
    look: 'No build writes such a row: was fsm.db edited or damaged?',
  },
  'registry-node-id-mismatch': {
    means: 'The 16 bits in the key of a registry row are not those of the node id in its value.',
    node: 'Takes the row for that of another node and halts at its registration.',
    look: 'No build writes such a row: was fsm.db edited or damaged?',
  },
  'registry-unknown-key': {
    means: 'The writer registry has rows for a key that the sidecar does not have.',
    look: 'Whether the sidecar is older than fsm.db, or lost a key that rows still need.',
    next: 'Compare the key ids with an older copy of the sidecar before you drop anything.',
  },
  'registry-epoch-ahead': {
    means: 'The registry has seen a later epoch of this node than the sidecar gives the key.',
    node: 'Refuses to start with ErrLocalEpochRollback while the key is active.',
  },
  'nonce-reused': {
    means: 'Two different envelopes carry the same nonce under the same key.',
    look: 'GCM gives up its secrecy and its authenticity for that key: treat both rows and the key as disclosed.',
    next: 'Rotate the key, then find out which node lived twice with one epoch.',
  },
  'nonce-check-incomplete': {
    means: 'More envelopes were seen than the search for repeated nonces remembers.',
    look: 'Nonces repeated among those that were remembered are reported; others may be missed.',
  },
  'key-referenced-missing': {
    means: 'Envelopes name a key id that the sidecar does not have.',
    node: 'Cannot read those rows (ErrUnknownKeyID), halts at such log entries.',
  },
  'key-retired-in-use': {
    means: 'Envelopes are sealed under a key that is no longer the active one of its purpose.',
    next: 'Keep the key in the sidecar as long as this is reported.',
  },
  'key-wrong-purpose': {
    means: 'Envelopes are sealed under a key of the other purpose.',
    node: 'Reads them all the same if the key is loaded.',
    look: 'No build seals under a key of the other purpose: was the sidecar edited?',
  },
} as const satisfies CodeTable;
