import { expect } from 'chai';
import fc from 'fast-check';
import { combineCrc32c } from '../../../src/lib/checksum/crc32c-combine.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';

describe('checksum/crc32c-combine', () => {
  it('is the CRC of the pieces joined', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const joined = crc32c(Buffer.concat([a, b]));
        expect(combineCrc32c(crc32c(a), crc32c(b), b.length)).to.equal(joined);
      }),
    );
  });

  it('joins pieces of any length, far beyond 32 bits', () => {
    // n zero bytes twice are 2n zero bytes: checked by doubling from a length that can be computed.
    let crc = crc32c(new Uint8Array(1 << 16));
    for (let length = 1 << 16; length < 2 ** 48; length *= 2) {
      const twice = combineCrc32c(crc, crc, length);
      const inFour = combineCrc32c(combineCrc32c(crc, crc, length), twice, 2 * length);
      expect(combineCrc32c(twice, twice, 2 * length)).to.equal(inFour);
      if (length === 1 << 16) expect(twice).to.equal(crc32c(new Uint8Array(1 << 17)));
      crc = twice;
    }
  });
});
