/**
 * The checks of the keys that a raw or one-phase request writes (spec/fsm-apply.md §5, §6): keys that
 * may not be written, and locks. A lock counts whoever owns it and even if expired. The builds
 * differ in the order, and the order decides which error the request is answered with.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { copyOf } from '../bytes/copy.js';
import { Fault } from '../mvcc/fault.js';
import { inByteOrder } from '../mvcc/conflict-check.js';
import type { FoundVersion, VersionReader } from '../mvcc/version-reader.js';
import { LOCK_PREFIX, lockKey } from '../txn/keys.js';
import { decodeLock } from '../txn/records.js';
import { invalidRequest, txnLocked } from './answers.js';
import type { NoteSink } from './note.js';

/**
 * @param keys     in mutation order, duplicates as they come
 * @param refused  why a key may not be written at all, or null
 */
export type KeyCheck = (
  reader: VersionReader,
  keys: readonly ByteString[],
  refused: (key: ByteString) => string | null,
  note: NoteSink,
) => Fault | null;

/** A: key by key, refusal and lock. */
export const checkKeyByKey: KeyCheck = (reader, keys, refused) => {
  for (const key of keys) {
    const why = refused(key);
    if (why !== null) return invalidRequest(why);
    const lock = readLock(reader, key);
    if (lock === null) continue;
    return lock instanceof Fault ? lock : answerOfLock(key, lock.body);
  }
  return null;
};

/**
 * B: all refusals; then all lock rows are read, in byte order, and one that cannot be read wins; then
 * what was found is decoded. The node does that in no fixed order and answers for the first in
 * mutation order, which matters only where another record's length field kills the process.
 */
export const checkKeysThenLocks: KeyCheck = (reader, keys, refused, note) => {
  for (const key of keys) {
    const why = refused(key);
    if (why !== null) return invalidRequest(why);
  }
  const locks = new Map<ByteString, Uint8Array>();
  const ordered = keys.length > 1 ? [...new Set(keys)].sort(inByteOrder) : keys;
  for (const key of ordered) {
    const lock = readLock(reader, key);
    if (lock instanceof Fault) return lock;
    if (lock !== null) locks.set(key, copyOf(lock.body));
  }
  return locks.size === 0 ? null : answerOfFirst(keys, locks, note);
};

function readLock(reader: VersionReader, key: ByteString): FoundVersion | Fault | null {
  const lock = lockKey(key);
  if (!reader.store.mayHoldVersionsOf(lock)) return null;
  // Where there are no locks at all the store remembers the whole gap, and need not look again.
  reader.store.seekKey(LOCK_PREFIX);
  return reader.readAtMax(lock);
}

function answerOfFirst(
  keys: readonly ByteString[],
  locks: ReadonlyMap<ByteString, Uint8Array>,
  note: NoteSink,
): Fault | null {
  let answer: Fault | null = null;
  for (const key of new Set(keys)) {
    const record = locks.get(key);
    if (record === undefined) continue;
    const fault = answerOfLock(key, record);
    if (answer === null) {
      answer = fault;
      if (fault.panic) break;
    } else if (fault.panic) {
      note('lock-order-race', `${fault.text}; behind another lock of the request`);
    }
  }
  return answer;
}

function answerOfLock(key: ByteString, record: Uint8Array): Fault {
  const lock = decodeLock(record);
  return lock instanceof Fault ? lock : txnLocked(key);
}
