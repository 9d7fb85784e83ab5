/**
 * What build B does on opening (spec/mvcc-store.md §4): a full scan for the highest timestamp of
 * all versions, by which a stale `_meta_last_commit_ts` is raised. Auxiliary keys are left out.
 */
import { byteStringOf } from '../bytes/byte-string.js';
import { u32be } from '../bytes/read.js';
import type { Pace } from '../core/pace.js';
import type { KeyWalk, KvCursor, KvView } from '../kv/kv-view.js';
import type { OverlayStore } from '../kv/overlay.js';
import { encodeMetaValue, isMetaOrRegistryKey, LAST_COMMIT_TS_KEY, readMeta } from './meta-keys.js';
import { SUFFIX_BYTES, userKeyOf } from './version-key.js';

const AUXILIARY_PREFIX = '!s3|chunkblob|';
const BATCH_ROWS = 16_384;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
/** First bytes of the keys that need a closer look: `!` and `_`. */
const BANG = 0x21;
const UNDERSCORE = 0x5f;

/**
 * A scan in batches, for callers that drive it themselves. The order of keys does not matter to it:
 * it walks the entries as they lie, and only where some of them turn out to delete others does it
 * begin again with the keys that are left.
 */
export class LastCommitScan {
  private readonly cursor: KvCursor;
  private walk: KeyWalk | undefined;
  private on = true;
  /** The smallest inverted timestamp so far; all ones is timestamp 0. */
  private high = 0xffff_ffff;
  private low = 0xffff_ffff;

  constructor(view: KvView) {
    this.cursor = view.cursor();
    this.walk = view.walk?.();
    if (this.walk === undefined) this.on = this.cursor.first();
  }

  /** The highest timestamp seen, 0 when there is none. */
  get highest(): bigint {
    return MAX_U64 - ((BigInt(this.high) << 32n) | BigInt(this.low));
  }

  /** @returns bytes of keys looked at, or -1 when the scan is at its end */
  step(rows: number): number {
    if (!this.on) return -1;
    return this.walk === undefined ? this.stepCursor(rows) : this.stepWalk(this.walk, rows);
  }

  private stepWalk(walk: KeyWalk, rows: number): number {
    let bytes = 0;
    let more = true;
    for (let i = 0; i < rows && more; i++) {
      more = walk.next();
      if (!more) break;
      this.take(walk.bytes, walk.start, walk.end);
      bytes += walk.end - walk.start;
    }
    if (walk.hasDeletions) {
      this.walk = undefined;
      this.high = this.low = 0xffff_ffff;
      this.on = this.cursor.first();
    } else {
      this.on = more;
    }
    return bytes;
  }

  private stepCursor(rows: number): number {
    let bytes = 0;
    for (let i = 0; i < rows && this.on; i++) {
      const { key } = this.cursor;
      this.take(key, 0, key.length);
      bytes += key.length;
      this.on = this.cursor.next();
    }
    return bytes;
  }

  private take(bytes: Uint8Array, start: number, end: number): void {
    const at = end - SUFFIX_BYTES;
    if (at < start) return;
    const high = u32be(bytes, at);
    if (high > this.high) return;
    const low = u32be(bytes, at + 4);
    if (high === this.high && low >= this.low) return;
    const first = bytes[start];
    if ((first === BANG || first === UNDERSCORE) && isLeftOut(bytes, start, end)) return;
    this.high = high;
    this.low = low;
  }
}

function isLeftOut(bytes: Uint8Array, start: number, end: number): boolean {
  const rawKey = byteStringOf(bytes, start, end);
  return isMetaOrRegistryKey(rawKey) || userKeyOf(rawKey).startsWith(AUXILIARY_PREFIX);
}

/** The highest timestamp of all versions that count. Awaits the pace between batches. */
export async function scanLastCommitTs(view: KvView, pace: Pace): Promise<bigint> {
  const scan = new LastCommitScan(view);
  for (let bytes = scan.step(BATCH_ROWS); bytes >= 0; bytes = scan.step(BATCH_ROWS)) {
    await pace.step(bytes);
  }
  return scan.highest;
}

/**
 * Raises `_meta_last_commit_ts` to what a scan found, also where the key is absent; never lowers it.
 *
 * @returns whether it was written
 */
export function raiseLastCommitTs(store: OverlayStore, highest: bigint): boolean {
  if (highest <= (readMeta(store, LAST_COMMIT_TS_KEY) ?? 0n)) return false;
  store.put(LAST_COMMIT_TS_KEY, encodeMetaValue(highest));
  return true;
}
