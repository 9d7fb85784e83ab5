/**
 * The digest of a store (spec/output.md §5): SHA-256 over one line per raw key in key order,
 * `P <key hex> <value hex>\n`, with the wall-clock expiry in live versions of lock keys zeroed.
 */
import { createHash } from 'node:crypto';
import { copyOf } from '../bytes/copy.js';
import { hex } from '../bytes/hex.js';
import type { Pace } from '../core/pace.js';
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
const LINE_OVERHEAD = 4;
const BUFFER_BYTES = 1 << 16;
/** A line longer than this goes to the hash in pieces. */
const PIECE_BYTES = 1 << 14;
/** Input bytes between two turns of the event loop. */
const PACE_BYTES = 1 << 18;

/** Two hex digits of every byte, first digit in the low half. */
const HEX_PAIRS = new Uint16Array(256);
for (let i = 0; i < 256; i++) {
  const text = i.toString(16).padStart(2, '0');
  HEX_PAIRS[i] = text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

export async function storeDigest(view: KvView, pace: Pace): Promise<StoreDigest> {
  const lines = new LineHash();
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
  return { keys, sha256: lines.finish(), meta };
}

function addPair(lines: LineHash, cursor: KvCursor): number {
  const { key } = cursor;
  let { value } = cursor;
  if (key[0] === LOCK_PREFIX[0] && isLiveLock(key, value)) {
    value = copyOf(value);
    value.fill(0, EXPIRY_FROM, EXPIRY_TO);
  }
  lines.add(key, value);
  return key.length + value.length;
}

function isLiveLock(key: Uint8Array, value: Uint8Array): boolean {
  if (key.length < LOCK_PREFIX.length || value.length < EXPIRY_TO) return false;
  for (let i = 0; i < LOCK_PREFIX.length; i++) if (key[i] !== LOCK_PREFIX[i]) return false;
  return (value[0]! & 1) === 0;
}

class LineHash {
  private readonly hash = createHash('sha256');
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private used = 0;

  add(key: Uint8Array, value: Uint8Array): void {
    if (this.used + 2 * (key.length + value.length) + LINE_OVERHEAD > BUFFER_BYTES) this.flush();
    this.char(0x50);
    this.char(0x20);
    this.hexOf(key);
    this.char(0x20);
    this.hexOf(value);
    this.char(0x0a);
  }

  finish(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private char(code: number): void {
    if (this.used === BUFFER_BYTES) this.flush();
    this.buffer[this.used++] = code;
  }

  private hexOf(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const to = Math.min(from + PIECE_BYTES, bytes.length);
      if (this.used + 2 * (to - from) > BUFFER_BYTES) this.flush();
      const { buffer } = this;
      let pos = this.used;
      for (let i = from; i < to; i++) {
        const pair = HEX_PAIRS[bytes[i]!]!;
        buffer[pos] = pair;
        buffer[pos + 1] = pair >>> 8;
        pos += 2;
      }
      this.used = pos;
    }
  }

  private flush(): void {
    this.hash.update(this.buffer.subarray(0, this.used));
    this.used = 0;
  }
}
