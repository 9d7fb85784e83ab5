/** Every version of one user key in a store, the newest first (spec/mvcc-store.md §1, §2). */
import { toByteString } from '../bytes/byte-string.js';
import type { KvView } from '../kv/kv-view.js';
import { Fault } from '../mvcc/fault.js';
import {
  isVersionOf,
  MAX_TS_SUFFIX,
  suffixOf,
  tsOfSuffix,
  ZERO_TS_SUFFIX,
} from '../mvcc/version-key.js';
import { decodeVersionHeader, VALUE_HEADER_BYTES } from '../mvcc/version-value.js';
import { lockKey } from '../txn/keys.js';

export interface StoredVersion {
  readonly ts: bigint;
  readonly tombstone: boolean;
  readonly encrypted: boolean;
  /** 0: never. */
  readonly expireAt: bigint;
  /** Of the body as it is stored. */
  readonly bytes: number;
  /** Why the value header cannot be read; the other fields mean nothing then. */
  readonly fault: string | null;
}

export interface KeyVersions {
  readonly key: Uint8Array;
  readonly versions: readonly StoredVersion[];
  /** A transaction holds a lock on it. */
  readonly locked: boolean;
}

/** Unlike the node's own reads it does not give up where a longer key stands in between (§3). */
export function keyVersions(view: KvView, key: Uint8Array): KeyVersions {
  const userKey = toByteString(key);
  const versions = versionsOf(view, userKey);
  return { key, versions, locked: versionsOf(view, lockKey(userKey))[0]?.tombstone === false };
}

function versionsOf(view: KvView, userKey: string): StoredVersion[] {
  const last = userKey + ZERO_TS_SUFFIX;
  const found: StoredVersion[] = [];
  const cursor = view.cursor();
  for (let on = cursor.seek(userKey + MAX_TS_SUFFIX); on; on = cursor.next()) {
    const rawKey = toByteString(cursor.key);
    if (rawKey > last) break;
    if (isVersionOf(rawKey, userKey)) {
      found.push(storedVersion(tsOfSuffix(suffixOf(rawKey)), cursor.value));
    }
  }
  return found;
}

function storedVersion(ts: bigint, stored: Uint8Array): StoredVersion {
  const header = decodeVersionHeader(stored);
  if (header instanceof Fault) {
    const bytes = stored.length;
    return { ts, tombstone: false, encrypted: false, expireAt: 0n, bytes, fault: header.text };
  }
  return { ts, ...header, bytes: stored.length - VALUE_HEADER_BYTES, fault: null };
}
