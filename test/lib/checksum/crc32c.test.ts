import { crc32c as native } from '@node-rs/crc32';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  borrowChunk,
  CHUNK_BYTES,
  crc32c,
  crc32cPlain,
  returnChunk,
} from '../../../src/lib/checksum/crc32c.js';

/** Bytes without a period that would hide a lost block. */
function noise(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  let s = seed | 1;
  for (let i = 0; i < length; i++) {
    s = Math.imul(s, 1664525) + 1013904223;
    out[i] = s >>> 24;
  }
  return out;
}

describe('checksum/crc32c', () => {
  it('has the check values of the specification', () => {
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
    expect(crc32c(new Uint8Array(0))).to.equal(0);
    expect(crc32cPlain(Buffer.from('123456789'))).to.equal(0xe3069283);
  });

  it('agrees with an independent implementation around every block border', () => {
    const data = noise(70_000, 7);
    const edges = [0, 1, 15, 16, 17, 767, 768, 815, 816, 817, 831, 832, 5279, 5280, 15840, 16383];
    for (const n of [
      ...edges,
      16_384,
      16_385,
      21_663,
      21_664,
      21_728,
      32_000,
      38_048,
      54_432,
      65_536,
      69_999,
    ]) {
      for (const start of [0, 1, 7]) {
        const piece = data.subarray(start, start + n);
        expect(crc32c(piece), `length ${n} from ${start}`).to.equal(native(Buffer.from(piece)));
      }
    }
  });

  it('agrees for any length, alignment and seed', () => {
    const data = noise(400_000, 99);
    const length = fc.oneof(fc.nat(20_000), fc.nat(399_000));
    fc.assert(
      fc.property(fc.nat(63), length, fc.integer(), (start, n, seed) => {
        const piece = data.subarray(start, start + n);
        expect(crc32c(piece, seed >>> 0)).to.equal(native(Buffer.from(piece), seed >>> 0));
      }),
      { numRuns: 600 },
    );
  });

  it('gives the same for pieces as for the whole', () => {
    const data = noise(100_000, 3);
    fc.assert(
      fc.property(fc.nat(100_000), (cut) => {
        const head = crc32c(data.subarray(0, cut));
        expect(crc32c(data.subarray(cut), head)).to.equal(crc32c(data));
      }),
    );
  });

  it('leaves a borrowed chunk as it was and lends it to one borrower at a time', () => {
    const chunk = borrowChunk();
    const other = borrowChunk();
    expect(chunk).to.have.length(CHUNK_BYTES);
    expect(other.buffer).not.to.equal(chunk.buffer);
    const data = noise(CHUNK_BYTES, 21);
    chunk.set(data);
    expect(crc32c(chunk)).to.equal(native(Buffer.from(data)));
    const part = chunk.subarray(5, 5000);
    expect(crc32c(part)).to.equal(native(Buffer.from(part)));
    expect(Buffer.compare(chunk, data)).to.equal(0);
    returnChunk(other);
    returnChunk(chunk);
    expect(borrowChunk().buffer).to.equal(chunk.buffer);
    returnChunk(chunk);
  });

  it('notices every flipped bit', () => {
    const data = noise(16_000, 5);
    const good = crc32c(data);
    fc.assert(
      fc.property(fc.nat(data.length * 8 - 1), (bit) => {
        data[bit >> 3]! ^= 1 << (bit & 7);
        const bad = crc32c(data);
        data[bit >> 3]! ^= 1 << (bit & 7);
        expect(bad).not.to.equal(good);
      }),
    );
  });
});
