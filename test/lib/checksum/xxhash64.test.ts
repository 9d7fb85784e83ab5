import { expect } from 'chai';
import fc from 'fast-check';
import { xxhash64, xxhash64Low32 } from '../../../src/lib/checksum/xxhash64.js';

const MASK = 0xffff_ffff_ffff_ffffn;
const [P1, P2, P3, P4, P5]: readonly [bigint, bigint, bigint, bigint, bigint] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
];

/** The definition, in bigints. */
function reference(bytes: Buffer): bigint {
  const mul = (a: bigint, b: bigint): bigint => (a * b) & MASK;
  const rotl = (v: bigint, n: bigint): bigint => ((v << n) | (v >> (64n - n))) & MASK;
  const round = (acc: bigint, lane: bigint): bigint =>
    mul(rotl((acc + mul(lane, P2)) & MASK, 31n), P1);
  let pos = 0;
  let hash = P5;
  if (bytes.length >= 32) {
    const acc = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK];
    for (; pos + 32 <= bytes.length; pos += 32) {
      for (let i = 0; i < 4; i++) acc[i] = round(acc[i]!, bytes.readBigUInt64LE(pos + 8 * i));
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, by, i) => (sum + rotl(acc[i]!, by)) & MASK, 0n);
    for (const a of acc) hash = (mul(hash ^ round(0n, a), P1) + P4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; pos + 8 <= bytes.length; pos += 8) {
    hash = (mul(rotl(hash ^ round(0n, bytes.readBigUInt64LE(pos)), 27n), P1) + P4) & MASK;
  }
  if (pos + 4 <= bytes.length) {
    hash = (mul(rotl(hash ^ mul(BigInt(bytes.readUInt32LE(pos)), P1), 23n), P2) + P3) & MASK;
    pos += 4;
  }
  for (; pos < bytes.length; pos++) {
    hash = mul(rotl(hash ^ mul(BigInt(bytes[pos]!), P5), 11n), P1);
  }
  hash = mul(hash ^ (hash >> 33n), P2);
  hash = mul(hash ^ (hash >> 29n), P3);
  return hash ^ (hash >> 32n);
}

describe('XXH64', () => {
  it('gives the values of spec/pebble.md B.2', () => {
    expect(xxhash64(new Uint8Array(0))).to.equal(0xef46db3751d8e999n);
    expect(xxhash64(Buffer.from('123456789'))).to.equal(0x8cb841db40e6ae83n);
    expect(xxhash64Low32(Buffer.from('123456789'))).to.equal(0x40e6ae83);
  });

  it('equals its definition in bigints at every length', () => {
    for (let length = 0; length < 140; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 197 + length * 31) & 255));
      expect(xxhash64(bytes), `${length}`).to.equal(reference(bytes));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(xxhash64(bytes)).to.equal(reference(Buffer.from(bytes)));
      }),
    );
  });
});
