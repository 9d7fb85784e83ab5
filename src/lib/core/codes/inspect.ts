import type { CodeTable } from './table.js';

export const INSPECT_CODES = {
  'inspect-unknown': {
    means: 'Neither the bytes nor the name say what the file or directory is.',
    look: 'Is it the right path? ekv inspect --as KIND reads a file as what you say it is.',
  },
  'inspect-name-differs': {
    means: 'The bytes are of another kind than the name says; the bytes are believed.',
    node: 'It goes by names: under this one it does not look for what the file holds.',
  },
  'inspect-empty': {
    means: 'The file has no bytes.',
    look: 'Was it cut by a full disk, or never written? Compare its size with that of its copies.',
  },
  'inspect-zeros': {
    means: 'The file holds nothing but zeros.',
    look: 'A preallocated file that was never written, or a hole left by a crash.',
  },
  'inspect-incomplete': {
    means: 'A part of the directory could not be looked at, so nothing is said about it.',
    next: 'Run ekv as the node’s user, or on a readable copy (cp -a).',
  },
  'verify-snap-missing': {
    means: 'The log vouches for a snapshot that is not in snap/: the copy is not whole.',
    node: 'Falls back to an older snapshot; where the log no longer reaches back to it, refuses.',
    look: 'Whether the backup left out snap/ and fsm-snap/, or a link leads nowhere.',
    next: 'ekv cold-start-dryrun --data-dir DIR says what a start would make of it.',
  },
  'verify-no-token': {
    means:
      'No snapshot token was at hand: whether this .fsm is the one its .snap means is not known.',
    next: 'Pass --token or --crc, or verify the group dir as a whole.',
  },
  'verify-nothing-checked': {
    means: 'Not one checksum could be compared, so the answer is neither yes nor no.',
    look: 'The stages say why each of them was skipped.',
  },
} as const satisfies CodeTable;
