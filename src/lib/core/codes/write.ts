import type { CodeTable } from './table.js';

const NOTHING_WRITTEN = 'Nothing was written under the target name.';

/** Reading the source and writing the target of the commands that write. */
export const WRITE_CODES = {
  'target-exists': {
    means: 'The path to write to exists already; nothing is ever written over.',
    next: 'Name another --output.',
  },
  'target-inside-source': {
    means: 'The path to write to lies inside the directory that is read.',
    next: 'Name an --output outside of it.',
  },
  'target-no-parent': {
    means: 'The directory that would hold the target does not exist or is not a directory.',
    next: 'mkdir -p the directory that is named, or name an --output in one that exists.',
  },
  'target-unfinished': {
    means: 'An earlier run that was killed left its unfinished target beside the wanted name.',
    look: 'Is another ekv writing there right now?',
    next:
      'If not, the same command with --clean --yes removes what the earlier run left; then run ' +
      'it again.',
  },
  'target-not-recognised': {
    means: 'What stands under the name of an unfinished target was not made by this tool.',
    next: 'Look at what it is; move it away by hand, or name another --output.',
  },
  'target-verify-failed': {
    means: `What was read back from the disk is not what was written. ${NOTHING_WRITTEN}`,
    look: 'Disk, memory, and whether something else writes there.',
    next: 'Name an --output on another disk; do not trust this one with a data dir.',
  },
  'source-symlink': {
    means: 'A file or directory to be read is a symbolic link.',
    next: 'Name the real path; a copy must not depend on where a link points at the moment.',
  },
  'source-live': {
    means: 'A process holds a lock in the directory that is read: the node is running.',
    node: 'Goes on writing; a copy made meanwhile would mix several moments.',
    look:
      'The process that is named in the message; --allow-live does not help where data is ' +
      'written.',
    next: 'Stop the node, or work on a copy of its directory.',
  },
  'source-special': {
    means: 'The directory that is read holds something that is neither file nor directory.',
    next: 'Move the FIFO, socket or device out of a copy of the directory, and use that copy.',
  },
  'source-changed': {
    means: `A file that is read changed while the target was written. ${NOTHING_WRITTEN}`,
    next: 'Stop the node, or work on a copy.',
  },
  'write-no-space': {
    means: `The file system of the target is full. ${NOTHING_WRITTEN}`,
    next: 'Make room, or name an --output on another file system.',
  },
  'write-quota': {
    means: `The disk quota is used up. ${NOTHING_WRITTEN}`,
    next: 'Name an --output on another file system, or run ekv as a user with more quota.',
  },
  'write-read-only': {
    means: 'The file system of the target is mounted read-only.',
    next:
      'Name an --output on a writable one; after an I/O error Linux remounts read-only: see ' +
      'dmesg.',
  },
  'write-permission': {
    means: 'The operating system denies writing to the target.',
    next:
      'Name an --output in a directory of yours, then hand the result to the node’s user (chown ' +
      '-R).',
  },
  'write-vanished': {
    means: `The directory that was being written vanished or was changed. ${NOTHING_WRITTEN}`,
    next: 'Find out what cleans up there (tmp reapers, another ekv), then run it again elsewhere.',
  },
  'write-failed': {
    means: `The operating system reported an I/O error. ${NOTHING_WRITTEN}`,
    next: 'See dmesg, and name an --output on another disk.',
  },
} as const satisfies CodeTable;
