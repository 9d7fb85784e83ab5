import { expect } from 'chai';
import { ByteArena } from '../../../src/lib/kv/byte-arena.js';

describe('ByteArena', () => {
  it('hands out zeroed pieces that never overlap, across slabs and beyond their size', () => {
    const arena = new ByteArena();
    const pieces: Uint8Array[] = [];
    for (let i = 1; i <= 400; i++) {
      const piece = arena.take(i % 50 === 0 ? 300_000 : i * 9);
      expect(piece.every((byte) => byte === 0)).to.equal(true);
      pieces.push(piece.fill(i & 0xff));
    }
    for (const [i, piece] of pieces.entries()) {
      expect(piece.every((byte) => byte === ((i + 1) & 0xff))).to.equal(true);
    }
    expect(arena.take(0)).to.have.length(0);
  });
});
