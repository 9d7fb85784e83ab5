/**
 * The digest of a store (spec/output.md §5): SHA-256 over one line per raw key in key order, as
 * pair-lines.ts makes them.
 */
import { hex } from '../bytes/hex.js';
import type { Pace } from '../core/pace.js';
import { DigestThreadLost } from './digest-thread.js';
import type { KvView } from './kv-view.js';
import { PairDigest } from './pair-digest.js';

export interface StoreDigest {
  readonly keys: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Hex values of the metadata keys that exist. */
  readonly meta: Record<string, string>;
}

const META_KEYS = [
  '_meta_applied_index',
  '_meta_last_commit_ts',
  '_meta_min_retained_ts',
  '_meta_pending_min_retained_ts',
];
/** Input bytes between two turns of the event loop. */
const PACE_BYTES = 1 << 18;

export async function storeDigest(view: KvView, pace: Pace): Promise<StoreDigest> {
  let pairs: PairsDigest;
  try {
    pairs = await digestPairs(view, pace, true);
  } catch (error) {
    if (!(error instanceof DigestThreadLost)) throw error;
    pairs = await digestPairs(view, pace, false);
  }
  const meta: Record<string, string> = {};
  for (const name of META_KEYS) {
    const value = view.get(name);
    if (value !== undefined) meta[name] = hex(value);
  }
  return { ...pairs, meta };
}

type PairsDigest = Pick<StoreDigest, 'keys' | 'sha256'>;

async function digestPairs(view: KvView, pace: Pace, mayThread: boolean): Promise<PairsDigest> {
  const digest = new PairDigest(mayThread);
  try {
    const cursor = view.cursor();
    let keys = 0;
    let bytes = 0;
    for (let more = cursor.first(); more; more = cursor.next()) {
      const { key, value } = cursor;
      keys++;
      digest.add(key, value);
      bytes += key.length + value.length;
      if (bytes < PACE_BYTES) continue;
      await pace.step(bytes);
      await digest.keepPace();
      bytes = 0;
    }
    await pace.step(bytes);
    return { keys, sha256: await digest.finish() };
  } finally {
    digest.close();
  }
}
