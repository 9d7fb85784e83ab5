/**
 * Whether a process is at work in a directory, told without touching it: etcd holds an OFD lock on
 * every segment it has open, the newest one always, and Pebble a POSIX lock on `LOCK`
 * (spec/etcd-wal.md §1.6, spec/pebble.md §1.2). Asking the kernel for such a lock would mean opening
 * the file for writing, so the kernel's own table is read instead, `/proc/locks`:
 *
 *     1: POSIX  ADVISORY  WRITE 4711 fd:01:131095 0 EOF
 *     2: OFDLCK ADVISORY  WRITE -1 fd:01:131099 0 EOF        -1: an open file, not a process
 *     2: -> FLOCK ADVISORY WRITE 4712 fd:01:131099 0 EOF     waits for the lock, does not hold it
 *
 * Device major and minor in hex, inode in decimal. On file systems with devices of their own making
 * (btrfs, overlay) the device is that of the mount, as `/proc/self/mountinfo` has it. Where the
 * kernel gives no such table nothing can be told, and nothing is claimed.
 */
import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface HeldLock {
  readonly path: string;
  readonly kind: string;
  /** Undefined for a lock that belongs to an open file (OFD). */
  readonly pid: number | undefined;
}

/** A line of `/proc/locks`. */
export interface LockLine {
  readonly kind: string;
  readonly pid: number | undefined;
  /** `major:minor`, in decimal. */
  readonly device: string;
  readonly inode: string;
}

const LINE =
  /^\d+: (FLOCK|POSIX|OFDLCK|LEASE|DELEG)\s+\S+\s+\S+\s+(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /;

/** Only locks that are held; whoever waits for one holds nothing. Leases are no locks. */
export function parseLockTable(text: string): LockLine[] {
  const lines: LockLine[] = [];
  for (const line of text.split('\n')) {
    const [, kind = '', pid = '', major = '', minor = '', inode = ''] = LINE.exec(line) ?? [];
    if (kind === '' || kind === 'LEASE' || kind === 'DELEG') continue;
    const device = `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
    lines.push({ kind, pid: Number(pid) > 0 ? Number(pid) : undefined, device, inode });
  }
  return lines;
}

/** Linux packs a device number as minor 0–7, major 8–19, minor 20–31, major 32–63. */
export function deviceOf(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xffff_f000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffff_ff00n);
  return `${major}:${minor}`;
}

/** The device of the mount that `path` lies on, or undefined where that cannot be told. */
export function mountDevice(mountinfo: string, path: string): string | undefined {
  let longest = -1;
  let device: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [, , id, , point = ''] = line.split(' ');
    const at = point.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const below = at === '/' || path === at || path.startsWith(`${at}/`);
    // Of two mounts on one point the later one is seen.
    if (!below || at.length < longest) continue;
    longest = at.length;
    device = id;
  }
  return device;
}

const MAX_TABLE_BYTES = 64 << 20;

/** A file of `/proc`, whose size is not known beforehand; empty where it cannot be read. */
function readProc(path: string): string {
  const parts: Buffer[] = [];
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    for (let total = 0; total < MAX_TABLE_BYTES;) {
      const part = Buffer.alloc(1 << 16);
      const got = readSync(fd, part, 0, part.length, null);
      if (got === 0) break;
      total += got;
      parts.push(part.subarray(0, got));
    }
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
  return Buffer.concat(parts).toString('latin1');
}

/** Which of the files some process has locked. None is opened; one that is not there is not held. */
export function heldLocks(paths: readonly string[]): HeldLock[] {
  const table = new Map<string, LockLine>();
  for (const line of parseLockTable(readProc('/proc/locks'))) {
    table.set(`${line.device}:${line.inode}`, line);
  }
  if (table.size === 0) return [];
  const mounts = readProc('/proc/self/mountinfo');
  const held: HeldLock[] = [];
  for (const path of paths) {
    const ids = lockIds(path, mounts);
    const line = ids.map((id) => table.get(id)).find((found) => found !== undefined);
    if (line !== undefined) held.push({ path, kind: line.kind, pid: line.pid });
  }
  return held;
}

function lockIds(path: string, mounts: string): string[] {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return [];
    const mount = mountDevice(mounts, realpathSync(path));
    const ids = [`${deviceOf(stats.dev)}:${stats.ino}`];
    return mount === undefined ? ids : [...ids, `${mount}:${stats.ino}`];
  } catch {
    // What cannot be looked at is reported when it is read.
    return [];
  }
}

/** Segments that are asked about: the newest is always locked, older ones are let go. */
const NEWEST_SEGMENTS = 16;

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The locks of a running node on the files of one group dir. */
export function groupLocks(groupDir: string): HeldLock[] {
  const segments = namesIn(join(groupDir, 'wal')).filter((name) => name.endsWith('.wal'));
  const newest = segments.sort().slice(-NEWEST_SEGMENTS).reverse();
  return heldLocks([
    ...newest.map((name) => join(groupDir, 'wal', name)),
    join(groupDir, 'fsm.db', 'LOCK'),
  ]);
}

/** The lock of a running process on one Pebble directory. */
export function databaseLocks(dir: string): HeldLock[] {
  return heldLocks([join(dir, 'LOCK')]);
}
