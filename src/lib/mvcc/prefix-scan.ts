/**
 * The scan behind DEL_PREFIX (spec/mvcc-store.md §3). It takes some keys for gone and passes others
 * by, differently in builds A and B; both are reproduced as they are, because what a node leaves
 * behind stays in its store.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { OverlayCursor } from '../kv/overlay.js';
import { Fault } from './fault.js';
import { isMetaKey, isMetaOrRegistryKey } from './meta-keys.js';
import {
  isVersionOf,
  MAX_TS_SUFFIX,
  SUFFIX_BYTES,
  suffixOf,
  suffixOfTs,
  userKeyOf,
  ZERO_TS_SUFFIX,
} from './version-key.js';
import type { VersionReader } from './version-reader.js';

const SKIPPED_PREFIX = '!txn|';

/** What the builds do differently in this scan. */
export interface PrefixScanRules {
  /** Raw keys that step 1 steps over. */
  readonly isOperational: (rawKey: ByteString) => boolean;
  /** Step 5: moves the cursor from `userKey` on. */
  readonly leaveKey: (cursor: OverlayCursor, userKey: ByteString) => void;
}

/** A seeks behind the key's last place, which also passes by keys lying between its versions. */
export const SEEKING_SCAN: PrefixScanRules = {
  isOperational: isMetaKey,
  leaveKey(cursor, userKey) {
    cursor.seek(userKey + ZERO_TS_SUFFIX);
    if (cursor.valid && isVersionOf(cursor.keyString, userKey)) cursor.next();
  },
};

/** B steps once from wherever the cursor stands, looked at or not, and on over the key's versions. */
export const STEPPING_SCAN: PrefixScanRules = {
  isOperational: isMetaOrRegistryKey,
  leaveKey(cursor, userKey) {
    if (cursor.valid) cursor.next();
    while (cursor.valid && isPassedOver(cursor.keyString, userKey)) cursor.next();
  },
};

function isPassedOver(rawKey: ByteString, userKey: ByteString): boolean {
  return rawKey.length < SUFFIX_BYTES || isMetaKey(rawKey) || isVersionOf(rawKey, userKey);
}

/**
 * @returns the user keys that get a tombstone at `ts`, in the order of the scan; a key may come
 *   twice. Or the fault of a row that could not be read: the request writes nothing then.
 */
export function scanPrefix(
  reader: VersionReader,
  rules: PrefixScanRules,
  prefix: ByteString,
  ts: bigint,
): ByteString[] | Fault {
  const suffix = suffixOfTs(ts);
  const cursor = reader.store.cursor();
  const doomed: ByteString[] = [];
  cursor.seek(prefix + MAX_TS_SUFFIX);
  while (cursor.valid) {
    const rawKey = cursor.keyString;
    if (rawKey.length < SUFFIX_BYTES || rules.isOperational(rawKey)) {
      cursor.next();
      continue;
    }
    const userKey = userKeyOf(rawKey);
    if (!userKey.startsWith(prefix)) break;
    if (!userKey.startsWith(SKIPPED_PREFIX)) {
      if (suffixOf(rawKey) < suffix) cursor.seek(userKey + suffix);
      const live = isLiveUnder(reader, cursor, userKey, ts);
      if (live instanceof Fault) return live;
      if (live) doomed.push(userKey);
    }
    rules.leaveKey(cursor, userKey);
  }
  return doomed;
}

/** Whether the cursor stands on a version of `userKey` that is live at `ts`. */
function isLiveUnder(
  reader: VersionReader,
  cursor: OverlayCursor,
  userKey: ByteString,
  ts: bigint,
): boolean | Fault {
  if (!cursor.valid) return false;
  const rawKey = cursor.keyString;
  if (!isVersionOf(rawKey, userKey)) return false;
  const body = reader.openStored(rawKey, cursor.value, ts);
  return body instanceof Fault ? body : body !== null;
}
