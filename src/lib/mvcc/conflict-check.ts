/**
 * The conflict check: which of many keys has a version later than the start. Build A looks each up;
 * build B walks (spec/mvcc-store.md §3, shared cursor): keys in byte order, one cursor that steps a
 * little before it seeks. That differs from plain `latest` only where raw keys of a proper prefix of
 * k lie between k's first place and k's versions, and there the difference decides a conflict, so
 * the walk is reproduced step by step.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { OverlayCursor } from '../kv/overlay.js';
import { isVersionOf, MAX_TS_SUFFIX, suffixOf, userKeyOf } from './version-key.js';
import type { VersionReader } from './version-reader.js';

const STEPS = 64;
const STEPS_OF_LONG_LISTS = 16;
const LONG_LIST = 1024;

/**
 * Finds the first of `keys`, in list order, whose newest version is later than `startSuffix`.
 *
 * @param keys  mutated keys or read keys of one write, duplicates included
 */
export function firstConflictShared(
  reader: VersionReader,
  keys: readonly ByteString[],
  startSuffix: ByteString,
): ByteString | null {
  const only = keys[0];
  if (only === undefined) return null;
  if (keys.length === 1) return isLater(reader.latest(only), startSuffix) ? only : null;
  const walk = new LatestWalk(reader, keys.length);
  const conflicting = new Set<ByteString>();
  for (const key of [...new Set(keys)].sort(inByteOrder)) {
    if (isLater(walk.latest(key), startSuffix)) conflicting.add(key);
  }
  return conflicting.size === 0 ? null : (keys.find((key) => conflicting.has(key)) ?? null);
}

/** A's way: plain `latest` of one key after the other. */
export function firstConflictEach(
  reader: VersionReader,
  keys: readonly ByteString[],
  startSuffix: ByteString,
): ByteString | null {
  return keys.find((key) => isLater(reader.latest(key), startSuffix)) ?? null;
}

/** Whether a version exists and is later than the timestamp of `suffix`: inverted, so smaller. */
export function isLater(found: ByteString | null, suffix: ByteString): boolean {
  return found !== null && found < suffix;
}

export function inByteOrder(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class LatestWalk {
  private readonly reader: VersionReader;
  private readonly cursor: OverlayCursor;
  private readonly steps: number;
  private standing = false;

  constructor(reader: VersionReader, listLength: number) {
    this.reader = reader;
    this.cursor = reader.store.cursor();
    this.steps = listLength >= LONG_LIST ? STEPS_OF_LONG_LISTS : STEPS;
  }

  /** Newest version of `key`; keys come in ascending order. */
  latest(key: ByteString): ByteString | null {
    if (this.standing) {
      for (let step = 0; step < this.steps; step++) {
        const rawKey = this.cursor.keyString;
        const userKey = userKeyOf(rawKey);
        if (userKey === key) return suffixOf(rawKey);
        if (userKey > key) break;
        this.standing = this.cursor.next();
        if (!this.standing) return null;
      }
    }
    return this.seek(key);
  }

  private seek(key: ByteString): ByteString | null {
    const target = key + MAX_TS_SUFFIX;
    const rawKey = this.reader.store.seekKey(target);
    // The node's cursor is bounded by the end of the keys that start with k: where none of them
    // follows it stands nowhere, and the walking cursor need not move at all.
    if (rawKey === null || !rawKey.startsWith(key)) {
      this.standing = false;
      return null;
    }
    this.standing = this.cursor.seek(target);
    return isVersionOf(rawKey, key) ? suffixOf(rawKey) : null;
  }
}
