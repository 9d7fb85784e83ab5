import { CorruptionError } from '../../core/errors.js';
import type { DirSource } from '../../io/dir-source.js';
import { parseFilename } from '../base/filename.js';

/** One physical file of a logical WAL; segments beyond 0 exist with WAL failover only. */
export interface WalSegment {
  readonly segment: number;
  readonly name: string;
  readonly dir: DirSource;
  readonly size: number;
}

/** All segments of one WAL number, ascending. */
export interface LogicalWal {
  readonly number: number;
  readonly segments: readonly WalSegment[];
}

export interface WalDirListing {
  readonly dir: DirSource;
  readonly entries: Iterable<{ readonly name: string; readonly size: number }>;
}

/**
 * Groups the `.log` files of the given directories by WAL number, ascending (spec/pebble.md §1.4).
 * @throws {CorruptionError} `pebble-wal-twice` when two directories hold the same segment
 */
export function groupWals(listings: readonly WalDirListing[]): LogicalWal[] {
  const byNumber = new Map<number, WalSegment[]>();
  for (const { dir, entries } of listings) {
    for (const { name, size } of entries) {
      const file = parseFilename(name);
      if (file?.type !== 'wal') continue;
      const segments = byNumber.get(file.number) ?? [];
      byNumber.set(file.number, segments);
      if (segments.some((known) => known.segment === file.segment)) {
        throw new CorruptionError('pebble-wal-twice', `WAL segment ${name} exists twice`, {
          site: { path: `${dir.path}/${name}` },
        });
      }
      segments.push({ segment: file.segment, name, dir, size });
    }
  }
  return [...byNumber]
    .map(([number, segments]) => ({
      number,
      segments: segments.sort((a, b) => a.segment - b.segment),
    }))
    .sort((a, b) => a.number - b.number);
}
