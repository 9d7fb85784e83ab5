/**
 * The lines that a store's digest is the SHA-256 of (spec/output.md §5): `P <key hex> <value hex>\n`
 * for a pair, with the wall-clock expiry in live versions of lock keys zeroed.
 */
import { createHash } from 'node:crypto';
import { copyOf } from '../bytes/copy.js';
import { HexText } from './hex-text.js';

const LOCK_PREFIX = Buffer.from('!txn|lock|', 'latin1');
/** Bytes 18 to 25 of a lock's value are `ttlExpireAt`. */
const EXPIRY_FROM = 18;
const EXPIRY_TO = 26;

export class PairLines {
  private readonly hash = createHash('sha256');
  private readonly text = new HexText((text) => this.hash.update(text));

  /** The next pair in key order. */
  add(key: Uint8Array, value: Uint8Array): void {
    const { text } = this;
    text.char(0x50);
    text.char(0x20);
    text.hex(key);
    text.char(0x20);
    text.hex(key[0] === LOCK_PREFIX[0] && isLiveLock(key, value) ? withoutExpiry(value) : value);
    text.char(0x0a);
  }

  /** @returns lower-case hex */
  finish(): string {
    this.text.flush();
    return this.hash.digest('hex');
  }
}

function withoutExpiry(value: Uint8Array): Uint8Array {
  const copy = copyOf(value);
  copy.fill(0, EXPIRY_FROM, EXPIRY_TO);
  return copy;
}

function isLiveLock(key: Uint8Array, value: Uint8Array): boolean {
  if (key.length < LOCK_PREFIX.length || value.length < EXPIRY_TO) return false;
  for (let i = 0; i < LOCK_PREFIX.length; i++) if (key[i] !== LOCK_PREFIX[i]) return false;
  return (value[0]! & 1) === 0;
}
