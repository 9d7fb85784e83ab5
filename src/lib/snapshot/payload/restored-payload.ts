import type { ByteString } from '../../bytes/byte-string.js';
import type { Pace } from '../../core/pace.js';
import type { KvView } from '../../kv/kv-view.js';
import { OverrideView } from '../view/override-view.js';
import type { RowCounts, RowTally } from './row-tally.js';
import {
  decodeMetaValue,
  encodeMetaValue,
  META_APPLIED_INDEX,
  META_LAST_COMMIT_TS,
  META_MIN_RETAINED_TS,
  META_PENDING_MIN_RETAINED_TS,
  type StoreMeta,
} from './store-meta.js';
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
  lastCommitTs: META_LAST_COMMIT_TS,
  minRetainedTs: META_MIN_RETAINED_TS,
  pendingMinRetainedTs: META_PENDING_MIN_RETAINED_TS,
  appliedIndex: META_APPLIED_INDEX,
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

/** The metadata among the pairs of a stream. */
export function metaOf(tally: RowTally): StoreMeta {
  return {
    lastCommitTs: decodeMetaValue(tally.metaHead(META_LAST_COMMIT_TS)),
    minRetainedTs: decodeMetaValue(tally.metaHead(META_MIN_RETAINED_TS)),
    pendingMinRetainedTs: decodeMetaValue(tally.metaHead(META_PENDING_MIN_RETAINED_TS)),
    appliedIndex: decodeMetaValue(tally.metaHead(META_APPLIED_INDEX)),
  };
}
