import type { CodeTable } from './table.js';

const REFUSES = 'Refuses to start; fsm.db is untouched.';
const RESTORE_FAILS =
  'A boot that restores refuses to start and leaves fsm.db alone. One that skips the body restore never looks here.';

export const SNAPSHOT_CODES = {
  'fsm-not-found': {
    means: 'The .fsm file that the snapshot token names does not exist.',
    node: 'Refuses to start. No older snapshot is tried.',
    look: 'Is there a .fsm.tmp, or a .snap of another index?',
    next: 'Copy the group dir of a healthy replica, or rejoin this node.',
  },
  'fsm-too-small': {
    means: 'The .fsm file is shorter than the 4 bytes of its CRC footer.',
    node: REFUSES,
  },
  'fsm-token-version': {
    means: 'The snapshot token has a version other than 1.',
    node: 'Refuses to start before the .fsm is opened.',
    look: 'Was the .snap written by a newer build?',
  },
  'fsm-token-crc': {
    means:
      'The CRC in the footer of the .fsm is not the one its .snap recorded: the two files do not belong together, or one is cut or damaged.',
    node: 'Refuses to start before it reads the payload; nothing is rewritten.',
    look: 'If the computed CRC equals the token, only the footer is damaged; if it equals the footer, the .snap or its pairing is wrong.',
  },
  'fsm-file-crc': {
    means: 'The payload of the .fsm does not have the CRC that its footer states.',
    node: 'Refuses to start. A boot that restores has replaced fsm.db by the damaged payload before it notices.',
    look: 'Compare fsm.db with the payload before another .fsm is put in place.',
    next: 'Replace both the .fsm and fsm.db from a healthy replica.',
  },
  'fsm-header-unknown-magic': {
    means: 'The payload starts with EKVTHLC and a version that no build up to 2026-08-22 reads.',
    node: REFUSES,
    next: 'Start the build that wrote the snapshot, or a newer one.',
  },
  'fsm-header-length': {
    means: 'The length prefix of the v2 snapshot header is below 16 or above 1024.',
    node: REFUSES,
  },
  'fsm-header-cut': {
    means: 'The payload ends inside the snapshot header.',
    node: REFUSES,
  },
  'fsm-ceiling-negative': {
    means: 'The ceiling in the snapshot header exceeds 2^63-1 and is negative to the node.',
    node: 'Applies the header, which raises no ceiling.',
  },
  'fsm-payload-partial-magic': {
    means: 'The store payload has 1 to 7 bytes, too few for the magic of any form.',
    node: RESTORE_FAILS,
  },
  'fsm-payload-unknown-magic': {
    means: 'The store payload starts with a magic that no build knows.',
    node: RESTORE_FAILS,
  },
  'fsm-payload-cut': {
    means: 'The store payload ends inside a field.',
    node: RESTORE_FAILS,
  },
  'fsm-key-too-large': {
    means: 'A key in the store payload states a length above the limit.',
    node: RESTORE_FAILS,
  },
  'fsm-value-too-large': {
    means: 'A value in the store payload states a length above the limit.',
    node: RESTORE_FAILS,
  },
  'fsm-versions-too-many': {
    means: 'A key in an EKVMVCC2 payload states more than 2^20 versions.',
    node: RESTORE_FAILS,
  },
  'fsm-mvcc-version': {
    means: 'The version of the EKVMVCC2 payload is not 1.',
    node: RESTORE_FAILS,
  },
  'fsm-mvcc-checksum': {
    means: 'The body of the EKVMVCC2 payload does not have the CRC32 that its head states.',
    node: RESTORE_FAILS,
  },
  'fsm-bundle-manifest': {
    means: 'The manifest of the SST bundle breaks a rule of the format.',
    node: RESTORE_FAILS,
  },
  'fsm-bundle-sha256': {
    means: 'The manifest or a table of the SST bundle does not have the stated SHA-256.',
    node: RESTORE_FAILS,
  },
  'fsm-bundle-trailing': {
    means: 'Bytes follow the last table of the SST bundle.',
    node: RESTORE_FAILS,
  },
  'fsm-bundle-table': {
    means: 'A table of the SST bundle is not one that can be ingested.',
    node: RESTORE_FAILS,
  },
  'fsm-bundle-foreign': {
    means:
      'A table of the SST bundle is not what a node writes: a key range other than the manifest’s, deletions, or sequence numbers other than 0. What a restore makes of it is not predicted.',
    node: 'Ingests the table if Pebble accepts it.',
    next: 'Take the bundle from the node that wrote it again.',
  },
  'fsm-bundle-meta': {
    means: 'The metadata read back from the tables is not what the manifest states.',
    node: RESTORE_FAILS,
  },
  'fsm-oracle-ceiling': {
    means: 'The 8-byte payload of a timestamp-oracle snapshot exceeds 2^48-1.',
    node: 'No build runs the state machine that reads this form.',
  },
  'fsm-keys-unordered': {
    means:
      'Keys of the store payload are out of order or repeat; a node writes them in order and once.',
    node: 'Restores it all the same: the last pair of a key wins.',
  },
  'fsm-damaged-body-swap': {
    means:
      'The payload can be read to its end although its CRC is wrong: a restore replaces fsm.db by it, and refuses only then.',
    node: 'The next boots refuse too. If a good .fsm is put in its place, the body restore may be skipped and the damaged fsm.db used.',
    next: 'Compare fsm.db with the payload: ekv inspect --store-digest.',
  },
} as const satisfies CodeTable;
