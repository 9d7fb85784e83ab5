import type { CodeTable } from './table.js';

const BRING_SNAP = {
  next:
    'Put back a good copy of the .snap before any start. See which pair the node would use ' +
    'instead:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const BRING_PEERS = {
  next: 'Put back a copy of etcd-raft-peers.bin; another member’s names the same members:',
  run: ['ekv inspect FILE'],
} as const;

const BRING_LEGACY = {
  next:
    'Put back a whole copy of the etcd-raft-*.bin files of one moment. See how far this one ' +
    'reads:',
  run: ['ekv inspect FILE'],
} as const;

const RENAMES =
  'Renames it to .broken without a word and tries the next older one. If none fits, it starts ' +
  'from ' +
  'index 0, which a log behind a snapshot refuses.';
const LEGACY_REFUSES =
  'Without a WAL it refuses to start, at every start. With a WAL it never reads the file.';

/** `.snap` files, the peers file and the legacy state files (spec/etcd-wal.md §5, §6.9, §7). */
export const RAFT_STATE_CODES = {
  'snap-empty': {
    means: 'A .snap file is empty, or its data or checksum field is.',
    node: RENAMES,
    look: 'A crash while it was written leaves one like this; the WAL then has no record for it.',
    ...BRING_SNAP,
  },
  'snap-crc-mismatch': {
    means: 'A .snap file’s data does not have the CRC stored beside it.',
    node: RENAMES,
    look: 'The same .snap in a backup: it is small and never rewritten, so copies must be equal.',
    ...BRING_SNAP,
  },
  'snap-malformed': {
    means: 'A .snap file, or the raft snapshot inside it, is no valid protobuf message.',
    node: RENAMES,
    look: 'Its size: a crash can leave it cut short. A right CRC inside means it was written so.',
    ...BRING_SNAP,
  },
  'snap-unreadable': {
    means: 'A .snap file cannot be opened or read.',
    node: RENAMES,
    look: 'Owner and mode of the file and of snap/, dmesg; the node may run as another user.',
    next:
      'Mend permissions or disk before any start: the rename happens even if only they are ' +
      'wrong.',
  },
  'proto-malformed': {
    means: 'Bytes that should be a protobuf message are not one.',
    look:
      'The file and offset of the message: whose checksum covers it says whether it was damaged ' +
      'or written so.',
    next: 'If a checksum fails there it is damage, else it was written so:',
    run: ['ekv verify-crc FILE'],
  },
  'peers-bad-magic': {
    means: 'The peers file does not begin with EKVP.',
    node: 'Refuses to start, before it changes any file of the log.',
    look: 'The first four bytes: zeros after a crash, or another file under this name.',
    ...BRING_PEERS,
  },
  'peers-unsupported-version': {
    means: 'The peers file has a version that the build does not read.',
    node: 'Refuses to start. Version 2 came on 2026-04-27, version 3 on 2026-07-09.',
    look: 'The u32 behind the magic EKVP against the build that is to start here.',
    next: 'Start the build that wrote it, or a newer one. See which builds read it:',
    run: ['ekv cold-start-dryrun --data-dir DIR --generation all'],
  },
  'peers-truncated': {
    means: 'The peers file ends before its last field.',
    node: 'Refuses to start: "EOF" or "unexpected EOF".',
    look: 'Its size; the file is written under a temporary name first, so a crash does not cut it.',
    ...BRING_PEERS,
  },
  'peers-malformed': {
    means: 'A count, length, suffrage or flag in the peers file is outside its range.',
    node: 'Refuses to start and names the field.',
    look: 'The field at the offset; nothing in this file has a checksum.',
    ...BRING_PEERS,
  },
  'legacy-bad-magic': {
    means: 'A legacy raft state file does not begin with its magic.',
    node: LEGACY_REFUSES,
    look: 'EKVR, EKVM and EKVW begin the state, metadata and entries file: were two swapped?',
    ...BRING_LEGACY,
  },
  'legacy-unsupported-version': {
    means: 'A legacy raft state file has a version other than 1.',
    node: LEGACY_REFUSES,
    look: 'The u32 behind the magic: no build ever wrote another than 1, so suspect damage.',
    ...BRING_LEGACY,
  },
  'legacy-truncated': {
    means: 'A legacy raft state file ends inside a field.',
    node:
      'Without a WAL it refuses to start. One that ends exactly where a length would stand is ' +
      'not ' +
      'noticed: the rest counts as empty.',
    look: 'Its size against a copy; these files have no checksum.',
    ...BRING_LEGACY,
  },
  'legacy-over-limit': {
    means: 'A message or count in a legacy raft state file exceeds its limit.',
    node: 'Without a WAL it refuses to start: "exceeds limit". With a WAL it never reads the file.',
    look: 'The length at the offset: an absurd one means that the reading went wrong before.',
    ...BRING_LEGACY,
  },
} as const satisfies CodeTable;
