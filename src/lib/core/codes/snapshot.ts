import type { CodeTable } from './table.js';

const OTHER_PAIR = {
  next:
    'Put the .fsm of this index from a backup in its place, or let the node join again. See ' +
    'which pairs are sound:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const CRC_DECIDES = {
  next: 'A wrong body CRC means damage on disk; a right one, that it was written so:',
  run: ['ekv verify-crc FILE'],
} as const;

const BUNDLE_AGAIN = {
  next: 'Take the bundle from the node that wrote it once more. See what else could be used:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const REFUSES = 'Refuses to start; fsm.db is untouched.';
const RESTORE_FAILS =
  'A boot that restores refuses to start and leaves fsm.db alone. One that skips the body ' +
  'restore never looks here.';

/** `.fsm` files: container, header and payload (spec/snapshot-files.md). */
export const SNAPSHOT_CODES = {
  'fsm-not-found': {
    means: 'The .fsm file that the snapshot token names does not exist.',
    node: 'Refuses to start. No older snapshot is tried.',
    look: 'Is there a .fsm.tmp, or a .snap of another index? Copies that left fsm-snap/ out.',
    next:
      'Bring the .fsm back from a backup, or rejoin this node. See what the other pairs are ' +
      'worth:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'fsm-too-small': {
    means: 'The .fsm file is shorter than the 4 bytes of its CRC footer.',
    node: REFUSES,
    look: 'Its size against a backup’s: a .fsm is renamed only when complete, so something cut it.',
    ...OTHER_PAIR,
  },
  'fsm-token-version': {
    means: 'The snapshot token has a version other than 1.',
    node: 'Refuses to start before the .fsm is opened.',
    look: 'Was the .snap written by a newer build? Its own CRC is right, or it would be .broken.',
    next: 'Start the build that wrote it, or a newer one. See the token of the .snap:',
    run: ['ekv inspect FILE'],
  },
  'fsm-token-crc': {
    means:
      'The CRC in the footer of the .fsm is not the one its .snap recorded: the two files do ' +
      'not belong together, or one is cut or damaged.',
    node: 'Refuses to start before it reads the payload; nothing is rewritten.',
    look:
      'If the computed CRC equals the token, only the footer is damaged; if it equals the ' +
      'footer, the .snap or its pairing is wrong.',
    next: 'See token, footer and computed CRC side by side, then the way out for the case at hand:',
    run: ['ekv verify-crc DIR', 'ekv snapshots --data-dir DIR'],
  },
  'fsm-file-crc': {
    means: 'The payload of the .fsm does not have the CRC that its footer states.',
    node:
      'Refuses to start. A boot that restores has replaced fsm.db by the damaged payload before ' +
      'it notices.',
    look: 'Compare fsm.db with the payload before another .fsm is put in place.',
    next: 'Replace both the .fsm and fsm.db from a healthy replica. See which pairs are sound:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'fsm-header-unknown-magic': {
    means: 'The payload starts with EKVTHLC and a version that no build up to 2026-08-22 reads.',
    node: REFUSES,
    look:
      'The eighth byte of the file, "1" or "2" in known headers, and whether the footer CRC ' +
      'holds.',
    next:
      'If the CRC holds, start the build that wrote the snapshot, or a newer one; if not, it is ' +
      'damage:',
    run: ['ekv verify-crc FILE'],
  },
  'fsm-header-length': {
    means: 'The length prefix of the v2 snapshot header is below 16 or above 1024.',
    node: REFUSES,
    look: 'Bytes 8 and 9 of the file: ekv inspect FILE --hexdump. Nodes always write 16 there.',
    ...OTHER_PAIR,
  },
  'fsm-header-cut': {
    means: 'The payload ends inside the snapshot header.',
    node: REFUSES,
    look:
      'The size of the file: under 20 bytes with the footer (v1), or less than bytes 8 and 9 ' +
      'ask for (v2).',
    ...OTHER_PAIR,
  },
  'fsm-ceiling-negative': {
    means: 'The ceiling in the snapshot header exceeds 2^63-1 and is negative to the node.',
    node: 'Applies the header, which raises no ceiling.',
    look:
      'Bytes 8 to 15 of a v1 header, 10 to 17 of v2: Unix milliseconds. Honest ones begin with ' +
      'zeros.',
    ...CRC_DECIDES,
  },
  'fsm-payload-partial-magic': {
    means: 'The store payload has 1 to 7 bytes, too few for the magic of any form.',
    node: RESTORE_FAILS,
    look:
      'The bytes between header and footer: ekv inspect FILE --hexdump. 8 bytes would be an ' +
      'oracle’s.',
    ...OTHER_PAIR,
  },
  'fsm-payload-unknown-magic': {
    means: 'The store payload starts with a magic that no build knows.',
    node:
      `${RESTORE_FAILS} Builds before 2026-07-19 do not know EKVSSTI1, those before 2026-05-30 ` +
      'no v2 header.',
    look:
      'The 8 bytes behind the header against EKVPBBL1, EKVSSTI1, EKVMVCC2; one wrong bit is ' +
      'damage.',
    ...CRC_DECIDES,
  },
  'fsm-payload-cut': {
    means: 'The store payload ends inside a field.',
    node: RESTORE_FAILS,
    look: 'Whether the footer CRC holds: then the writer stopped early; else the file was cut.',
    ...OTHER_PAIR,
  },
  'fsm-key-too-large': {
    means:
      'A key in the store payload states a length above the limit (1 MiB, in EKVPBBL1 8 bytes ' +
      'more).',
    node: RESTORE_FAILS,
    look:
      'The 8 bytes at the offset: high bytes set mean that the pair before it has a wrong ' +
      'length.',
    ...CRC_DECIDES,
  },
  'fsm-value-too-large': {
    means: 'A value in the store payload states a length above the limit (256 MiB and its header).',
    node: RESTORE_FAILS,
    look:
      'The 8 bytes at the offset: high bytes set mean that the key before it has a wrong ' +
      'length.',
    ...CRC_DECIDES,
  },
  'fsm-versions-too-many': {
    means: 'A key in an EKVMVCC2 payload states more than 2^20 versions.',
    node: RESTORE_FAILS,
    look: 'The count at the offset; a real key with so many versions is most unlikely.',
    ...CRC_DECIDES,
  },
  'fsm-mvcc-version': {
    means: 'The version of the EKVMVCC2 payload is not 1.',
    node: RESTORE_FAILS,
    look: 'The u32 behind the magic. Pebble-backed stores never write this form: who made the file?',
    ...OTHER_PAIR,
  },
  'fsm-mvcc-checksum': {
    means: 'The body of the EKVMVCC2 payload does not have the CRC32 that its head states.',
    node: RESTORE_FAILS,
    look:
      'Whether the footer CRC of the .fsm holds: then it was written so, or the body was ' +
      'edited.',
    ...OTHER_PAIR,
  },
  'fsm-bundle-manifest': {
    means: 'The manifest of the SST bundle breaks a rule of the format.',
    node: `${RESTORE_FAILS} Builds before 2026-07-19 do not know the form at all.`,
    look:
      'The rule and field named in the finding; the manifest is JSON 48 bytes behind the ' +
      'header.',
    ...BUNDLE_AGAIN,
  },
  'fsm-bundle-sha256': {
    means: 'The manifest or a table of the SST bundle does not have the stated SHA-256.',
    node: RESTORE_FAILS,
    look:
      'Which table: damage in one leaves the others whole; the footer CRC tells damage from bad ' +
      'writing.',
    ...BUNDLE_AGAIN,
  },
  'fsm-bundle-trailing': {
    means: 'Bytes follow the last table of the SST bundle.',
    node: RESTORE_FAILS,
    look: 'The offset against total_file_bytes of the manifest; what the bytes behind it are.',
    ...BUNDLE_AGAIN,
  },
  'fsm-bundle-table': {
    means: 'A table of the SST bundle is not one that can be ingested.',
    node: RESTORE_FAILS,
    look:
      'Its SHA-256 is right, so it was written so: the table’s name and the fault in the ' +
      'finding.',
    ...BUNDLE_AGAIN,
  },
  'fsm-bundle-foreign': {
    means:
      'A table of the SST bundle is not what a node writes: a key range other than the ' +
      'manifest’s, deletions, or sequence numbers other than 0. What a restore makes of it is ' +
      'not predicted.',
    node: 'Ingests the table if Pebble accepts it.',
    look: 'Which tool made the bundle: nodes write sets only, with sequence number 0.',
    next: 'Take the bundle from the node that wrote it again.',
  },
  'fsm-bundle-meta': {
    means: 'The metadata read back from the tables is not what the manifest states.',
    node: RESTORE_FAILS,
    look:
      'applied_index first: tables with _meta_applied_index under a manifest without it are ' +
      'refused.',
    ...BUNDLE_AGAIN,
  },
  'fsm-oracle-ceiling': {
    means: 'The 8-byte payload of a timestamp-oracle snapshot exceeds 2^48-1.',
    node: 'No build runs the state machine that reads this form.',
    look: 'The file’s index and group: an 8-byte payload in a kv group cannot be restored at all.',
    ...CRC_DECIDES,
  },
  'fsm-keys-unordered': {
    means:
      'Keys of the store payload are out of order or repeat; a node writes them in order and once.',
    node: 'Restores it all the same: the last pair of a key wins.',
    look: 'The key at the offset and the one before it: two payloads joined, or an edited file.',
    next: 'Prefer a pair from another member. Compare the contents of both:',
    run: ['ekv inspect FILE --store-digest'],
  },
  'fsm-damaged-body-swap': {
    means:
      'The payload can be read to its end although its CRC is wrong: a restore replaces fsm.db ' +
      'by it, and refuses only then.',
    node:
      'The next boots refuse too. If a good .fsm is put in its place, the body restore may be ' +
      'skipped and the damaged fsm.db used.',
    look: 'Whether fsm.db was already replaced: its digest then equals that of this .fsm.',
    next: 'Copy fsm.db away, then compare its digest with that of this file:',
    run: ['cp -a DIR COPY', 'ekv inspect FILE --store-digest'],
  },
} as const satisfies CodeTable;
