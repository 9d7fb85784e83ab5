/** One pass over all pairs of a store: what the rows are, and where the bytes are. */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import { storeDigest, type StoreDigest } from '../kv/store-digest.js';
import type { KvView } from '../kv/kv-view.js';
import {
  APPLIED_INDEX_KEY,
  LAST_COMMIT_TS_KEY,
  MIN_RETAINED_TS_KEY,
  PENDING_MIN_RETAINED_TS_KEY,
  readMeta,
} from '../mvcc/meta-keys.js';
import { RowTally, type RowCounts } from '../snapshot/payload/row-tally.js';
import type { StoreMeta } from '../snapshot/payload/store-meta.js';
import { keyVersions, type KeyVersions } from './key-versions.js';
import { PrefixSizes, type PrefixSize } from './prefix-sizes.js';

export interface ScanOptions {
  /** Parts of a key that make a prefix; undefined: no breakdown. */
  readonly depth?: number | undefined;
  readonly digest: boolean;
  /** A user key whose versions are wanted. */
  readonly key?: Uint8Array | undefined;
  /** Count the rows; false where another pass has done it. */
  readonly count: boolean;
  readonly pace: Pace;
}

export interface StoreScan {
  readonly rows: RowCounts | undefined;
  readonly highestTs: bigint | undefined;
  readonly prefixes: readonly PrefixSize[] | undefined;
  readonly digest: StoreDigest | undefined;
  readonly key: KeyVersions | undefined;
  /** Where the scan broke off; what it had counted by then is not given. */
  readonly fault: Finding | undefined;
}

const NOTHING = {
  rows: undefined,
  highestTs: undefined,
  prefixes: undefined,
  digest: undefined,
  key: undefined,
  fault: undefined,
};
const PACE_BYTES = 1 << 18;

export async function scanStore(view: KvView, options: ScanOptions): Promise<StoreScan> {
  try {
    const counted = options.count || options.depth !== undefined ? await count(view, options) : {};
    const digest = options.digest ? await storeDigest(view, options.pace) : undefined;
    const key = options.key === undefined ? undefined : keyVersions(view, options.key);
    return { ...NOTHING, ...counted, digest, key };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { ...NOTHING, fault: findingOf(error) };
  }
}

async function count(view: KvView, options: ScanOptions): Promise<Partial<StoreScan>> {
  const { depth, pace } = options;
  const tally = new RowTally();
  const prefixes = depth === undefined ? undefined : new PrefixSizes(depth);
  const cursor = view.cursor();
  let bytes = 0;
  for (let more = cursor.first(); more; more = cursor.next()) {
    const { key, value } = cursor;
    tally.addPair(key, value);
    prefixes?.add(key, value);
    bytes += key.length + value.length;
    if (bytes < PACE_BYTES) continue;
    await pace.step(bytes);
    bytes = 0;
  }
  await pace.step(bytes);
  return { rows: tally.counts, highestTs: tally.highestTs, prefixes: prefixes?.list() };
}

/** The metadata numbers of a store; undefined where the key is absent or too short. */
export function readStoreMeta(view: KvView): StoreMeta {
  return {
    lastCommitTs: readMeta(view, LAST_COMMIT_TS_KEY) ?? undefined,
    minRetainedTs: readMeta(view, MIN_RETAINED_TS_KEY) ?? undefined,
    pendingMinRetainedTs: readMeta(view, PENDING_MIN_RETAINED_TS_KEY) ?? undefined,
    appliedIndex: readMeta(view, APPLIED_INDEX_KEY) ?? undefined,
  };
}
