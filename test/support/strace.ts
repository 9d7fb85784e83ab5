/** What a command does to a directory, as the kernel sees it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './fixtures.js';

/** Every system call that can change a file, its name, its metadata or its locks. */
const WATCHED = [
  'open,openat,openat2,creat',
  'write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice',
  'truncate,ftruncate,fallocate',
  'rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat',
  'mkdir,mkdirat,rmdir,mknod,mknodat',
  'chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,utime,utimes,futimesat,utimensat',
  'setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr',
  'flock,fcntl,io_uring_setup,mount,ioctl',
].join(',');

/** Installs strace where the machine lets us (Debian, root). @throws where there is none then */
export function needStrace(): void {
  const works = (): boolean => spawnSync('strace', ['-V']).status === 0;
  if (works()) return;
  spawnSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq strace'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (!works()) throw new Error('this test needs strace: apt-get install strace');
}

export interface Traced {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Calls that name something below the directory. */
  readonly calls: readonly string[];
  /** Those of them that change something or take a lock. */
  readonly offences: readonly string[];
}

const OPENS_TO_WRITE = /\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b/;
const READS_ONLY = /^(?:open|openat|openat2)\(/;
const LOCKS = /\bF_(?:OFD_)?SETLKW?\b/;

function offends(call: string): boolean {
  if (READS_ONLY.test(call)) return OPENS_TO_WRITE.test(call);
  if (call.startsWith('fcntl(')) return LOCKS.test(call);
  // Asks what kind of file it is; changes nothing.
  return !/^ioctl\(.*\b(?:TCGETS|FIONREAD|TIOCGWINSZ)\b/.test(call);
}

/** Runs a program under strace and keeps the calls that concern `dir`, an absolute path. */
export function straced(command: readonly string[], dir: string): Traced {
  const log = join(tempDir('strace'), 'log');
  const options = [
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-y',
    '-s',
    '0',
    '-e',
    `trace=${WATCHED}`,
    '-o',
    log,
  ];
  const run = spawnSync('strace', [...options, ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  const calls: string[] = [];
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const call = line.replace(/^\d+\s+/, '');
    // A path as an argument, or a descriptor with its path behind it.
    if (call.includes(`"${dir}`) || call.includes(`<${dir}`)) calls.push(call);
  }
  return {
    status: run.status,
    stdout: run.stdout,
    stderr: run.stderr,
    calls,
    offences: calls.filter(offends),
  };
}
