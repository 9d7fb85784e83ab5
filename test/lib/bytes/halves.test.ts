import { expect } from 'chai';
import fc from 'fast-check';
import { highHalf, joinU64, lowHalf } from '../../../src/lib/bytes/halves.js';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('halves of a u64', () => {
  it('are its upper and its lower 32 bits, unsigned', () => {
    fc.assert(
      fc.property(u32, u32, (high, low) => {
        const value = joinU64(high, low);
        expect(value).to.equal((BigInt(high) << 32n) | BigInt(low));
        expect([highHalf(value), lowHalf(value)]).to.deep.equal([high, low]);
      }),
      {
        examples: [
          [0, 0],
          [0, 0xffff_ffff],
          [1, 0],
          [0x8000_0000, 0],
          [0xffff_ffff, 0xffff_ffff],
        ],
      },
    );
  });
});
