/**
 * XXH64 with seed 0 (spec/pebble.md B.2). Numbers of 64 bits travel as two u32 halves: as bigints
 * this would run at a few MB/s. Check values: "" is ef46db3751d8e999, "123456789" 8cb841db40e6ae83.
 *
 * Four lanes take 8 bytes each a step of 32; the rest goes in by 8, 4 and 1; an avalanche ends it.
 */
import { u32le } from '../bytes/read.js';

const P1_HIGH = 0x9e3779b1;
const P1_LOW = 0x85ebca87;
const P2_HIGH = 0xc2b2ae3d;
const P2_LOW = 0x27d4eb4f;
const P3_HIGH = 0x165667b1;
const P3_LOW = 0x9e3779f9;
const P4_HIGH = 0x85ebca77;
const P4_LOW = 0xc2b2ae63;
const P5_HIGH = 0x27d4eb2f;
const P5_LOW = 0x165667c5;

/** A u64 that is worked on in place. */
class U64 {
  high = 0;
  low = 0;

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0;
    this.low = sum | 0;
    return this;
  }

  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  /** The low 64 bits of the product; 16-bit limbs give the carry of the low halves. */
  multiply(high: number, low: number): this {
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const p00 = Math.imul(a0, b0) >>> 0;
    const p01 = Math.imul(a0, b1) >>> 0;
    const p10 = Math.imul(a1, b0) >>> 0;
    const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
    const carry =
      (Math.imul(a1, b1) >>> 0) + (p01 >>> 16) + (p10 >>> 16) + Math.floor(middle / 0x10000);
    this.high = (carry + Math.imul(this.low, high) + Math.imul(this.high, low)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }

  rotateLeft(by: number): this {
    const { high, low } = this;
    if (by >= 32) {
      const n = by - 32;
      this.high = n === 0 ? low : (low << n) | (high >>> (32 - n));
      this.low = n === 0 ? high : (high << n) | (low >>> (32 - n));
    } else {
      this.high = (high << by) | (low >>> (32 - by));
      this.low = (low << by) | (high >>> (32 - by));
    }
    return this;
  }

  xorShiftRight(by: number): this {
    const { high, low } = this;
    if (by >= 32) return this.xor(0, high >>> (by - 32));
    return this.xor(high >>> by, (low >>> by) | (high << (32 - by)));
  }
}

/** One lane's step: acc = rotl(acc + lane * P2, 31) * P1. */
function round(acc: U64, high: number, low: number, scratch: U64): void {
  scratch.set(high, low).multiply(P2_HIGH, P2_LOW);
  acc.add(scratch.high, scratch.low).rotateLeft(31).multiply(P1_HIGH, P1_LOW);
}

function hashLanes(bytes: Uint8Array, end: number, hash: U64, scratch: U64): void {
  const v1 = new U64().set(P1_HIGH, P1_LOW).add(P2_HIGH, P2_LOW);
  const v2 = new U64().set(P2_HIGH, P2_LOW);
  const v3 = new U64();
  // 0 - P1, as a u64.
  const v4 = new U64().set(~P1_HIGH, ~P1_LOW).add(0, 1);
  for (let pos = 0; pos < end; pos += 32) {
    round(v1, u32le(bytes, pos + 4), u32le(bytes, pos), scratch);
    round(v2, u32le(bytes, pos + 12), u32le(bytes, pos + 8), scratch);
    round(v3, u32le(bytes, pos + 20), u32le(bytes, pos + 16), scratch);
    round(v4, u32le(bytes, pos + 28), u32le(bytes, pos + 24), scratch);
  }
  const rotations: readonly (readonly [U64, number])[] = [
    [v1, 1],
    [v2, 7],
    [v3, 12],
    [v4, 18],
  ];
  hash.set(0, 0);
  for (const [v, by] of rotations) {
    scratch.set(v.high, v.low).rotateLeft(by);
    hash.add(scratch.high, scratch.low);
  }
  for (const [v] of rotations) mergeRound(hash, v.high, v.low, scratch);
}

function mergeRound(hash: U64, high: number, low: number, scratch: U64): void {
  scratch.set(high, low).multiply(P2_HIGH, P2_LOW).rotateLeft(31).multiply(P1_HIGH, P1_LOW);
  hash.xor(scratch.high, scratch.low).multiply(P1_HIGH, P1_LOW).add(P4_HIGH, P4_LOW);
}

function hashOf(bytes: Uint8Array): U64 {
  const scratch = new U64();
  const hash = new U64().set(P5_HIGH, P5_LOW);
  const n = bytes.length;
  let pos = n & ~31;
  if (pos > 0) hashLanes(bytes, pos, hash, scratch);
  hash.add(Math.floor(n / 0x1_0000_0000), n);
  for (; pos + 8 <= n; pos += 8) {
    scratch.set(u32le(bytes, pos + 4), u32le(bytes, pos));
    scratch.multiply(P2_HIGH, P2_LOW).rotateLeft(31).multiply(P1_HIGH, P1_LOW);
    hash.xor(scratch.high, scratch.low).rotateLeft(27);
    hash.multiply(P1_HIGH, P1_LOW).add(P4_HIGH, P4_LOW);
  }
  if (pos + 4 <= n) {
    scratch.set(0, u32le(bytes, pos)).multiply(P1_HIGH, P1_LOW);
    hash.xor(scratch.high, scratch.low).rotateLeft(23);
    hash.multiply(P2_HIGH, P2_LOW).add(P3_HIGH, P3_LOW);
    pos += 4;
  }
  for (; pos < n; pos++) {
    scratch.set(0, bytes[pos]!).multiply(P5_HIGH, P5_LOW);
    hash.xor(scratch.high, scratch.low).rotateLeft(11).multiply(P1_HIGH, P1_LOW);
  }
  hash.xorShiftRight(33).multiply(P2_HIGH, P2_LOW);
  hash.xorShiftRight(29).multiply(P3_HIGH, P3_LOW);
  return hash.xorShiftRight(32);
}

export function xxhash64(bytes: Uint8Array): bigint {
  const hash = hashOf(bytes);
  return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0);
}

/** The low 32 bits: what a block trailer stores. */
export function xxhash64Low32(bytes: Uint8Array): number {
  return hashOf(bytes).low >>> 0;
}
