import { expect } from 'chai';
import fc from 'fast-check';
import { BugError } from '../../../src/lib/core/errors.js';
import { LineBuffer } from '../../../src/lib/report/line-buffer.js';

const MAX_U64 = (1n << 64n) - 1n;
const text = new TextDecoder('utf-8', { fatal: true });

function put(write: (out: LineBuffer) => void, firstBytes?: number): string {
  const out = new LineBuffer(firstBytes);
  write(out);
  return text.decode(out.take());
}

/** Both sides of every power of ten and of two. */
function corners(): bigint[] {
  const powers = [10n, 2n].flatMap((base) =>
    Array.from({ length: 65 }, (_, i) => base ** BigInt(i)),
  );
  return [0n, ...powers.flatMap((power) => [power - 1n, power, power + 1n])].filter(
    (value) => value <= MAX_U64,
  );
}

describe('report: lines as bytes', () => {
  it('numbers are decimal', () => {
    for (const value of corners()) {
      expect(put((out) => out.putU64(value))).to.equal(String(value));
      if (value > Number.MAX_SAFE_INTEGER) continue;
      expect(put((out) => out.putCount(Number(value)))).to.equal(String(value));
    }
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_U64 }), fc.maxSafeNat(), (wide, count) => {
        expect(put((out) => out.putU64(wide))).to.equal(String(wide));
        expect(put((out) => out.putCount(count))).to.equal(String(count));
      }),
      { numRuns: 2000 },
    );
  });

  it('what is no count is a mistake of ours', () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => put((out) => out.putCount(value))).to.throw(BugError);
    }
  });

  it('texts are UTF-8, whatever their length, and the buffer grows with them', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }).map((of) => ['text', of] as const),
      fc.stringMatching(/^[0-9a-f]*$/, { maxLength: 300 }).map((of) => ['ascii', of] as const),
      fc.maxSafeNat().map((of) => ['count', of] as const),
      fc.constant(['byte', '{'] as const),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(64), (pieces, firstBytes) => {
        const line = put((out) => {
          for (const [kind, of] of pieces) {
            if (kind === 'text') out.putText(of);
            else if (kind === 'ascii') out.putAscii(of);
            else if (kind === 'count') out.putCount(of);
            else out.putByte(of.charCodeAt(0));
          }
        }, firstBytes);
        expect(line).to.equal(pieces.map(([, of]) => of).join(''));
      }),
    );
  });

  it('what has been taken is gone, and a buffer that grew is let go', () => {
    const out = new LineBuffer(16);
    out.putAscii('x'.repeat(10 << 20));
    expect(out.length).to.equal(10 << 20);
    expect(out.take().length).to.equal(10 << 20);
    expect(out.length).to.equal(0);
    out.putAscii('next');
    const { buffer } = out.take();
    expect(buffer.byteLength).to.be.below(1 << 20);
  });
});
