/**
 * A Bloom filter of the raw keys of a store and of their user keys: the raw key without its last 8
 * bytes (spec/mvcc-store.md §1). It says at once that a key is not there, which is what a replay asks
 * for most: of every key it writes, whether that very version has landed, and whether there are
 * others. Never wrong in a "no"; a full filter says "perhaps" to everything and costs only time.
 *
 * One bit of 2^26 a key: a million keys make one "no" in thirty a "perhaps", and a second bit would
 * cost every key another miss of the processor's cache.
 */
import type { ByteString } from '../bytes/byte-string.js';

const BITS_LOG2 = 26;
const SUFFIX_BYTES = 8;
const SEED = 0x811c_9dc5;
const PRIME = 0x9e37_79b1;

export class KeyFilter {
  private readonly words = new Uint32Array(1 << (BITS_LOG2 - 5));

  /** @param key  borrowed */
  addBytes(key: Uint8Array): void {
    const userEnd = key.length - SUFFIX_BYTES;
    if (userEnd <= 0) {
      this.mark(hashBytes(SEED, key, 0, key.length));
      return;
    }
    const hash = hashBytes(SEED, key, 0, userEnd);
    this.mark(hash);
    this.mark(hashBytes(hash, key, userEnd, key.length));
  }

  add(key: ByteString): void {
    const userEnd = key.length - SUFFIX_BYTES;
    if (userEnd > 0) this.mark(hashText(SEED, key, 0, userEnd));
    this.mark(hashRawKey(key));
  }

  /** False: this is no raw key. */
  mayHold(rawKey: ByteString): boolean {
    return this.isMarked(hashRawKey(rawKey));
  }

  /** False: no raw key is a version of this user key. The empty one is not looked after. */
  mayHoldVersionsOf(userKey: ByteString): boolean {
    return userKey === '' || this.isMarked(hashText(SEED, userKey, 0, userKey.length));
  }

  private mark(hash: number): void {
    const bit = spread(hash);
    this.words[bit >>> (37 - BITS_LOG2)]! |= 1 << (bit & 31);
  }

  private isMarked(hash: number): boolean {
    const bit = spread(hash);
    return (this.words[bit >>> (37 - BITS_LOG2)]! & (1 << (bit & 31))) !== 0;
  }
}

/** The user key first and its hash as the seed of the rest: both come from one pass. */
function hashRawKey(key: ByteString): number {
  const userEnd = key.length - SUFFIX_BYTES;
  if (userEnd <= 0) return hashText(SEED, key, 0, key.length);
  return hashText(hashText(SEED, key, 0, userEnd), key, userEnd, key.length);
}

/** Four bytes a step; what remains, and the length, in the last one. */
function hashBytes(seed: number, key: Uint8Array, from: number, to: number): number {
  let hash = seed;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const word = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24);
    hash = Math.imul(hash ^ word, PRIME);
    hash ^= hash >>> 15;
  }
  let rest = to - from;
  for (; i < to; i++) rest = (rest << 8) | key[i]!;
  return Math.imul(hash ^ rest, PRIME);
}

function hashText(seed: number, key: ByteString, from: number, to: number): number {
  let hash = seed;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const word =
      key.charCodeAt(i) |
      (key.charCodeAt(i + 1) << 8) |
      (key.charCodeAt(i + 2) << 16) |
      (key.charCodeAt(i + 3) << 24);
    hash = Math.imul(hash ^ word, PRIME);
    hash ^= hash >>> 15;
  }
  let rest = to - from;
  for (; i < to; i++) rest = (rest << 8) | key.charCodeAt(i);
  return Math.imul(hash ^ rest, PRIME);
}

/** So that every bit of the outcome depends on every bit of the hash. */
function spread(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
