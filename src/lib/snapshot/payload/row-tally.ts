/**
 * Counts the raw pairs of a store by what they are (spec/mvcc-store.md §1, §2). A raw key of 8 bytes
 * or more that is not operational is a version: user key, then the inverted commit timestamp u64 BE.
 */
import { toByteString } from '../../bytes/byte-string.js';
import { u32be } from '../../bytes/read.js';
import { isMetaKey, isRegistryKey } from '../../mvcc/meta-keys.js';
import { equalUserKeys, keepKey, type KeptKey } from './kept-key.js';

export interface RowCounts {
  /** All raw pairs. */
  pairs: number;
  /** The four metadata keys that are there. */
  meta: number;
  /** Writer registry rows. */
  writers: number;
  /** Raw keys shorter than 8 bytes: no timestamp. */
  short: number;
  versions: number;
  /** Groups of adjacent versions of one user key: a key whose versions interleave counts again. */
  userKeys: number;
  tombstones: number;
  /** Versions whose value is marked encrypted. */
  encrypted: number;
  /** Versions whose value header is shorter than 9 bytes or uses a reserved bit or state. */
  unreadable: number;
  /** Keys under `!txn|lock|` whose newest version is not a tombstone. */
  locks: number;
  keyBytes: number;
  valueBytes: number;
}

export function noRows(): RowCounts {
  return {
    pairs: 0,
    meta: 0,
    writers: 0,
    short: 0,
    versions: 0,
    userKeys: 0,
    tombstones: 0,
    encrypted: 0,
    unreadable: 0,
    locks: 0,
    keyBytes: 0,
    valueBytes: 0,
  };
}

const TIMESTAMP_BYTES = 8;
const VALUE_HEADER_BYTES = 9;
const LOCK_PREFIX = Buffer.from('!txn|lock|', 'latin1');
const AUXILIARY_PREFIX = Buffer.from('!s3|chunkblob|', 'latin1');
const UNDERSCORE = 0x5f;
/** Longest and shortest name among the metadata keys. */
const META_MAX = 29;
const META_MIN = 19;
const WRITER_BYTES = 27;

export function startsWith(key: Uint8Array, length: number, prefix: Uint8Array): boolean {
  if (length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (key[i] !== prefix[i]) return false;
  return true;
}

export class RowTally {
  readonly counts: RowCounts = noRows();
  /** The highest timestamp as two halves, of versions that opening a store would count (§4). */
  private highHigh = 0;
  private highLow = 0;
  private previous: KeptKey | undefined;
  private spare: KeptKey | undefined;
  private readonly meta = new Map<string, Uint8Array>();

  /** The highest commit timestamp of all versions but auxiliary ones; 0 when there are none. */
  get highestTs(): bigint {
    return (BigInt(this.highHigh) << 32n) | BigInt(this.highLow);
  }

  /** The value of a metadata key: its first 8 bytes, or less. The last one seen. */
  metaHead(key: string): Uint8Array | undefined {
    return this.meta.get(key);
  }

  /**
   * @param key     borrowed; its first `length` bytes are the raw key
   * @param sameUserKey  whether the pair before had the same user key
   * @param bytes   borrowed: at `pos` the first bytes of the value, at least 9 if it has so many
   * @param valueLength  of the whole value
   */
  add(
    key: Uint8Array,
    length: number,
    sameUserKey: boolean,
    bytes: Uint8Array,
    pos: number,
    valueLength: number,
  ): void {
    const counts = this.counts;
    counts.pairs++;
    counts.keyBytes += length;
    counts.valueBytes += valueLength;
    if (key[0] === UNDERSCORE && length >= META_MIN && length <= META_MAX) {
      const name = toByteString(key.subarray(0, length));
      if (isMetaKey(name)) {
        counts.meta++;
        const end = pos + Math.min(valueLength, TIMESTAMP_BYTES);
        this.meta.set(name, new Uint8Array(bytes.subarray(pos, end)));
        return;
      }
    }
    if (length === WRITER_BYTES && isRegistryKey(toByteString(key.subarray(0, length)))) {
      counts.writers++;
    } else if (length < TIMESTAMP_BYTES) counts.short++;
    else this.version(key, length, sameUserKey, bytes[pos] ?? 0, valueLength);
  }

  /** The next pair of an ordered view. */
  addPair(key: Uint8Array, value: Uint8Array): void {
    const kept = keepKey(this.spare, key, 0, key.length);
    const same = this.previous !== undefined && equalUserKeys(this.previous.view, kept.view);
    this.add(kept.view, key.length, same, value, 0, value.length);
    this.spare = this.previous;
    this.previous = kept;
  }

  private version(
    key: Uint8Array,
    length: number,
    same: boolean,
    firstByte: number,
    valueLength: number,
  ): void {
    const counts = this.counts;
    const flags = valueLength === 0 ? 0 : firstByte;
    counts.versions++;
    if (!same) counts.userKeys++;
    if (valueLength < VALUE_HEADER_BYTES || flags > 7 || (flags & 4) !== 0) counts.unreadable++;
    else if ((flags & 1) !== 0) counts.tombstones++;
    else if ((flags & 2) !== 0) counts.encrypted++;
    if (!same && (flags & 1) === 0 && startsWith(key, length - 8, LOCK_PREFIX)) counts.locks++;
    this.raise(key, length, ~u32be(key, length - 8) >>> 0, ~u32be(key, length - 4) >>> 0);
  }

  /** A version as `EKVMVCC2` has it. `value` is the length of its body. */
  addVersion(
    userKey: Uint8Array,
    first: boolean,
    tombstone: boolean,
    ts: bigint,
    value: number,
  ): void {
    const counts = this.counts;
    counts.pairs++;
    counts.versions++;
    if (first) counts.userKeys++;
    counts.keyBytes += userKey.length + TIMESTAMP_BYTES;
    counts.valueBytes += value + VALUE_HEADER_BYTES;
    if (tombstone) counts.tombstones++;
    const length = userKey.length + TIMESTAMP_BYTES;
    this.raise(userKey, length, Number(ts >> 32n), Number(ts & 0xffff_ffffn));
  }

  /** A user key whose newest version is no tombstone. */
  addLiveKey(userKey: Uint8Array): void {
    if (startsWith(userKey, userKey.length, LOCK_PREFIX)) this.counts.locks++;
  }

  private raise(key: Uint8Array, length: number, high: number, low: number): void {
    if (high < this.highHigh || (high === this.highHigh && low <= this.highLow)) return;
    // The prefix is one of the user key, so the timestamp's bytes must not complete it.
    if (startsWith(key, length - TIMESTAMP_BYTES, AUXILIARY_PREFIX)) return;
    this.highHigh = high;
    this.highLow = low;
  }
}
