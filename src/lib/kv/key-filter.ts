/**
 * A Bloom filter of the raw keys of a store and of their user keys: the raw key without its last 8
 * bytes (spec/mvcc-store.md §1). It says at once that a key is not there, which is what a replay asks
 * for most: of every key it writes, whether that very version has landed, and whether there are
 * others. Never wrong in a "no"; a full filter says "perhaps" to everything and costs only time.
 *
 * It also knows the latest timestamp among the keys, their last 8 bytes inverted. Keys that begin
 * with an underscore are left out of that: the metadata among them end in letters.
 *
 * Two bits of 2^26 a key: with a million keys and their user keys one "no" in a thousand is lost, and
 * what it would have spared is an ordered look-up among all changes. Of a small store it is smaller.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { u32be } from '../bytes/read.js';

const MOST_BITS_LOG2 = 26;
/** The keys of a hundred thousand entries come on top of those of any store. */
const LEAST_BITS_LOG2 = 22;
/** A key and its value seldom take less than 16 of them. */
const BYTES_A_BIT = 4;
const SUFFIX_BYTES = 8;
const UNDERSCORE = 0x5f;
const SEED = 0x811c_9dc5;
const PRIME = 0x9e37_79b1;

export class KeyFilter {
  private readonly words: Uint32Array;
  /** The upper bits of a hash choose a word, the lowest five its bit. */
  private readonly wordShift: number;
  /** The smallest of all suffixes: that of the latest timestamp. */
  private high = 0xffff_ffff;
  private low = 0xffff_ffff;

  /** @param bytes  of all keys and values, as far as it is known */
  constructor(bytes = Number.POSITIVE_INFINITY) {
    const wanted = Math.ceil(Math.log2(Math.max(1, bytes / BYTES_A_BIT)));
    const bits = Math.min(Math.max(wanted, LEAST_BITS_LOG2), MOST_BITS_LOG2);
    this.words = new Uint32Array(1 << (bits - 5));
    this.wordShift = 32 - (bits - 5);
  }

  /** @param key  borrowed */
  addBytes(key: Uint8Array): void {
    const userEnd = key.length - SUFFIX_BYTES;
    if (userEnd >= 0 && key[0] !== UNDERSCORE) {
      const high = u32be(key, userEnd);
      if (high <= this.high) this.lower(high, u32be(key, userEnd + 4));
    }
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
    if (userEnd >= 0 && key.charCodeAt(0) !== UNDERSCORE) {
      this.lower(u32Text(key, userEnd), u32Text(key, userEnd + 4));
    }
    if (userEnd > 0) this.mark(hashText(SEED, key, 0, userEnd));
    this.mark(hashRawKey(key));
  }

  /**
   * False: no version of any of these user keys is later than the timestamp of `suffix`.
   * @param suffix  8 bytes, the timestamp inverted
   */
  mayHoldLater(userKeys: readonly ByteString[], suffix: ByteString): boolean {
    const high = u32Text(suffix, 0);
    if (this.high < high || (this.high === high && this.low < u32Text(suffix, 4))) return true;
    return userKeys.some((key) => key === '' || key.charCodeAt(0) === UNDERSCORE);
  }

  /** False: this is no raw key. */
  mayHold(rawKey: ByteString): boolean {
    return this.isMarked(hashRawKey(rawKey));
  }

  /** False: no raw key is a version of this user key. The empty one is not looked after. */
  mayHoldVersionsOf(userKey: ByteString): boolean {
    return userKey === '' || this.isMarked(hashText(SEED, userKey, 0, userKey.length));
  }

  private lower(high: number, low: number): void {
    if (high > this.high || (high === this.high && low >= this.low)) return;
    this.high = high;
    this.low = low;
  }

  private mark(hash: number): void {
    const first = spread(hash);
    const second = Math.imul(first, PRIME);
    this.words[first >>> this.wordShift]! |= 1 << (first & 31);
    this.words[second >>> this.wordShift]! |= 1 << (second & 31);
  }

  private isMarked(hash: number): boolean {
    const first = spread(hash);
    if ((this.words[first >>> this.wordShift]! & (1 << (first & 31))) === 0) return false;
    const second = Math.imul(first, PRIME);
    return (this.words[second >>> this.wordShift]! & (1 << (second & 31))) !== 0;
  }
}

function u32Text(text: ByteString, at: number): number {
  const upper = (text.charCodeAt(at) << 24) | (text.charCodeAt(at + 1) << 16);
  return (upper | (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3)) >>> 0;
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
