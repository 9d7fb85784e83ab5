/**
 * Reading versions the way the node does, blind spot included (spec/mvcc-store.md §3): a read or
 * `latest` seeks once and gives up at the first foreign raw key, so a key that is a proper prefix of
 * another stored key is usually not found. A replay must overlook exactly what the node overlooks.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { OverlayStore } from '../kv/overlay.js';
import { Fault } from './fault.js';
import { readRetentionMark } from './meta-keys.js';
import type { ValueCipher } from './value-cipher.js';
import { isVersionOf, MAX_TS_SUFFIX, suffixOf, suffixOfTs, tsOfSuffix } from './version-key.js';
import { decodeVersionHeader, VALUE_HEADER_BYTES } from './version-value.js';

const MAX_TS = 0xffff_ffff_ffff_ffffn;
/** An envelope without ciphertext: a clear body below this cannot be a relabelled one. */
const MIN_ENVELOPE_BYTES = 34;

export interface FoundVersion {
  readonly ts: bigint;
  /** Clear. Borrowed until the next look at the store. */
  readonly body: Uint8Array;
}

export class VersionReader {
  readonly store: OverlayStore;
  readonly cipher: ValueCipher | null;

  constructor(store: OverlayStore, cipher: ValueCipher | null) {
    this.store = store;
    this.cipher = cipher;
  }

  /** @returns the version seen by a read of `key` at `ts`; null where the node finds nothing */
  readAt(key: ByteString, ts: bigint): FoundVersion | Fault | null {
    if (ts !== 0n && ts !== MAX_TS) {
      const mark = readRetentionMark(this.store);
      if (ts < mark) {
        const text = `read at ${ts} lies below the retention mark ${mark}`;
        return new Fault('read-ts-compacted', ['ErrReadTSCompacted'], text);
      }
    }
    return this.readFrom(key, suffixOfTs(ts), ts);
  }

  /** The newest version, unless the blind spot hides it; one with any expiry counts as expired. */
  readAtMax(key: ByteString): FoundVersion | Fault | null {
    return this.readFrom(key, MAX_TS_SUFFIX, MAX_TS);
  }

  /** Suffix of the newest version (tombstones and expired ones count); null where none is seen. */
  latest(key: ByteString): ByteString | null {
    if (!this.store.mayHoldVersionsOf(key)) return null;
    const rawKey = this.store.seekKey(key + MAX_TS_SUFFIX);
    return rawKey !== null && isVersionOf(rawKey, key) ? suffixOf(rawKey) : null;
  }

  /** Whether the very raw key exists; nothing else is looked at. */
  hasExactly(key: ByteString, suffix: ByteString): boolean {
    const rawKey = key + suffix;
    return this.store.mayHold(rawKey) && this.store.get(rawKey) !== undefined;
  }

  /**
   * Decodes a stored value and, encrypted or relabelled, judges its integrity.
   *
   * @returns the clear body; null for a tombstone or a version expired at `ts`
   */
  openStored(rawKey: ByteString, stored: Uint8Array, ts: bigint): Uint8Array | Fault | null {
    const header = decodeVersionHeader(stored);
    if (header instanceof Fault) return header;
    const body = header.encrypted ? this.decrypt(rawKey, stored) : this.clearBody(rawKey, stored);
    if (body instanceof Fault) return body;
    const gone = header.tombstone || (header.expireAt !== 0n && header.expireAt <= ts);
    return gone ? null : body;
  }

  private readFrom(key: ByteString, suffix: ByteString, ts: bigint): FoundVersion | Fault | null {
    if (!this.store.mayHoldVersionsOf(key)) return null;
    const rawKey = this.store.seekKey(key + suffix);
    if (rawKey === null || !isVersionOf(rawKey, key)) return null;
    const stored = this.store.get(rawKey);
    if (stored === undefined) return null;
    const body = this.openStored(rawKey, stored, ts);
    if (body === null || body instanceof Fault) return body;
    return { ts: tsOfSuffix(suffixOf(rawKey)), body };
  }

  private decrypt(rawKey: ByteString, stored: Uint8Array): Uint8Array | Fault {
    if (this.cipher !== null) return this.cipher.openValue(rawKey, stored);
    return new Fault('value-no-cipher', [], 'encrypted row, and no cipher to read it with');
  }

  private clearBody(rawKey: ByteString, stored: Uint8Array): Uint8Array | Fault {
    const body = stored.subarray(VALUE_HEADER_BYTES);
    if (
      this.cipher !== null &&
      body.length >= MIN_ENVELOPE_BYTES &&
      this.cipher.isRelabelled(rawKey, stored)
    ) {
      const text = 'row marked clear verifies as an encrypted one';
      return new Fault('value-relabelled', ['ErrEncryptedReadIntegrity'], text);
    }
    return body;
  }
}
