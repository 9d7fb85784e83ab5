/**
 * The four records of a two-phase transaction in the store (spec/fsm-apply.md §4):
 *
 *   lock      01, startTS u64 BE, ttlExpireAt u64 BE, flags u8 (bit 0 primary), len u64 BE, primary
 *   intent    01, startTS u64 BE, op u8 (0 put, 1 delete), len u64 BE, value
 *   commit    01, commitTS u64 BE
 *   rollback  01
 *
 * Bytes behind the last field and unknown lock flags are ignored. Of a rollback record only the
 * existence counts, so there is no decoder.
 */
import { fromByteString, type ByteString } from '../bytes/byte-string.js';
import { putU64be } from '../bytes/write.js';
import { Fault } from '../mvcc/fault.js';
import { openV1 } from './record-reader.js';

const VERSION = 1;
const FLAG_PRIMARY = 0x01;

export interface LockRecord {
  readonly startTs: bigint;
  readonly ttlExpireAt: bigint;
  readonly isPrimary: boolean;
  readonly primary: ByteString;
}

export const INTENT_OP = { PUT: 0, DELETE: 1 } as const;

export interface IntentRecord {
  readonly startTs: bigint;
  /** 0 put, 1 delete; others are decoded and refused by who uses them. */
  readonly op: number;
  /** Borrowed from the record. */
  readonly value: Uint8Array;
}

export interface CommitRecord {
  readonly commitTs: bigint;
}

export function decodeLock(bytes: Uint8Array): LockRecord | Fault {
  const reader = openV1(bytes, 'lock record');
  const startTs = reader.u64be('startTS');
  const ttlExpireAt = reader.u64be('ttlExpireAt');
  const flags = reader.u8('flags');
  const primary = reader.key('primary');
  const isPrimary = (flags & FLAG_PRIMARY) !== 0;
  return reader.fault ?? { startTs, ttlExpireAt, isPrimary, primary };
}

export function encodeLock(lock: LockRecord): Uint8Array {
  const out = new Uint8Array(26 + lock.primary.length);
  out[0] = VERSION;
  putU64be(out, 1, lock.startTs);
  putU64be(out, 9, lock.ttlExpireAt);
  out[17] = lock.isPrimary ? FLAG_PRIMARY : 0;
  putU64be(out, 18, BigInt(lock.primary.length));
  out.set(fromByteString(lock.primary), 26);
  return out;
}

export function decodeIntent(bytes: Uint8Array): IntentRecord | Fault {
  const reader = openV1(bytes, 'intent record');
  const startTs = reader.u64be('startTS');
  const op = reader.u8('op');
  const value = reader.lengthPrefixed('value');
  return reader.fault ?? { startTs, op, value };
}

export function encodeIntent(intent: IntentRecord): Uint8Array {
  const out = new Uint8Array(18 + intent.value.length);
  out[0] = VERSION;
  putU64be(out, 1, intent.startTs);
  out[9] = intent.op;
  putU64be(out, 10, BigInt(intent.value.length));
  out.set(intent.value, 18);
  return out;
}

export function decodeCommitRecord(bytes: Uint8Array): CommitRecord | Fault {
  const reader = openV1(bytes, 'commit record');
  const commitTs = reader.u64be('commitTS');
  return reader.fault ?? { commitTs };
}

export function encodeCommitRecord(record: CommitRecord): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = VERSION;
  putU64be(out, 1, record.commitTs);
  return out;
}

export function encodeRollbackRecord(): Uint8Array {
  return Uint8Array.of(VERSION);
}
