import type { CodeTable } from './table.js';

export const IO_CODES = {
  'io-not-found': {
    means: 'The path does not exist.',
    look: 'The spelling of the path, whether the disk is mounted, and as whom you run ekv.',
    next: 'ls -ld each directory on the way; the first that is missing is the one to mend.',
  },
  'io-permission': {
    means: 'The operating system denies reading the path.',
    next: 'Run ekv as the node’s user, or on a readable copy (cp -a).',
  },
  'io-not-regular': {
    means: 'The path is a directory, FIFO, device or socket where a regular file is needed.',
    next: 'Name the file itself; a pipe can be stored first: cat > file.',
  },
  'io-not-directory': {
    means: 'The path is not a directory.',
    next: 'Name the directory that holds the file, or see what the file is:',
    run: ['ekv inspect FILE'],
  },
  'io-symlink-loop': {
    means: 'Resolving the path runs in circles through symbolic links.',
    look: 'readlink -f on each part of the path.',
    next: 'Name the real path; the link that is wrong can be mended afterwards.',
  },
  'io-changed': {
    means: 'A file shrank, grew or vanished while it was read.',
    next: 'Stop the node, or work on a copy.',
  },
  'dir-live': {
    means: 'A running process holds the directory: its lock is in /proc/locks.',
    node: 'A second node on the same directory is refused by these very locks.',
    look: 'The process that is named, or fuser -v on the newest segment and on fsm.db/LOCK.',
    next: 'Stop the node or copy the directory; --allow-live reads it as it is, unstable.',
  },
  'link-outside': {
    means:
      'A symbolic link in the directory leads out of it or nowhere; it is followed where it can.',
    node: 'Follows such links as well.',
    look: 'Whether somebody meant it so: ls -l shows the link, readlink -f where it leads.',
    next:
      'Before you rely on a copy, make it with cp -aL: plain cp -a copies the link, not the ' +
      'data.',
  },
  'io-failed': {
    means: 'The operating system reported an I/O error.',
    look: 'The kernel log (dmesg) and the health of the disk.',
    next: 'Copy what is still readable before anything else writes to that disk.',
  },
  'limit-exceeded': {
    means: 'A length or count in the data is larger than this tool is willing to process.',
    look: 'Damaged length fields look like this far more often than honest data does.',
    next: 'Where the data is honest: --limit record-bytes=1GiB, decompressed-bytes, dir-entries.',
  },
  'archive-unsafe-name': {
    means: 'An archive entry has a name or type that is not unpacked.',
    next: 'Unpack it elsewhere with tar and look at it before you use it.',
  },
  truncated: {
    means: 'The bytes end where the format says that more must follow.',
    look: 'The size of the file against that of its copies: was it cut by a copy or a full disk?',
    next: 'Take the file from a complete copy. See the last whole field:',
    run: ['ekv inspect FILE --hexdump'],
  },
  'varint-overlong': {
    means: 'A varint is longer than its type allows.',
    look: 'The bytes at the offset: usually the reading went off the rails before.',
    next: 'The damage begins where a checksum first fails:',
    run: ['ekv verify-crc FILE'],
  },
  'json-syntax': {
    means: 'The text is not JSON.',
    look: 'The bytes at the offset: was the file cut, or edited by hand?',
    next: 'Put back a copy from before the edit; python3 -m json.tool FILE names line and column.',
  },
  'json-duplicate-key': {
    means: 'An object of a JSON text has the same name twice where that is not accepted.',
    look: 'Which of the two is meant; someone edited the file.',
    next:
      'Put back a copy from before the edit; which of the two a reader takes is not safe to ' +
      'guess.',
  },
} as const satisfies CodeTable;
