/**
 * A group dir taken over file by file. What no node ever writes into again becomes a second name of
 * the same file; everything else is copied, or a node that runs on the copy would change the
 * original: it appends to the last WAL segment, and Pebble reuses its logs and locks its LOCK.
 */
import type { TreeDir, TreeFile } from '../io/atomic-tree.js';
import { checkNotLive } from '../io/atomic-live.js';
import { checkSource } from '../io/atomic-target.js';
import { walkTree, type FileStamp } from '../io/atomic-walk.js';
import { FsDir } from '../io/file-source.js';
import { listWal } from '../raft/wal/segment-name.js';

export interface GroupCopy {
  readonly root: string;
  readonly dirs: readonly TreeDir[];
  readonly files: readonly TreeFile[];
  readonly stamps: readonly FileStamp[];
}

/** @throws {IoError} `source-symlink`, `source-special`, `source-live` */
export function copyOfGroup(root: string): GroupCopy {
  checkSource(root);
  checkNotLive(root);
  const sealed = sealedSegments(root);
  const dirs: TreeDir[] = [];
  const files: TreeFile[] = [];
  const stamps: FileStamp[] = [];
  for (const { relative, kind, mode, stamp } of walkTree(root)) {
    if (kind === 'directory') {
      dirs.push({ path: relative, mode });
      continue;
    }
    stamps.push(stamp);
    const linkable = NEVER_REWRITTEN.test(relative) || sealed.has(relative);
    const content = { kind: 'keep', from: stamp.path, size: stamp.size, linkable } as const;
    files.push({ path: relative, mode, content });
  }
  return { root, dirs, files, stamps };
}

const NEVER_REWRITTEN =
  /^(?:snap\/[^/]+\.snap|fsm-snap\/[0-9a-f]{16}\.fsm|fsm\.db\/[^/]+\.(?:sst|blob))$/;

/** All segments but the last: the node truncates, zeroes and appends to that one alone. */
function sealedSegments(root: string): Set<string> {
  const dir = new FsDir(root);
  if (dir.stat('wal')?.kind !== 'directory') return new Set();
  const { segments } = listWal(dir.dir('wal'));
  return new Set(segments.slice(0, -1).map(({ name }) => `wal/${name}`));
}

/** The copy with other files in the place of some, their modes kept, and without others. */
export function withFiles(
  copy: GroupCopy,
  replaced: readonly TreeFile[],
  left: (path: string) => boolean = () => false,
): TreeFile[] {
  const byPath = new Map(replaced.map((file) => [file.path, file]));
  const kept = copy.files.filter(({ path }) => !left(path));
  return kept.map(({ path, mode, content }) => {
    return { path, mode, content: byPath.get(path)?.content ?? content };
  });
}
