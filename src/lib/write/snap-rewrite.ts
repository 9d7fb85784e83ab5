/**
 * A `.snap` with another CRC in its token: the 4 bytes in place, then the file's own checksum. Every
 * other byte of the encoded snapshot stays, whichever build wrote it (spec/etcd-wal.md §3.3, §5.1).
 */
import { copyOf } from '../bytes/copy.js';
import { putU32be } from '../bytes/write.js';
import { crc32c } from '../checksum/crc32c.js';
import { assert, CorruptionError } from '../core/errors.js';
import { readRange } from '../io/byte-source.js';
import { FileSource } from '../io/file-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';
import type { RaftSnapshot } from '../raft/raft-snapshot.js';
import { decodeSnapFile, isSnapFailure } from '../raft/snap/snap-file.js';
import { decodeSnapshotData, TOKEN_BYTES, type FsmToken } from '../snapshot/token.js';

const TOKEN_CRC_AT = 13;
const MAX_TOKEN_SNAP_BYTES = 1 << 24;

/** A `.snap` whose data is a token. */
export interface TokenSnap {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly snapshot: RaftSnapshot;
  readonly token: FsmToken;
}

/** @throws {CorruptionError} the file is damaged or its data is no token */
export function readTokenSnap(path: string): TokenSnap {
  const source = new FileSource(path);
  try {
    if (source.size > MAX_TOKEN_SNAP_BYTES) throw notAPair(path, 'its data is a whole payload');
    const bytes = readRange(source, 0, source.size);
    const file = decodeSnapFile(bytes, PROTO_37);
    if (isSnapFailure(file)) {
      const { code, nodeError, detail } = file;
      throw new CorruptionError(code, detail, { site: { path }, nodeError });
    }
    const data = decodeSnapshotData(file.snapshot.data ?? new Uint8Array(0), { path });
    if (data.kind === 'invalid') throw data.fault;
    if (data.kind !== 'token') throw notAPair(path, `its data is ${data.kind}`);
    return { path, bytes, snapshot: file.snapshot, token: data.token };
  } finally {
    source.close();
  }
}

function notAPair(path: string, why: string): CorruptionError {
  return new CorruptionError('upgrade-not-a-pair', `the .snap carries no token: ${why}`, {
    site: { path },
  });
}

/** The file's bytes with `crc` in the token. */
export function withTokenCrc(snap: TokenSnap, crc: number): Uint8Array {
  const encoded = copyOf(encodedSnapshot(snap.bytes));
  const token = snap.snapshot.data;
  assert(token !== undefined && token.length === TOKEN_BYTES, 'the data is a token');
  const at = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).indexOf(token);
  assert(at >= 0, 'the token lies in the encoded snapshot');
  putU32be(encoded, at + TOKEN_CRC_AT, crc);
  return new WireWriter().varint(1, crc32c(encoded)).bytes(2, encoded).finish();
}

/** The last `data` field of the outer message: the one that counts. */
function encodedSnapshot(bytes: Uint8Array): Uint8Array {
  const r = new WireReader(PROTO_37).reset(bytes, 0, bytes.length, 'Snapshot');
  let data: Uint8Array = new Uint8Array(0);
  while (r.next()) {
    if (r.field !== 2) r.skip();
    else if (r.range('Data')) data = r.view();
  }
  return data;
}
