import { expect } from 'chai';
import fc from 'fast-check';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { Window } from '../../../src/lib/io/window.js';

const BYTES = Uint8Array.from({ length: 300 }, (_, i) => i & 255);

describe('window', () => {
  it('gives every byte once and in order, whatever is asked for and however it is chunked', () => {
    const ask = fc.record({ kind: fc.constantFrom('ensure', 'take'), length: fc.nat(80) });
    fc.assert(
      fc.property(fc.array(ask), fc.integer({ min: 1, max: 90 }), (asks, chunkBytes) => {
        const window = new Window(new MemorySource('m', BYTES), 10, 290, chunkBytes);
        const tapped: number[] = [];
        window.tap((chunk) => tapped.push(...chunk));
        const got: number[] = [];
        for (const { kind, length } of asks) {
          const left = window.left;
          if (kind === 'take') {
            const piece = window.takeUpTo(length);
            expect(piece.length > 0 || length === 0 || left === 0).to.equal(true);
            got.push(...piece);
          } else if (window.ensure(length)) {
            got.push(...window.bytes.subarray(window.pos, window.pos + length));
            window.pos += length;
          } else {
            expect(length).to.be.greaterThan(left);
            expect(window.left).to.equal(left);
          }
          expect(window.offset).to.equal(10 + got.length);
        }
        expect(got).to.deep.equal([...BYTES.subarray(10, 10 + got.length)]);
        expect(tapped).to.deep.equal([...BYTES.subarray(10, 10 + window.fetched)]);
      }),
    );
  });

  it('shows a tap set in the middle only what is still unread', () => {
    const window = new Window(new MemorySource('m', BYTES), 0, 20, 8);
    window.ensure(8);
    window.pos += 3;
    const seen: number[] = [];
    const untap = window.tap((chunk) => seen.push(...chunk));
    while (window.left > 4) window.takeUpTo(1);
    untap();
    while (window.left > 0) window.takeUpTo(99);
    expect(seen).to.deep.equal([...BYTES.subarray(3, 16)]);
  });

  it('skips only what is buffered', () => {
    const window = new Window(new MemorySource('m', BYTES), 0, 20, 8);
    expect(window.skipBuffered(1)).to.equal(false);
    window.ensure(2);
    expect(window.skipBuffered(8)).to.equal(true);
    expect(window.skipBuffered(1)).to.equal(false);
    expect(window.offset).to.equal(8);
  });
});
