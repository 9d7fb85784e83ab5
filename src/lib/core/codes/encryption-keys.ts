import type { CodeTable } from './table.js';

const RESTORE_SIDECAR =
  'Do not edit the sidecar by hand; put back the copy that belongs to this data dir.';

const KEK_CODES = {
  'kek-insecure-mode': {
    means: 'The KEK file has permission bits for group or others.',
    node: 'Refuses to start with ErrInsecureKEKFile.',
    look: 'ls -l on the file: only owner bits may be set (0700 and below).',
    next: 'chmod 600 the KEK file, and consider who may have read it.',
  },
  'kek-length': {
    means: 'The KEK file is not exactly 32 bytes long.',
    node: 'Refuses to start; the error has no name of its own.',
    look: 'wc -c: 33 is a trailing newline, 44 base64, 64 hex.',
    next: 'Point --kek at the raw key: not at base64 or hex, no trailing newline.',
  },
  'kek-missing': {
    means: 'There is no KEK file at the path given.',
    node: 'Refuses to start while it loads the KEK; the error has no name of its own.',
    look: 'The KEK path in the node’s flags, and whether the mount that brings the secret is there.',
    next: 'Bring the KEK file back to that path; never generate a new one, it would unwrap nothing.',
  },
  'kek-not-regular': {
    means: 'What stands at the path of the KEK is not a regular file.',
    node: 'Refuses to start while it loads the KEK; the error has no name of its own.',
    look: 'ls -ld: a directory is what container runtimes mount where the secret does not exist.',
    next: 'Point --kek at the file itself.',
  },
  'kek-mismatch': {
    means: 'A wrapped data key of the sidecar does not unwrap with this KEK.',
    node: 'Refuses to start with ErrKEKMismatch, naming the lowest such key id.',
    look: 'If only one key fails the sidecar is damaged there; if all fail the KEK is another one.',
    next:
      'Take the KEK that belongs to this sidecar, or the sidecar’s good copy. See which keys a ' +
      'KEK unwraps:',
    run: ['ekv inspect keys.json --kek FILE'],
  },
  'kek-required': {
    means: 'Encryption is on and no KEK is configured.',
    node: 'Refuses to start with ErrKEKRequiredWithFlag.',
    look: 'The node’s flags: encryption is on, the KEK’s path is missing or empty.',
    next:
      'Start it with its KEK. Turning encryption off instead is refused while the sidecar is ' +
      'there.',
  },
  'kek-not-configured': {
    means: 'An encryption entry needs the KEK, the key store and a sidecar path; one is missing.',
    node: 'Halts in the apply with ErrEncryptionApply and ErrKEKNotConfigured, at every boot.',
    look: 'Which of the two paths, KEK and sidecar, this node is started without; others have both.',
    next: 'Start it with the sidecar and KEK of the cluster; the entry then applies.',
  },
  'wrapped-key-length': {
    means: 'A wrapped data key is not 60 bytes long (nonce 12, ciphertext 32, tag 16).',
    node:
      'From the sidecar: refuses to start with ErrKEKMismatch. From a bootstrap or rotation ' +
      'entry: ' +
      'halts with ErrEncryptionApply.',
    look: 'The base64 text of that key in keys.json: 80 characters, no line break.',
    next: RESTORE_SIDECAR,
  },
  'wrapped-key-tag': {
    means: 'A wrapped data key does not verify under the KEK.',
    node:
      'From the sidecar: refuses to start with ErrKEKMismatch. From a bootstrap or rotation ' +
      'entry: ' +
      'halts with ErrEncryptionApply.',
    look: 'Another KEK, or damaged bytes: the two cannot be told apart from one key.',
    next: 'If the KEK unwraps no key it is another one; if all but this, the key is damaged:',
    run: ['ekv inspect keys.json --kek FILE'],
  },
} as const satisfies CodeTable;

