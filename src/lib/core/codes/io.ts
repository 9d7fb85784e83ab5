import type { CodeTable } from './table.js';

export const IO_CODES = {
  'io-not-found': { means: 'The path does not exist.' },
  'io-permission': { means: 'The operating system denies reading the path.' },
  'io-not-regular': {
    means: 'The path is a directory, FIFO, device or socket where a regular file is needed.',
  },
  'io-not-directory': { means: 'The path is not a directory.' },
  'io-symlink-loop': { means: 'Resolving the path runs in circles through symbolic links.' },
  'io-changed': {
    means: 'A file shrank, grew or vanished while it was read.',
    next: 'Stop the node, or work on a copy.',
  },
  'io-failed': { means: 'The operating system reported an I/O error.' },
  'limit-exceeded': {
    means: 'A length or count in the data is larger than this tool is willing to process.',
  },
  'usage-bad-flag': { means: 'A flag, argument or combination of them is not valid.' },
  'archive-unsafe-name': {
    means: 'An archive entry has a name or type that is not unpacked.',
  },
  truncated: { means: 'The bytes end where the format says that more must follow.' },
  'varint-overlong': { means: 'A varint is longer than its type allows.' },
  'json-syntax': { means: 'The text is not JSON.' },
  'json-duplicate-key': {
    means: 'An object of a JSON text has the same name twice where that is not accepted.',
  },
} as const satisfies CodeTable;
