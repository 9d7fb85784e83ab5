import type { ByteString } from '../../bytes/byte-string.js';
import type { Pace } from '../../core/pace.js';
import { KeyFilter } from '../../kv/key-filter.js';
import type { KvView } from '../../kv/kv-view.js';
import {
  APPLIED_INDEX_KEY,
  decodeMetaValue,
  encodeMetaValue,
  LAST_COMMIT_TS_KEY,
  META_KEYS,
  MIN_RETAINED_TS_KEY,
  PENDING_MIN_RETAINED_TS_KEY,
} from '../../mvcc/meta-keys.js';
import { OverrideView } from '../view/override-view.js';
import type { RowCounts, RowTally } from './row-tally.js';
import type { StoreMeta } from './store-meta.js';
import type { StorePayloadKind } from './store-magic.js';

/** A store payload that was read to its end. The view reads from the source: keep that open. */
export interface RestoredPayload {
  readonly kind: StorePayloadKind;
  /** The metadata of the store after the restore, before any opening raises it. */
  readonly meta: StoreMeta;
  /** Counted in the same pass; undefined for a bundle unless counting was asked for. */
  readonly rows: RowCounts | undefined;
  /** The highest version timestamp, auxiliary keys left out; undefined as `rows`. */
  readonly highestTs: bigint | undefined;
  /** Offset of the first pair that is not above the one before it, where there is one. */
  readonly unorderedOffset: number | undefined;
  /** What `fsm.db` holds after a restore; undefined when no view was asked for. */
  readonly view: KvView | undefined;
  /** Knows every raw key of the view; undefined where its keys were not all walked. */
  readonly filter: KeyFilter | undefined;
}

export interface StorePayloadOptions {
  readonly pace: Pace;
  /** Index keys for a view. */
  readonly view: boolean;
  /** Read the tables of a bundle for `rows`; streams are counted anyway. */
  readonly count: boolean;
  readonly chunkBytes?: number | undefined;
}

export const NO_META: StoreMeta = {
  lastCommitTs: undefined,
  minRetainedTs: undefined,
  pendingMinRetainedTs: undefined,
  appliedIndex: undefined,
};

const META_NAME: Readonly<Record<keyof StoreMeta, ByteString>> = {
  lastCommitTs: LAST_COMMIT_TS_KEY,
  minRetainedTs: MIN_RETAINED_TS_KEY,
  pendingMinRetainedTs: PENDING_MIN_RETAINED_TS_KEY,
  appliedIndex: APPLIED_INDEX_KEY,
};

/** `base` with the named numbers of `meta` written over it. */
export function withMeta(
  base: KvView,
  meta: StoreMeta,
  written: readonly (keyof StoreMeta)[],
): KvView {
  const values = new Map<ByteString, Uint8Array>();
  for (const field of written) {
    const value = meta[field];
    if (value !== undefined) values.set(META_NAME[field], encodeMetaValue(value));
  }
  return new OverrideView(base, values);
}

/**
 * A filter for the keys of a walk, with those that `withMeta` may put in.
 * @param bytes  of all keys and values, at most
 */
export function filterOfWalk(bytes: number): KeyFilter {
  const filter = new KeyFilter(bytes);
  for (const key of META_KEYS) filter.add(key);
  return filter;
}

/** The metadata among the pairs of a stream. */
export function metaOf(tally: RowTally): StoreMeta {
  return {
    lastCommitTs: decodeMetaValue(tally.metaHead(LAST_COMMIT_TS_KEY)) ?? undefined,
    minRetainedTs: decodeMetaValue(tally.metaHead(MIN_RETAINED_TS_KEY)) ?? undefined,
    pendingMinRetainedTs: decodeMetaValue(tally.metaHead(PENDING_MIN_RETAINED_TS_KEY)) ?? undefined,
    appliedIndex: decodeMetaValue(tally.metaHead(APPLIED_INDEX_KEY)) ?? undefined,
  };
}
