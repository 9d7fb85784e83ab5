/** Which snapshot of a group dir a node would start from, without starting one. */
import { UsageError, CorruptionError } from '../core/errors.js';
import { FsDir } from '../io/file-source.js';
import { PROTO_37, type ProtoDialect } from '../proto/dialect.js';
import { chooseSnapshot, type ChosenSnapshot } from '../raft/snap/choose.js';
import { withSegments } from '../raft/wal/open-segments.js';
import { listWal } from '../raft/wal/segment-name.js';
import { scanSnapshots } from '../raft/wal/snapshot-scan.js';

export interface FoundSnapshot {
  readonly chosen: ChosenSnapshot;
  /** Names in `snap/` that the boot would not even open. */
  readonly older: readonly string[];
}

/**
 * @throws {UsageError} `upgrade-not-a-pair` where there is none; {CorruptionError} the WAL is damaged
 */
export function findSnapshot(root: string, dialect: ProtoDialect = PROTO_37): FoundSnapshot {
  const dir = new FsDir(root);
  const wal = dir.dir('wal');
  const none = (why: string): UsageError => new UsageError('upgrade-not-a-pair', `${root}: ${why}`);
  if (dir.stat('wal')?.kind !== 'directory' || dir.stat('snap')?.kind !== 'directory') {
    throw none('there is no wal/ or no snap/: no snapshot that a boot would use');
  }
  const { segments } = listWal(wal);
  const scan = withSegments(wal, segments, (open) => scanSnapshots(open, dialect));
  if (scan.end.kind === 'corrupt') {
    const { code, nodeError, segment, offset } = scan.end;
    const site = { path: `${wal.path}/${segment}`, offset };
    throw new CorruptionError(code, `the log cannot be read: ${nodeError}`, { site, nodeError });
  }
  const { chosen, unopened } = chooseSnapshot(dir.dir('snap'), scan.valid, dialect);
  if (chosen === undefined) throw none('no .snap that the WAL vouches for');
  return { chosen, older: unopened };
}
