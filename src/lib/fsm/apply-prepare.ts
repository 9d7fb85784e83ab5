/** PREPARE: a lock and an intent for every key (spec/fsm-apply.md §6). */
import type { ByteString } from '../bytes/byte-string.js';
import { firstConflictEach } from '../mvcc/conflict-check.js';
import { Fault } from '../mvcc/fault.js';
import { tsOfMs } from '../mvcc/timestamp.js';
import { suffixOfTs } from '../mvcc/version-key.js';
import { intentKey, lockKey } from '../txn/keys.js';
import { decodeLock, encodeIntent, encodeLock, INTENT_OP } from '../txn/records.js';
import {
  invalidRequest,
  primaryKeyRequired,
  txnLocked,
  unknownRequestType,
  writeConflict,
} from './answers.js';
import { uniqueMutations, type RequestContext, type TxnRequest } from './request-context.js';
import { OP, type Mutation } from './request.js';
import type { VersionWrite } from './version-writer.js';

const DEFAULT_TTL_MS = 30_000n;
const MAX_TTL_MS = 86_400_000n;
const NO_BYTES = new Uint8Array(0);

export function applyPrepare(context: RequestContext, txn: TxnRequest): Fault | null {
  const { reader, writer, index } = context;
  const { meta, startTs } = txn;
  if (meta.primary === '') return primaryKeyRequired();
  if (txn.mutations.length === 0) return invalidRequest('no mutations');
  const mutations = uniqueMutations(txn.mutations);
  if (mutations instanceof Fault) return mutations;
  const keys = mutations.map(({ key }) => key);
  const conflict = firstConflictEach(reader, keys, suffixOfTs(startTs));
  if (conflict !== null) return writeConflict(conflict);

  const ttlMs = ttlOf(meta.lockTtlMs);
  const ttlExpireAt = tsOfMs(context.nowMs + ttlMs);
  const versions: VersionWrite[] = [];
  for (const mutation of mutations) {
    const { key } = mutation;
    const fault = prepareFault(context, txn, mutation);
    if (fault !== null) return fault;
    const isPrimary = key === meta.primary;
    const lock = { startTs, ttlExpireAt, isPrimary, primary: meta.primary };
    versions.push({ key: lockKey(key), body: encodeLock(lock) });
    versions.push({ key: intentKey(key), body: intentOf(mutation, startTs) });
  }
  const { readKeys } = txn.request;
  const outcome = writer.write({ versions, readKeys, startTs, commitTs: startTs }, index);
  if (outcome instanceof Fault) return outcome;
  if (outcome === 'written') {
    const locks = keys.length === 1 ? 'a lock expires' : `${keys.length} locks expire`;
    context.note('prepare-expiry', `${locks} at now + ${ttlMs} ms`);
  }
  return null;
}

function prepareFault(
  { reader }: RequestContext,
  { meta, startTs }: TxnRequest,
  { key, op }: Mutation,
): Fault | null {
  const fault = foreignLock(reader.readAtMax(lockKey(key)), key, startTs, meta.primary);
  if (fault !== null) return fault;
  return op === OP.PUT || op === OP.DEL ? null : unknownRequestType(`op ${op}`);
}

/** A lock must be absent or this very transaction's; start timestamp 0 is never recognised. */
function foreignLock(
  found: { body: Uint8Array } | Fault | null,
  key: ByteString,
  startTs: bigint,
  primary: ByteString,
): Fault | null {
  if (found === null || found instanceof Fault) return found;
  const lock = decodeLock(found.body);
  if (lock instanceof Fault) return lock;
  const own = startTs !== 0n && lock.startTs === startTs && lock.primary === primary;
  return own ? null : txnLocked(key);
}

function intentOf({ op, value }: Mutation, startTs: bigint): Uint8Array {
  return op === OP.PUT
    ? encodeIntent({ startTs, op: INTENT_OP.PUT, value })
    : encodeIntent({ startTs, op: INTENT_OP.DELETE, value: NO_BYTES });
}

function ttlOf(stated: bigint): bigint {
  if (stated === 0n) return DEFAULT_TTL_MS;
  return stated < MAX_TTL_MS ? stated : MAX_TTL_MS;
}
