/** A log of a node that does not boot: what can be read of it behind the newest snapshot record. */
import { ToolError } from '../core/errors.js';
import type { Pace } from '../core/pace.js';
import type { Generation } from '../engine/generation.js';
import { RaftLog } from '../engine/raft-log.js';
import type { DirSource } from '../io/dir-source.js';
import { dialectOf } from '../proto/dialect.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { readAll } from '../raft/wal/read-all.js';
import { listWal } from '../raft/wal/segment-name.js';
import { scanSnapshots } from '../raft/wal/snapshot-scan.js';
import { MemberLog } from './member-log.js';

export interface LogAlone {
  readonly log: MemberLog;
  /** Of the last hard state that can be read. */
  readonly term: bigint;
  readonly commit: bigint;
  /** It ends in damage and not where its writer stopped. */
  readonly damaged: boolean;
}

/** @returns null without a WAL, or where its files cannot be opened */
export async function readLogAlone(
  group: DirSource,
  { etcd }: Generation,
  pace: Pace,
): Promise<LogAlone | null> {
  if (group.stat('wal')?.kind !== 'directory') return null;
  const dialect = dialectOf(etcd);
  try {
    const wal = group.dir('wal');
    const { segments } = listWal(wal);
    const { start, entries, hardState, end } = withSegments(wal, segments, (open) => {
      const position = scanSnapshots(open, dialect).valid.at(-1) ?? { index: 0n, term: 0n };
      return readAll(open, position, dialect);
    });
    const log = new RaftLog(start.index, entries, wal, 'wal/');
    try {
      return {
        log: await MemberLog.of({ log, last: log.last }, pace),
        term: hardState.term ?? 0n,
        commit: hardState.commit ?? 0n,
        damaged: end.kind === 'corrupt',
      };
    } finally {
      log.close();
    }
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}
