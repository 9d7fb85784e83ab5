import type { CodeTable } from './table.js';

const ASK_DRY_RUN = {
  next: 'See what this file means for the start:',
  run: ['ekv cold-start-dryrun --data-dir DIR'],
} as const;

export const INSPECT_CODES = {
  'inspect-unknown': {
    means: 'Neither the bytes nor the name say what the file or directory is.',
    look: 'The first bytes against ekv-formats(5), and whether it is the right path.',
    next: 'Say what it is, if you know (wal-segment stands for any kind):',
    run: ['ekv inspect FILE --as wal-segment'],
  },
  'inspect-name-differs': {
    means: 'The bytes are of another kind than the name says; the bytes are believed.',
    node: 'Goes by names: under this one it does not look for what the file holds.',
    look: 'Which command copied or renamed the file, and whether the right name is free.',
    next: 'Copy the file to its right name in a copy of the dir, and run the dry run on that copy.',
  },
  'inspect-empty': {
    means: 'The file has no bytes.',
    node:
      'By its kind: renames an empty .snap to .broken, refuses an empty peers file or sidecar ' +
      'and ' +
      'the empty .fsm of its snapshot, takes an empty last WAL segment for the log’s end.',
    look: 'Was it cut by a full disk, or never written? Compare its size with that of its copies.',
    ...ASK_DRY_RUN,
  },
  'inspect-zeros': {
    means: 'The file holds nothing but zeros.',
    node:
      'A WAL segment of zeros, or the newest Pebble WAL, reads as one that ends at once; a ' +
      '.snap is ' +
      'renamed to .broken; most other files fail their magic or checksum.',
    look: 'A preallocated file that was never written, or a hole left by a crash.',
    ...ASK_DRY_RUN,
  },
  'inspect-incomplete': {
    means: 'A part of the directory could not be looked at, so nothing is said about it.',
    look: 'The path in the finding: its owner and mode, or that it is a FIFO, socket or device.',
    next: 'Run ekv as the node’s user, or on a readable copy (cp -a).',
  },
  'verify-snap-missing': {
    means: 'The log vouches for a snapshot that is not in snap/: the copy is not whole.',
    node: 'Falls back to an older snapshot; where the log no longer reaches back to it, refuses.',
    look: 'Whether the backup left out snap/ and fsm-snap/, or a link leads nowhere.',
    next: 'See what a start would make of it.',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'verify-no-token': {
    means:
      'No snapshot token was at hand: whether this .fsm is the one its .snap means is not known.',
    node: 'Compares the footer with the token in the .snap before it reads the payload.',
    look: 'snap/ beside the file’s fsm-snap/: the .snap of the same index carries the token.',
    next: 'Check the pairs of the whole dir, or name the token:',
    run: ['ekv verify-crc DIR', 'ekv verify-crc FILE --token HEX'],
  },
  'verify-nothing-checked': {
    means: 'Not one checksum could be compared, so the answer is neither yes nor no.',
    look: 'The stages: each says why it was skipped.',
    next: 'Verify the whole dir: a file’s checksum is often kept in another file:',
    run: ['ekv verify-crc DIR'],
  },
} as const satisfies CodeTable;
