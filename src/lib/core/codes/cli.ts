import type { CodeTable } from './table.js';

export const CLI_CODES = {
  'usage-unknown-command': {
    means: 'There is no command of that name.',
    next: 'ekv --help lists the commands.',
  },
  'usage-bad-argument': {
    means: 'An argument is missing, unexpected or not of a valid form.',
    next: 'The command’s --help shows its arguments with examples.',
  },
  'usage-bad-flag': {
    means: 'A flag, argument or combination of them is not valid.',
    next: 'The command’s --help shows its flags with examples.',
  },
  'tool-bug': {
    means: 'The tool itself made a mistake; nothing is said about the data.',
    next: 'Run again with EKV_DEBUG=1 and report the output.',
  },
  'tool-interrupted': {
    means: 'A signal ended the work before it was done.',
    look: 'Nothing was judged: exit status 130 says nothing about the data.',
    next: 'Run it again.',
  },
  'tool-timed-out': {
    means: 'The work took longer than --timeout allows.',
    look: 'Nothing was judged: exit status 124 says nothing about the data.',
    next: 'Run it again without --timeout, or with a larger one.',
  },
} as const satisfies CodeTable;
