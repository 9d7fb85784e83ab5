/**
 * A `.snap` file (spec/etcd-wal.md §5.1, §5.3).
 *
 *     snappb.snapshot   1 crc: uint32, CRC32C of data   2 data: bytes, an encoded raftpb.Snapshot
 */
import { crc32c } from '../../checksum/crc32c.js';
import { hex32 } from '../../bytes/hex.js';
import type { ErrorCode } from '../../core/codes/all.js';
import { IoError, UnsupportedError } from '../../core/errors.js';
import { DEFAULT_LIMITS } from '../../core/limits.js';
import { readRange } from '../../io/byte-source.js';
import type { DirSource } from '../../io/dir-source.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import { ProtoError } from '../../proto/proto-error.js';
import { WireReader } from '../../proto/wire-reader.js';
import { WireWriter } from '../../proto/wire-writer.js';
import { decodeRaftSnapshot, encodeRaftSnapshot, type RaftSnapshot } from '../raft-snapshot.js';

/** Why a file cannot be used. The node tells nobody: it renames the file to `.broken`. */
export interface SnapFailure {
  readonly code: ErrorCode;
  /** The node's error. */
  readonly nodeError: string;
  /** What is wrong, in our words. */
  readonly detail: string;
}

export interface SnapFile {
  readonly snapshot: RaftSnapshot;
  readonly crc: number;
}

export function isSnapFailure(value: SnapFile | SnapFailure): value is SnapFailure {
  return 'nodeError' in value;
}

/** The checks of §5.3 in their order. `snapshot.data` is a view into `bytes`. */
export function decodeSnapFile(bytes: Uint8Array, dialect: ProtoDialect): SnapFile | SnapFailure {
  if (bytes.length === 0) return empty('the file is empty');
  try {
    // The outer message is the one that Go calls by a small letter.
    const outer = readOuter(new WireReader(dialect).reset(bytes, 0, bytes.length, 'snapshot'));
    if (outer.data.length === 0) return empty('the data field is absent or empty');
    if (outer.crc === 0) return empty('the stored CRC is 0 or absent');
    const computed = crc32c(outer.data);
    if (computed !== outer.crc) {
      return {
        code: 'snap-crc-mismatch',
        nodeError: 'snap: crc mismatch',
        detail: `stored crc ${hex32(outer.crc)}, computed ${hex32(computed)}`,
      };
    }
    return { snapshot: decodeRaftSnapshot(outer.data, dialect, true), crc: outer.crc };
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    const nodeError = error.nodeError ?? error.detail;
    return { code: 'snap-malformed', nodeError, detail: error.detail };
  }
}

function readOuter(r: WireReader): { crc: number; data: Uint8Array } {
  let crc = 0;
  let data: Uint8Array = new Uint8Array(0);
  while (r.next()) {
    if (r.field === 1) {
      if (r.varint('Crc')) crc = r.lo;
    } else if (r.field === 2) {
      if (r.range('Data')) data = r.view();
    } else r.skip();
  }
  return { crc, data };
}

function empty(detail: string): SnapFailure {
  return { code: 'snap-empty', nodeError: 'snap: empty snapshot', detail };
}

/**
 * Reads one file of `dir`.
 * @throws {UnsupportedError} `limit-exceeded` for a file larger than the tool brings into memory
 */
export function readSnapFile(
  dir: DirSource,
  name: string,
  dialect: ProtoDialect,
): SnapFile | SnapFailure {
  let bytes: Uint8Array;
  try {
    const source = dir.open(name);
    try {
      if (source.size > DEFAULT_LIMITS.maxRecordBytes) {
        throw new UnsupportedError('limit-exceeded', `.snap file of ${source.size} bytes`, {
          site: { path: source.path },
        });
      }
      bytes = readRange(source, 0, source.size);
    } finally {
      source.close();
    }
  } catch (error) {
    if (!(error instanceof IoError)) throw error;
    return { code: 'snap-unreadable', nodeError: error.detail, detail: error.detail };
  }
  return decodeSnapFile(bytes, dialect);
}

export function encodeSnapFile(snapshot: RaftSnapshot, dialect: ProtoDialect): Uint8Array {
  const data = encodeRaftSnapshot(snapshot, dialect);
  return new WireWriter().varint(1, crc32c(data)).bytes(2, data).finish();
}
