/** A directory as a list of everything that can be seen of it but access times. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Contents above this are told by their size and times: 64 MB of preallocated zeros are slow. */
const HASHED_BYTES = 8 << 20;

function contentOf(path: string, size: number): string {
  if (size > HASHED_BYTES) return '-';
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** One line a name: kind, mode, owner, size, mtime and ctime in nanoseconds, digest. */
export function treeDigest(root: string): readonly string[] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = [root, ...names.map((entry) => join(entry.parentPath, entry.name))].sort();
  return paths.map((path) => {
    const stats = lstatSync(path, { bigint: true });
    const content = stats.isSymbolicLink()
      ? readlinkSync(path)
      : stats.isFile()
        ? contentOf(path, Number(stats.size))
        : '';
    const { mode, uid, gid, size, mtimeNs, ctimeNs, ino, nlink } = stats;
    const numbers = [mode, uid, gid, size, mtimeNs, ctimeNs, ino, nlink].join(' ');
    return `${relative(root, path)} ${numbers} ${content}`;
  });
}
