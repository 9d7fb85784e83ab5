/** COMMIT and ABORT: what becomes of prepared keys (spec/fsm-apply.md §6). */
import type { ByteString } from '../bytes/byte-string.js';
import { copyOf } from '../bytes/copy.js';
import { Fault } from '../mvcc/fault.js';
import { suffixOfTs } from '../mvcc/version-key.js';
import type { VersionReader } from '../mvcc/version-reader.js';
import { commitKey, intentKey, lockKey, rollbackKey } from '../txn/keys.js';
import {
  decodeCommitRecord,
  decodeIntent,
  decodeLock,
  encodeCommitRecord,
  encodeRollbackRecord,
  INTENT_OP,
  type LockRecord,
} from '../txn/records.js';
import {
  alreadyAborted,
  alreadyCommitted,
  commitTsRequired,
  invalidRequest,
  primaryKeyRequired,
  txnInvalidMeta,
  txnLocked,
  unknownRequestType,
} from './answers.js';
import { faultOf } from './apply-raw.js';
import { uniqueMutations, type RequestContext, type TxnRequest } from './request-context.js';
import type { VersionWrite } from './version-writer.js';

export function applyCommit(context: RequestContext, txn: TxnRequest): Fault | null {
  const { reader } = context;
  const { meta, startTs } = txn;
  if (txn.mutations.length === 0) return invalidRequest('no mutations');
  if (meta.commitTs <= startTs) return commitTsRequired(meta.commitTs, startTs);
  if (meta.primary === '') return primaryKeyRequired();
  const baseline = commitBaseline(reader, txn);
  if (baseline instanceof Fault) return baseline;
  const keys = uniqueKeys(txn);
  if (keys instanceof Fault) return keys;

  const versions: VersionWrite[] = [];
  for (const key of keys) {
    const fault = commitKeyInto(versions, reader, txn, key);
    if (fault !== null) return fault;
  }
  if (keys.includes(meta.primary)) {
    const body = encodeCommitRecord({ commitTs: meta.commitTs });
    versions.push({ key: commitKey(meta.primary, startTs), body });
  }
  if (versions.length === 0) return null;
  return writeCommit(context, versions, keys, baseline, meta.commitTs);
}

/** Start timestamp of the conflict check, from the records of the primary. */
function commitBaseline(reader: VersionReader, { meta, startTs }: TxnRequest): bigint | Fault {
  const found = reader.readAtMax(commitKey(meta.primary, startTs));
  if (found instanceof Fault) return found;
  if (found !== null) {
    const record = decodeCommitRecord(found.body);
    if (record instanceof Fault) return record;
    if (record.commitTs === meta.commitTs) return meta.commitTs;
    return txnInvalidMeta(`committed at ${record.commitTs}, not at ${meta.commitTs}`);
  }
  const rollback = reader.readAtMax(rollbackKey(meta.primary, startTs));
  if (rollback === null) return startTs;
  return rollback instanceof Fault ? rollback : alreadyAborted();
}

function commitKeyInto(
  versions: VersionWrite[],
  reader: VersionReader,
  { meta, startTs }: TxnRequest,
  key: ByteString,
): Fault | null {
  const lock = readLock(reader, key);
  if (lock === null || lock instanceof Fault) return lock;
  if (lock.startTs !== startTs) return txnLocked(key);
  if (lock.primary !== meta.primary) return txnInvalidMeta('lock of another primary');
  const found = reader.readAtMax(intentKey(key));
  if (found instanceof Fault) return found;
  if (found !== null) {
    const intent = decodeIntent(found.body);
    if (intent instanceof Fault) return intent;
    if (intent.startTs !== startTs) return txnInvalidMeta('intent of another start timestamp');
    if (intent.op !== INTENT_OP.PUT && intent.op !== INTENT_OP.DELETE) {
      return unknownRequestType(`intent op ${intent.op}`);
    }
    versions.push({ key, body: intent.op === INTENT_OP.PUT ? copyOf(intent.value) : null });
  }
  pushResolved(versions, key);
  return null;
}

/** A conflict with versions at or above the commit itself is tried again above the commit. */
function writeCommit(
  { reader, writer, index }: RequestContext,
  versions: readonly VersionWrite[],
  keys: readonly ByteString[],
  baseline: bigint,
  commitTs: bigint,
): Fault | null {
  const write = { versions, readKeys: [], startTs: baseline, commitTs };
  const fault = faultOf(writer.write(write, index));
  if (fault?.code !== 'write-conflict') return fault;
  const commitSuffix = suffixOfTs(commitTs);
  const overtaken = keys.some((key) => {
    const latest = reader.latest(key);
    return latest !== null && latest <= commitSuffix;
  });
  return overtaken ? faultOf(writer.write({ ...write, startTs: commitTs }, index)) : fault;
}

export function applyAbort(context: RequestContext, txn: TxnRequest): Fault | null {
  const { reader, writer, index } = context;
  const { meta, startTs } = txn;
  if (meta.primary === '') return primaryKeyRequired();
  if (txn.mutations.length === 0) return invalidRequest('no mutations');
  if (meta.commitTs <= startTs) return commitTsRequired(meta.commitTs, startTs);
  const keys = uniqueKeys(txn);
  if (keys instanceof Fault) return keys;

  const versions: VersionWrite[] = [];
  for (const key of keys) {
    const lock = readLock(reader, key);
    if (lock instanceof Fault) return lock;
    if (lock === null || lock.startTs !== startTs) continue;
    if (lock.primary !== meta.primary) return txnInvalidMeta('lock of another primary');
    pushResolved(versions, key);
  }
  if (keys.includes(meta.primary)) {
    const fault = rollbackInto(versions, reader, txn);
    if (fault !== null) return fault;
  }
  if (versions.length === 0) return null;
  const write = { versions, readKeys: [], startTs, commitTs: meta.commitTs };
  return faultOf(writer.write(write, index));
}

/** Of both records only the existence counts; a row that cannot be read is that error. */
function rollbackInto(
  versions: VersionWrite[],
  reader: VersionReader,
  { meta, startTs }: TxnRequest,
): Fault | null {
  const key = rollbackKey(meta.primary, startTs);
  const rollback = reader.readAtMax(key);
  if (rollback instanceof Fault) return rollback;
  const commit = reader.readAtMax(commitKey(meta.primary, startTs));
  if (commit instanceof Fault) return commit;
  if (commit !== null) return alreadyCommitted();
  if (rollback === null) versions.push({ key, body: encodeRollbackRecord() });
  return null;
}

function readLock(reader: VersionReader, key: ByteString): LockRecord | Fault | null {
  const found = reader.readAtMax(lockKey(key));
  return found === null || found instanceof Fault ? found : decodeLock(found.body);
}

function pushResolved(versions: VersionWrite[], key: ByteString): void {
  versions.push({ key: lockKey(key), body: null }, { key: intentKey(key), body: null });
}

function uniqueKeys(txn: TxnRequest): ByteString[] | Fault {
  const mutations = uniqueMutations(txn.mutations);
  return mutations instanceof Fault ? mutations : mutations.map(({ key }) => key);
}
