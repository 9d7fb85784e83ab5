/**
 * A Bloom filter of the raw keys of a store and of their user keys: the raw key without its last 8
 * bytes (spec/mvcc-store.md §1). It says at once that a key is not there, which is what a replay asks
 * for most: of every key it writes, whether that very version has landed, and whether there are
 * others. Never wrong in a "no"; a full filter says "perhaps" to everything and costs only time.
 *
 * Two bits a key out of 2^26, from one FNV-1a pass over the raw key: the user key's hash is what has
 * come together 8 bytes before the end.
 */
import type { ByteString } from '../bytes/byte-string.js';

const BITS_LOG2 = 26;
const SUFFIX_BYTES = 8;
const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

export class KeyFilter {
  private readonly words = new Uint32Array(1 << (BITS_LOG2 - 5));

  /** @param key  borrowed */
  addBytes(key: Uint8Array): void {
    const end = key.length;
    const userEnd = end - SUFFIX_BYTES;
    let hash = FNV_OFFSET;
    let i = 0;
    for (; i < userEnd; i++) hash = Math.imul(hash ^ key[i]!, FNV_PRIME);
    if (userEnd > 0) this.mark(hash);
    for (; i < end; i++) hash = Math.imul(hash ^ key[i]!, FNV_PRIME);
    this.mark(hash);
  }

  add(key: ByteString): void {
    const end = key.length;
    const userEnd = end - SUFFIX_BYTES;
    let hash = FNV_OFFSET;
    let i = 0;
    for (; i < userEnd; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
    if (userEnd > 0) this.mark(hash);
    for (; i < end; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
    this.mark(hash);
  }

  /** False: no raw key is this one, and none has it, unless it is empty, as its user key. */
  mayHold(key: ByteString): boolean {
    let hash = FNV_OFFSET;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
    const first = spread(hash);
    const second = spread(first ^ FNV_OFFSET);
    return this.isSet(first) && this.isSet(second);
  }

  private mark(hash: number): void {
    const first = spread(hash);
    const second = spread(first ^ FNV_OFFSET);
    this.set(first);
    this.set(second);
  }

  private set(hash: number): void {
    this.words[hash >>> (37 - BITS_LOG2)]! |= 1 << (hash & 31);
  }

  private isSet(hash: number): boolean {
    return (this.words[hash >>> (37 - BITS_LOG2)]! & (1 << (hash & 31))) !== 0;
  }
}

/** FNV's upper bits depend little on the last bytes: this makes every bit depend on every other. */
function spread(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