const SIDECAR_CODES = {
  'sidecar-json': {
    means: 'The sidecar is not JSON of the shape that a node reads.',
    node: 'Refuses to start; the error has no name of its own.',
    look: 'The offset: cut off means a bad copy (nodes replace the file whole), else a hand edit.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-version': {
    means: 'The sidecar has a version other than 1 and 2.',
    node: 'Refuses to start with ErrSidecarVersion.',
    look: 'The field version of keys.json, and which build wrote it last.',
    next: 'A newer build may have written it: use that build.',
  },
  'sidecar-key-id-format': {
    means: 'A name among the sidecar keys is not a decimal u32.',
    node: 'Refuses to start with ErrSidecarKeyIDFormat.',
    look: 'The names below "keys": hex, blanks and numbers above 4294967295 are not accepted.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-reserved-key-id': {
    means: 'The sidecar has an entry for key id 0, which is reserved.',
    node: 'Refuses to start with ErrSidecarReservedKeyID.',
    look: 'The name "0" below "keys"; no build writes it.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-purpose': {
    means: 'A key of the sidecar has a purpose other than storage and raft.',
    node: 'Refuses to start with ErrSidecarPurpose.',
    look: 'The field purpose of that key: exactly "storage" or "raft", in lower case.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-active-key-missing': {
    means: 'An active key id has no entry among the keys of the sidecar.',
    node: 'Refuses to start with ErrSidecarActiveKeyMissing.',
    look: 'active.storage and active.raft against the names below "keys": which entry was removed?',
    next: RESTORE_SIDECAR,
  },
  'sidecar-active-purpose-mismatch': {
    means: 'An active key id names a key of the other purpose.',
    node: 'Refuses to start with ErrSidecarActivePurposeMismatch.',
    look: 'Whether the two ids in "active" were swapped by an edit.',
    next: RESTORE_SIDECAR,
  },
  'sidecar-without-flag': {
    means: 'A sidecar exists and encryption is off: starting would write clear text again.',
    node: 'Refuses to start with ErrSidecarPresentWithoutFlag.',
    look: 'The node’s flags against those of the other members; a unit file that lost a line.',
    next: 'Start with encryption on. Do not move the sidecar away: wrapped entries would be lost.',
  },
  'sidecar-behind-log': {
    means:
      'The log holds an encryption entry that was applied and that the sidecar does not know of.',
    node: 'Refuses to serve with ErrSidecarBehindRaftLog.',
    look:
      'raft_applied_index of keys.json against the entry: ekv replay-wal --data-dir DIR --type ' +
      'bootstrap,rotation.',
    next: 'The sidecar is older than the data dir: put back the newest copy.',
  },
  'sidecar-gap-compacted': {
    means:
      'The sidecar is behind the applied index, and the entries in between are partly below the ' +
      'raft snapshot, where they can no longer be looked at.',
    node:
      'Refuses to serve with raft’s "compacted" error, also when nothing is missing: an ' +
      'ordinary node does so once its snapshots have passed the last encryption entry.',
    look: 'Whether raft_applied_index lies at the last encryption entry that the cluster knows of.',
    next: 'Keep the other members running. An older snapshot may satisfy the guard:',
    run: ['ekv snapshots --data-dir DIR --encryption on --sidecar FILE --kek FILE'],
  },
  'sidecar-gap-beyond-log': {
    means:
      'The sidecar is behind the applied index, and the applied index lies above the end of the ' +
      'log.',
    node: 'raft panics while the log is scanned for encryption entries.',
    look: 'How the log came to end below the applied index: cut, lost, or fsm.db from elsewhere.',
    next: 'Bring back the wal/ that belongs to this fsm.db; otherwise let the node join again.',
  },
  'sidecar-applied-zero': {
    means: 'raft_applied_index of the sidecar is 0, so nothing can be said about the log.',
    node: 'Warns and starts.',
    look: 'active in keys.json: with keys there, some encryption entry was applied and 0 is odd.',
    next: 'Compare with another member’s sidecar. See what can be judged:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
} as const satisfies CodeTable;

const GUARD_CODES = {
  'local-epoch-exhausted': {
    means: 'The local epoch of an active key is 0xFFFF: no further boot may use this key.',
    node: 'Refuses to start with ErrLocalEpochExhausted.',
    look:
      'local_epoch of the active keys in keys.json; each boot adds one, so look for a crash ' +
      'loop.',
    next:
      'Never lower the epoch by hand: nonces would repeat. Rotate the key on the running ' +
      'members, ' +
      'then let this node join anew.',
  },
  'local-epoch-rollback': {
    means:
      'The local epoch in the sidecar is not above what the writer registry has seen of this ' +
      'node, or the registry cannot tell: nonces might repeat.',
    node: 'Refuses to start with ErrLocalEpochRollback (builds from 2026-07-08).',
    look: 'Whether the sidecar was restored from an older copy, or fsm.db was replaced.',
    next:
      'Put back the newest sidecar and this node’s own fsm.db, never a higher epoch by hand. ' +
      'See both:',
    run: ['ekv encryption check --data-dir DIR --sidecar FILE --kek FILE'],
  },
  'envelope-cutover-divergence': {
    means: 'The newest snapshot and the sidecar name different raft envelope cutovers.',
    node: 'Refuses to start with ErrEnvelopeCutoverDivergence (builds from 2026-07-09).',
    look: 'Whether sidecar and snapshots belong to the same node.',
    next: 'Put back the pair that belongs together. Where the .fsm header is the wrong one:',
    run: ['ekv upgrade-header --data-dir DIR --cutover N --output NEW'],
  },
  'node-id-collision': {
    means: 'Two members have node ids that agree in their low 16 bits: they would share nonces.',
    node: 'Refuses to start with ErrNodeIDCollision (builds from 2026-07-08).',
    look:
      'The node ids in the peers file: ekv inspect etcd-raft-peers.bin; the id is a hash of the ' +
      'raft id.',
    next: 'Replace one of the two by a member with another raft id: remove it, then join it anew.',
  },
  'raft-cutover-refused': {
    means: 'The sidecar has a raft envelope cutover and this build cannot serve with it.',
    node:
      'Builds of 2026-06-04 to 07-08 refuse any cutover; later ones refuse it without active ' +
      'raft ' +
      'key, or with more than one group. The error has no name of its own.',
    look: 'raft_envelope_cutover_index and active.raft in keys.json, and the number of groups.',
    next: 'Start a build from 2026-07-09 or later, with the whole sidecar; do not zero the cutover.',
  },
  'guard-input-missing': {
    means: 'A start-up guard could not be evaluated because something it needs was not given.',
    node: 'Has its own flags and files, and refuses or passes by them.',
    look: 'The guard’s number and what it needs, in the finding.',
    next: 'Say how the node is started:',
    run: ['ekv encryption check --data-dir DIR --encryption on --sidecar FILE --kek FILE'],
  },
} as const satisfies CodeTable;

/** KEK, sidecar and the start-up guards (spec/encryption.md §1, §2, §6). */
export const ENCRYPTION_KEY_CODES = {
  ...KEK_CODES,
  ...SIDECAR_CODES,
  ...GUARD_CODES,
} as const satisfies CodeTable;
