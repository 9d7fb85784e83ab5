/**
 * `walpb.Snapshot` (spec/etcd-wal.md §3.2): the WAL's word that a `.snap` was saved.
 *
 *     1 index: uint64   2 term: uint64   3 conf_state: ConfState
 */
import type { ProtoDialect } from '../../proto/dialect.js';
import { WireReader } from '../../proto/wire-reader.js';
import { WireWriter } from '../../proto/wire-writer.js';
import { emptyConfState, encodeConfState, readConfState, type ConfState } from '../conf-state.js';

export interface SnapshotRecord {
  readonly index: bigint;
  readonly term: bigint;
  readonly confState: ConfState | undefined;
}

/** @throws {ProtoError} */
export function decodeSnapshotRecord(bytes: Uint8Array, dialect: ProtoDialect): SnapshotRecord {
  return readSnapshotRecord(new WireReader(dialect).reset(bytes, 0, bytes.length, 'Snapshot'));
}

export function readSnapshotRecord(r: WireReader): SnapshotRecord {
  let index = 0n;
  let term = 0n;
  let confState: ConfState | undefined;
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('Index')) index = r.u64();
    } else if (r.field === 2) {
      if (r.varint('Term')) term = r.u64();
    } else if (r.field === 3) {
      if (!r.range('ConfState')) continue;
      confState ??= emptyConfState();
      readConfState(r.nested('ConfState'), confState);
    } else r.skip();
  }
  return { index, term, confState };
}

/** Index and term are written by every version, also when 0. */
export function encodeSnapshotRecord(record: SnapshotRecord, dialect: ProtoDialect): Uint8Array {
  return new WireWriter()
    .varint(1, record.index)
    .varint(2, record.term)
    .bytes(3, record.confState && encodeConfState(record.confState, dialect))
    .finish();
}
