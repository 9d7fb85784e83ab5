/**
 * Finds two different envelopes under one key with the same nonce (spec/encryption.md §3: a
 * catastrophe). A hash table in two flat arrays, because millions of rows go through it:
 *
 *     slot: key id (4) | nonce (12) | first 8 bytes of the tag        and, apart: where it was seen
 *
 * The tag stands for the envelope: copies of one envelope have it in common, two envelopes do not
 * but for a chance of 2^-64. Memory is bounded by `capacity`; what exceeds it is counted as not
 * watched. A caller with more envelopes than that goes over them several times, with one `share` of
 * the nonces each time.
 */
import { u32be } from '../bytes/read.js';
import { assert } from '../core/errors.js';
import { NONCE_LENGTH, TAG_LENGTH } from './aead.js';
import type { Envelope } from './envelope.js';

const WORDS = 6;
const NONCE_WORDS = NONCE_LENGTH / 4;

export interface NonceReuse {
  readonly keyId: number;
  /** A copy. */
  readonly nonce: Uint8Array;
  /** What the caller passed as `where` with the two envelopes. */
  readonly first: number;
  readonly second: number;
}

export interface NonceWatchOptions {
  /** Most envelopes remembered; 40 bytes each in the fullest state. */
  readonly capacity?: number;
  /** Only the nonces of one share out of so many are looked at. */
  readonly share?: { readonly ordinal: number; readonly of: number };
}

const DEFAULT_CAPACITY = 1 << 22;

export class NonceWatch {
  private readonly capacity: number;
  private readonly share: { readonly ordinal: number; readonly of: number };
  private words = new Uint32Array(1024 * WORDS);
  private where = new Float64Array(1024).fill(-1);
  private used = 0;
  private skipped = 0;

  constructor(options: NonceWatchOptions = {}) {
    this.capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.share = options.share ?? { ordinal: 0, of: 1 };
    assert(this.share.ordinal < this.share.of, 'a share is one of its number');
  }

  /** Envelopes remembered. */
  get size(): number {
    return this.used;
  }

  /** Envelopes that no longer fitted: their nonces were compared, and not remembered. */
  get notWatched(): number {
    return this.skipped;
  }

  /** @param where an index, ordinal or offset, at least 0, that tells the caller which one it was */
  see(envelope: Envelope, where: number): NonceReuse | undefined {
    const { keyId, nonce, box } = envelope;
    const tagPos = box.length - TAG_LENGTH;
    const hash = mix(keyId, u32be(nonce, 0), u32be(nonce, 4), u32be(nonce, 8));
    if (this.share.of > 1 && (hash >>> 8) % this.share.of !== this.share.ordinal) return undefined;
    const slot = this.find(hash, keyId, nonce);
    const known = this.where[slot] ?? -1;
    const at = slot * WORDS + 1 + NONCE_WORDS;
    if (known >= 0) {
      const same =
        this.words[at] === u32be(box, tagPos) && this.words[at + 1] === u32be(box, tagPos + 4);
      if (same) return undefined;
      return { keyId, nonce: Uint8Array.from(nonce), first: known, second: where };
    }
    if (this.used >= this.capacity) {
      this.skipped++;
      return undefined;
    }
    this.words[slot * WORDS] = keyId;
    for (let i = 0; i < NONCE_WORDS; i++) this.words[slot * WORDS + 1 + i] = u32be(nonce, i * 4);
    this.words[at] = u32be(box, tagPos);
    this.words[at + 1] = u32be(box, tagPos + 4);
    this.where[slot] = where;
    if (++this.used * 4 > this.where.length * 3) this.grow();
    return undefined;
  }

  /** The slot of that key and nonce, or the empty one where it belongs. */
  private find(hash: number, keyId: number, nonce: Uint8Array): number {
    const n0 = u32be(nonce, 0);
    const n1 = u32be(nonce, 4);
    const n2 = u32be(nonce, 8);
    const mask = this.where.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (this.where[slot] === -1) return slot;
      const at = slot * WORDS;
      if (
        this.words[at] === keyId &&
        this.words[at + 1] === n0 &&
        this.words[at + 2] === n1 &&
        this.words[at + 3] === n2
      ) {
        return slot;
      }
    }
  }

  private grow(): void {
    const { words, where } = this;
    this.words = new Uint32Array(words.length * 2);
    this.where = new Float64Array(where.length * 2).fill(-1);
    const mask = this.where.length - 1;
    for (let old = 0; old < where.length; old++) {
      const seen = where[old] ?? -1;
      if (seen < 0) continue;
      const slotWords = words.subarray(old * WORDS, (old + 1) * WORDS);
      const [keyId = 0, n0 = 0, n1 = 0, n2 = 0] = slotWords;
      let slot = mix(keyId, n0, n1, n2) & mask;
      while (this.where[slot] !== -1) slot = (slot + 1) & mask;
      this.words.set(slotWords, slot * WORDS);
      this.where[slot] = seen;
    }
  }
}

/** Spreads counters that differ in a few low bits over the whole table. */
function mix(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ 0x9e37_79b9, 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 13) ^ c, 0x27d4_eb2f);
  h = Math.imul(h ^ (h >>> 16) ^ d, 0x1656_67b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85eb_ca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
