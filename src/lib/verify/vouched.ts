import { ToolError } from '../core/errors.js';
import type { DirSource } from '../io/dir-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { listWal } from '../raft/wal/segment-name.js';
import { scanSnapshots, type FoundSnapshot } from '../raft/wal/snapshot-scan.js';

/** The last snapshot record at or below the commit; undefined without a WAL that says. */
export function newestVouched(group: DirSource): FoundSnapshot | undefined {
  if (group.stat('wal')?.kind !== 'directory') return undefined;
  try {
    const wal = group.dir('wal');
    const { segments } = listWal(wal);
    return withSegments(wal, segments, (open) => scanSnapshots(open, PROTO_37)).valid.at(-1);
  } catch (error) {
    // What cannot be read has been said by the stage that reads it.
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
