/** The CRC chain of WAL segments (spec/etcd-wal.md §2.4, §2.5), with every byte accounted for. */
import type { Pace } from '../core/pace.js';
import type { ByteSource } from '../io/byte-source.js';
import type { DirSource } from '../io/dir-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import { listWal } from '../raft/wal/segment-name.js';
import type { SnapshotRecord } from '../raft/wal/snapshot-record.js';
import { inspectWalDir } from '../inspect/wal.js';
import { passWal, type SegmentPass } from '../inspect/wal-pass.js';
import type { CheckStatus, Ledger } from './ledger.js';

/**
 * @returns the newest snapshot that the log vouches for: the last record at or below the commit
 * @throws {IoError} the directory cannot be listed
 */
export async function verifyWalDir(
  dir: DirSource,
  fileOf: (name: string) => string,
  pace: Pace,
  ledger: Ledger,
): Promise<SnapshotRecord | undefined> {
  const { segments, last, findings } = await inspectWalDir(dir, pace);
  ledger.find(...findings);
  const passes = new Map(segments.map((pass) => [pass.name, pass]));
  for (const { name } of listWal(dir).segments) {
    const pass = passes.get(name);
    const size = dir.stat(name)?.size ?? 0;
    if (pass) {
      const stop = findings.find(({ file, code }) => file?.endsWith(name) && STOPS.includes(code));
      const why = stop && `${stop.code} @${stop.offset}`;
      settle(pass, fileOf(name), stop?.severity, why, ledger);
      if (pass.goodBytes === 0 && pass.size === 0) emptySegment(fileOf(name), ledger);
    } else if (!ledger.isAccounted(fileOf(name))) {
      ledger.check('wal-chain', fileOf(name), 'unreadable', 'the segment cannot be opened');
      ledger.account('wal-chain', fileOf(name), size, { unreadable: size });
    }
  }
  const commit = last?.hardState?.commit ?? 0n;
  return last?.snapshots.findLast(({ index }) => index <= commit);
}

const STOPS: readonly string[] = [
  'wal-torn',
  'wal-record-malformed',
  'wal-crc-mismatch',
  'wal-crc-chain',
  'wal-message-malformed',
  'wal-unknown-record-type',
  'wal-segment-skipped',
  'wal-tail-not-zero',
  'wal-entry-gap',
];

export async function verifySegment(
  source: ByteSource,
  name: string,
  file: string,
  pace: Pace,
  ledger: Ledger,
): Promise<void> {
  const options = { dialect: PROTO_37, pace, whole: false, fileOf: () => file };
  const { segments, findings, end } = await passWal([{ name, source }], options);
  ledger.find(...findings);
  const [stop] = findings;
  for (const pass of segments) {
    settle(pass, file, stop?.severity, stop && `${stop.code} @${stop.offset}`, ledger);
  }
  const clean = end.kind === 'end-of-file' || end.kind === 'preallocated';
  if (segments[0]?.goodBytes === 0 && clean) emptySegment(file, ledger);
}

/** All zeros, or nothing: no record, so no checksum. */
function emptySegment(file: string, ledger: Ledger): void {
  const message = 'there is no record in it';
  ledger.find({ code: 'inspect-zeros', severity: 'warning', file, offset: 0, message });
}

function settle(
  pass: SegmentPass,
  file: string,
  severity: 'error' | 'warning' | 'note' | undefined,
  why: string | undefined,
  ledger: Ledger,
): void {
  const { goodBytes, size, rest, records } = pass;
  const count = Object.values(records).reduce((sum, each) => sum + each, 0);
  const intact = rest?.intactBytes ?? 0;
  const checked = goodBytes + intact;
  // A log that ends cleanly leaves bytes that nothing refers to; one that does not has lost them.
  const left = size - checked - (rest?.zeroBytes ?? 0);
  const clean = severity === undefined || why === undefined;
  const status: CheckStatus = clean
    ? count === 0 && intact === 0
      ? 'skipped'
      : 'ok'
    : severity === 'error'
      ? 'damaged'
      : 'attention';
  const chained = count === 1 ? '1 record chained' : `${count} records chained`;
  ledger.check('wal-chain', file, status, clean ? chained : `${chained}, then ${why}`);
  ledger.account('wal-chain', file, size, { checked, unreadable: left });
}
