/**
 * The meta record: value of a transaction's first mutation, never stored (spec/fsm-apply.md §3).
 *
 *   v1  01, lockTTLms u64 BE, commitTS u64 BE, len u64 BE, primary; bytes behind it are ignored
 *   v2  02, flags u8 (1 lock TTL, 2 commit TS, 4 previous commit TS), len u64 BE, primary, then the
 *       flagged u64 BE in that order; nothing behind them
 *
 * Of a v2 record no failure has an identity, of a v1 record one that ends inside a u64 has.
 */
import { fromByteString, type ByteString } from '../bytes/byte-string.js';
import { concatBytes, u64beBytes } from '../bytes/write.js';
import { Fault } from '../mvcc/fault.js';
import { RecordReader } from './record-reader.js';

const FLAG_LOCK_TTL = 1;
const FLAG_COMMIT_TS = 2;
const FLAG_PREV_COMMIT_TS = 4;
const KNOWN_FLAGS = FLAG_LOCK_TTL | FLAG_COMMIT_TS | FLAG_PREV_COMMIT_TS;

export interface MetaRecord {
  readonly primary: ByteString;
  readonly lockTtlMs: bigint;
  readonly commitTs: bigint;
  readonly prevCommitTs: bigint;
}

export function decodeMetaRecord(bytes: Uint8Array): MetaRecord | Fault {
  switch (bytes[0]) {
    case undefined:
      return new Fault('txn-record-bad', [], 'meta record is empty');
    case 1:
      return decodeV1(bytes);
    case 2:
      return decodeV2(bytes);
    default:
      return new Fault('txn-record-bad', [], `meta record has version ${bytes[0]}`);
  }
}

function decodeV1(bytes: Uint8Array): MetaRecord | Fault {
  const reader = new RecordReader(bytes, 'meta record v1', true, 1);
  const lockTtlMs = reader.u64be('lockTTLms');
  const commitTs = reader.u64be('commitTS');
  const primary = reader.key('primary');
  return reader.fault ?? { primary, lockTtlMs, commitTs, prevCommitTs: 0n };
}

function decodeV2(bytes: Uint8Array): MetaRecord | Fault {
  const reader = new RecordReader(bytes, 'meta record v2', false, 1);
  const flags = reader.u8('flags');
  if ((flags & ~KNOWN_FLAGS) !== 0) reader.bad(`has unknown flags 0x${flags.toString(16)}`);
  const primary = reader.key('primary');
  const lockTtlMs = (flags & FLAG_LOCK_TTL) === 0 ? 0n : reader.u64be('lockTTLms');
  const commitTs = (flags & FLAG_COMMIT_TS) === 0 ? 0n : reader.u64be('commitTS');
  const prevCommitTs = (flags & FLAG_PREV_COMMIT_TS) === 0 ? 0n : reader.u64be('prevCommitTS');
  if (reader.left > 0) reader.bad(`has ${reader.left} B behind its last field`);
  return reader.fault ?? { primary, lockTtlMs, commitTs, prevCommitTs };
}

/** v1 unless a previous commit timestamp is set, as the node writes it. */
export function encodeMetaRecord(meta: MetaRecord): Uint8Array {
  const primary = fromByteString(meta.primary);
  const length = u64beBytes(BigInt(primary.length));
  if (meta.prevCommitTs === 0n) {
    const fixed = [Uint8Array.of(1), u64beBytes(meta.lockTtlMs), u64beBytes(meta.commitTs)];
    return concatBytes(...fixed, length, primary);
  }
  const fields: [flag: number, value: bigint][] = [
    [FLAG_LOCK_TTL, meta.lockTtlMs],
    [FLAG_COMMIT_TS, meta.commitTs],
    [FLAG_PREV_COMMIT_TS, meta.prevCommitTs],
  ];
  const set = fields.filter(([, value]) => value !== 0n);
  const flags = set.reduce((all, [flag]) => all | flag, 0);
  const values = set.map(([, value]) => u64beBytes(value));
  return concatBytes(Uint8Array.of(2, flags), length, primary, ...values);
}
