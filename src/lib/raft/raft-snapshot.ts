/**
 * `raftpb.Snapshot` and its metadata (spec/etcd-wal.md §3.2, §5.1).
 *
 *     Snapshot          1 data: bytes            2 metadata: SnapshotMetadata
 *     SnapshotMetadata  1 conf_state: ConfState  2 index: uint64   3 term: uint64
 */
import { copyOf } from '../bytes/copy.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';
import {
  emptyConfState,
  encodeConfState,
  joined,
  readConfState,
  type ConfState,
} from './conf-state.js';

export interface SnapshotMetadata {
  confState: ConfState | undefined;
  index: bigint | undefined;
  term: bigint | undefined;
  unknown?: Uint8Array | undefined;
}

export interface RaftSnapshot {
  /** The 17-byte token, or an FSM payload inline. Absent and empty are kept apart. */
  data: Uint8Array | undefined;
  metadata: SnapshotMetadata | undefined;
  unknown?: Uint8Array | undefined;
}

/** @param borrowData  leave `data` a view into `bytes` instead of a copy. @throws {ProtoError} */
export function decodeRaftSnapshot(
  bytes: Uint8Array,
  dialect: ProtoDialect,
  borrowData = false,
): RaftSnapshot {
  const r = new WireReader(dialect).reset(bytes, 0, bytes.length, 'Snapshot');
  const snapshot: RaftSnapshot = { data: undefined, metadata: undefined };
  while (r.next()) {
    if (r.field === 1) {
      if (r.range('Data')) snapshot.data = borrowData ? r.view() : copyOf(r.view());
    } else if (r.field === 2) {
      if (!r.range('Metadata')) continue;
      snapshot.metadata ??= { confState: undefined, index: undefined, term: undefined };
      readMetadata(r.nested('SnapshotMetadata'), snapshot.metadata);
    } else r.skip();
  }
  snapshot.unknown = r.unknownFields();
  return snapshot;
}

function readMetadata(r: WireReader, into: SnapshotMetadata): void {
  while (r.next()) {
    switch (r.field) {
      case 1:
        if (!r.range('ConfState')) break;
        into.confState ??= emptyConfState();
        readConfState(r.nested('ConfState'), into.confState);
        break;
      case 2:
        if (r.varint('Index')) into.index = r.u64();
        break;
      case 3:
        if (r.varint('Term')) into.term = r.u64();
        break;
      default:
        r.skip();
    }
  }
  into.unknown = joined(into.unknown, r.unknownFields());
}

export function encodeRaftSnapshot(snapshot: RaftSnapshot, dialect: ProtoDialect): Uint8Array {
  const none = { confState: undefined, index: undefined, term: undefined };
  const metadata = snapshot.metadata ?? (dialect.writesZeros ? none : undefined);
  return new WireWriter()
    .bytes(1, snapshot.data)
    .bytes(2, metadata && encodeMetadata(metadata, dialect))
    .raw(dialect.keepsUnknown ? snapshot.unknown : undefined)
    .finish();
}

function encodeMetadata(metadata: SnapshotMetadata, dialect: ProtoDialect): Uint8Array {
  const zero = dialect.writesZeros ? 0n : undefined;
  const confState = metadata.confState ?? (dialect.writesZeros ? emptyConfState() : undefined);
  return new WireWriter()
    .bytes(1, confState && encodeConfState(confState, dialect))
    .varint(2, metadata.index ?? zero)
    .varint(3, metadata.term ?? zero)
    .raw(dialect.keepsUnknown ? metadata.unknown : undefined)
    .finish();
}
