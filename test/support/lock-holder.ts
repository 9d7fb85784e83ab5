/**
 * A process that holds a directory as a node does and keeps writing to it: an OFD lock on the newest
 * WAL segment (etcd), a POSIX lock on Pebble's LOCK. Perl, because Node cannot take file locks.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** F_OFD_SETLK is 37, F_SETLK 6; struct flock as 64-bit Linux has it. */
const HOLDER = `
use strict; use warnings; $| = 1;
my ($segment, $lock) = @ARGV;
my $whole = pack('s s x4 q q i x4', 1, 0, 0, 0, 0);
open(my $wal, '+<', $segment) or die "$segment: $!";
fcntl($wal, 37, $whole) or die "OFD lock: $!";
open(my $db, '+>>', $lock) or die "$lock: $!";
fcntl($db, 6, $whole) or die "POSIX lock: $!";
print "holding\\n";
my $end = -s $segment;
while (1) {
  seek($wal, $end - 4096 + int(rand(4000)), 0);
  print $wal chr(int(rand(256))) x 8;
  select(undef, undef, undef, 0.002);
}
`;

export interface Holder {
  readonly pid: number;
  release(): Promise<void>;
}

/** Resolves when both locks are held. The files must exist and be writable. */
export async function holdAsNode(segment: string, lock: string): Promise<Holder> {
  const child: ChildProcess = spawn('perl', ['-e', HOLDER, segment, lock], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const began = await Promise.race([once(child.stdout!, 'data'), ended]);
  if (String(began[0]).trim() !== 'holding') throw new Error('the holder did not get its locks');
  return {
    pid: child.pid ?? 0,
    release: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
