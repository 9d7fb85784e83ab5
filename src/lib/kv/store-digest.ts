/**
 * The digest of a store (spec/output.md §5): SHA-256 over one line per raw key in key order,
 * `P <key hex> <value hex>\n`, with the wall-clock expiry in live versions of lock keys zeroed.
 */
import { createHash } from 'node:crypto';
import { copyOf } from '../bytes/copy.js';
import { hex } from '../bytes/hex.js';
import type { Pace } from '../core/pace.js';
import { HexText } from './hex-text.js';
import type { KvCursor, KvView } from './kv-view.js';

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
const LOCK_PREFIX = Buffer.from('!txn|lock|', 'latin1');
/** Bytes 18 to 25 of a lock's value are `ttlExpireAt`. */
const EXPIRY_FROM = 18;
const EXPIRY_TO = 26;
/** Input bytes between two turns of the event loop. */
const PACE_BYTES = 1 << 18;

export async function storeDigest(view: KvView, pace: Pace): Promise<StoreDigest> {
  const hash = createHash('sha256');
  const lines = new HexText((text) => hash.update(text));
  const cursor = view.cursor();
  let keys = 0;
  let bytes = 0;
  for (let more = cursor.first(); more; more = cursor.next()) {
    keys++;
    bytes += addPair(lines, cursor);
    if (bytes >= PACE_BYTES) {
      await pace.step(bytes);
      bytes = 0;
    }
  }
  await pace.step(bytes);
  const meta: Record<string, string> = {};
  for (const name of META_KEYS) {
    const value = view.get(name);
    if (value !== undefined) meta[name] = hex(value);
  }
  lines.flush();
  return { keys, sha256: hash.digest('hex'), meta };
}

function addPair(lines: HexText, cursor: KvCursor): number {
  const { key } = cursor;
  let { value } = cursor;
  if (key[0] === LOCK_PREFIX[0] && isLiveLock(key, value)) {
    value = copyOf(value);
    value.fill(0, EXPIRY_FROM, EXPIRY_TO);
  }
  lines.char(0x50);
  lines.char(0x20);
  lines.hex(key);
  lines.char(0x20);
  lines.hex(value);
  lines.char(0x0a);
  return key.length + value.length;
}

function isLiveLock(key: Uint8Array, value: Uint8Array): boolean {
  if (key.length < LOCK_PREFIX.length || value.length < EXPIRY_TO) return false;
  for (let i = 0; i < LOCK_PREFIX.length; i++) if (key[i] !== LOCK_PREFIX[i]) return false;
  return (value[0]! & 1) === 0;
}
