import type { CodeTable } from './table.js';

export const CLI_CODES = {
  'usage-unknown-command': { means: 'There is no command of that name.' },
  'usage-bad-argument': { means: 'An argument is missing, unexpected or not of a valid form.' },
  'tool-bug': {
    means: 'The tool itself made a mistake; nothing is said about the data.',
    next: 'Run again with EKV_DEBUG=1 and report the output.',
  },
  'tool-interrupted': { means: 'A signal ended the work before it was done.' },
  'tool-timed-out': { means: 'The work took longer than --timeout allows.' },
} as const satisfies CodeTable;
