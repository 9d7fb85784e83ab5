/**
 * Keys of the transaction records (spec/fsm-apply.md §4). They are ordinary user keys of the store:
 *
 *   !txn|lock| key                    !txn|int| key
 *   !txn|cmt| primary startTS u64 BE  !txn|rb| primary startTS u64 BE
 *   !txn|meta| …                      in requests only, never stored
 *
 * Any other key that starts `!txn|` is a user key everywhere except in DEL_PREFIX.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { plainTsBytes } from '../mvcc/version-key.js';

export const LOCK_PREFIX: ByteString = '!txn|lock|';
const INTENT_PREFIX: ByteString = '!txn|int|';
const COMMIT_PREFIX: ByteString = '!txn|cmt|';
const ROLLBACK_PREFIX: ByteString = '!txn|rb|';
export const META_RECORD_PREFIX: ByteString = '!txn|meta|';

const INTERNAL_PREFIXES = [
  LOCK_PREFIX,
  INTENT_PREFIX,
  COMMIT_PREFIX,
  ROLLBACK_PREFIX,
  META_RECORD_PREFIX,
];

export function lockKey(key: ByteString): ByteString {
  return LOCK_PREFIX + key;
}

export function intentKey(key: ByteString): ByteString {
  return INTENT_PREFIX + key;
}

export function commitKey(primary: ByteString, startTs: bigint): ByteString {
  return COMMIT_PREFIX + primary + plainTsBytes(startTs);
}

export function rollbackKey(primary: ByteString, startTs: bigint): ByteString {
  return ROLLBACK_PREFIX + primary + plainTsBytes(startTs);
}

export function isInternalKey(key: ByteString): boolean {
  return key.startsWith('!txn|') && INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix));
}
