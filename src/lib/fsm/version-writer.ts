/**
 * The write operation that all requests end in (spec/fsm-apply.md §5, "Write"): landed check,
 * conflict check, then one atomic batch of versions and the two metadata keys. A request that fails
 * writes nothing.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { ByteArena } from '../kv/byte-arena.js';
import { WriteBatch, type OverlayStore } from '../kv/overlay.js';
import { Fault } from '../mvcc/fault.js';
import {
  APPLIED_INDEX_KEY,
  encodeMetaValue,
  LAST_COMMIT_TS_KEY,
  readMeta,
} from '../mvcc/meta-keys.js';
import { suffixOfTs } from '../mvcc/version-key.js';
import type { VersionReader } from '../mvcc/version-reader.js';
import { encodeClearValue, TOMBSTONE } from '../mvcc/version-value.js';
import { valueTooLarge, writeConflict } from './answers.js';
import type { Build } from './build.js';

const MAX_VALUE_BYTES = 268_435_456;

/** One version to be written: a put of `body`, or a tombstone where it is null. */
export interface VersionWrite {
  readonly key: ByteString;
  readonly body: Uint8Array | null;
}

export interface Write {
  readonly versions: readonly VersionWrite[];
  readonly readKeys: readonly ByteString[];
  readonly startTs: bigint;
  readonly commitTs: bigint;
}

/** `landed`: recognised as done before, no data was written. */
export type WriteOutcome = 'written' | 'landed' | Fault;

export class VersionWriter {
  private readonly build: Build;
  private readonly reader: VersionReader;
  private readonly store: OverlayStore;
  private readonly arena = new ByteArena();
  private lastCommit: bigint | null = null;

  constructor(build: Build, reader: VersionReader) {
    this.build = build;
    this.reader = reader;
    this.store = reader.store;
  }

  /** `_meta_last_commit_ts`, 0 while absent. */
  get lastCommitTs(): bigint {
    this.lastCommit ??= readMeta(this.store, LAST_COMMIT_TS_KEY) ?? 0n;
    return this.lastCommit;
  }

  /** To be called when somebody else has written `_meta_last_commit_ts`. */
  forget(): void {
    this.lastCommit = null;
  }

  /** @param index  of the entry; null leaves `_meta_applied_index` alone */
  write(write: Write, index: bigint | null): WriteOutcome {
    const suffix = suffixOfTs(write.commitTs);
    if (this.build.recognisesLanded && this.hasLanded(write.versions, suffix)) {
      this.writeLandedMeta(write.commitTs, index);
      return 'landed';
    }
    const conflict = this.conflictOf(write);
    if (conflict !== null) return writeConflict(conflict);
    return this.writeBatch(write.versions, suffix, write.commitTs, index);
  }

  /** Versions and metadata in one batch, without any check. */
  writeUnchecked(
    versions: readonly VersionWrite[],
    commitTs: bigint,
    index: bigint | null,
  ): WriteOutcome {
    return this.writeBatch(versions, suffixOfTs(commitTs), commitTs, index);
  }

  private hasLanded(versions: readonly VersionWrite[], suffix: ByteString): boolean {
    if (versions.length === 0) return false;
    return versions.every(({ key }) => this.reader.hasExactly(key, suffix));
  }

  private conflictOf({ versions, readKeys, startTs }: Write): ByteString | null {
    if (this.build.skipsIdleConflictCheck && this.lastCommitTs <= startTs) return null;
    const startSuffix = suffixOfTs(startTs);
    const keys = versions.map(({ key }) => key);
    const { store } = this;
    if (!store.mayHoldLater(keys, startSuffix) && !store.mayHoldLater(readKeys, startSuffix)) {
      return null;
    }
    return (
      this.build.firstConflict(this.reader, keys, startSuffix) ??
      this.build.firstConflict(this.reader, readKeys, startSuffix)
    );
  }

  private writeBatch(
    versions: readonly VersionWrite[],
    suffix: ByteString,
    commitTs: bigint,
    index: bigint | null,
  ): WriteOutcome {
    const batch = new WriteBatch();
    for (const { key, body } of versions) {
      const rawKey = key + suffix;
      const stored = body === null ? TOMBSTONE : this.storedValue(rawKey, body);
      if (stored instanceof Fault) return stored;
      batch.put(rawKey, stored);
    }
    this.putMeta(batch, commitTs, index);
    this.store.apply(batch);
    return 'written';
  }

  private storedValue(rawKey: ByteString, body: Uint8Array): Uint8Array | Fault {
    if (body.length > MAX_VALUE_BYTES) return valueTooLarge(body.length);
    return this.reader.cipher?.sealValue(rawKey, body) ?? encodeClearValue(this.arena, body);
  }

  /** The applied index is set even if it is lower than the stored one. */
  private putMeta(batch: WriteBatch, commitTs: bigint, index: bigint | null): void {
    if (commitTs > this.lastCommitTs) this.lastCommit = commitTs;
    batch.put(LAST_COMMIT_TS_KEY, encodeMetaValue(this.lastCommitTs));
    if (index !== null) batch.put(APPLIED_INDEX_KEY, encodeMetaValue(index));
  }

  /** A landed write raises the metadata only, and both keys at once where the index rises. */
  private writeLandedMeta(commitTs: bigint, index: bigint | null): void {
    const applied = readMeta(this.store, APPLIED_INDEX_KEY);
    const rises = index !== null && (applied === null || applied < index);
    if (!rises && commitTs <= this.lastCommitTs) return;
    const batch = new WriteBatch();
    this.putMeta(batch, commitTs, rises ? index : null);
    this.store.apply(batch);
  }
}
