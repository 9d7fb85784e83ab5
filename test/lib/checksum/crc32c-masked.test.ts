import { expect } from 'chai';
import fc from 'fast-check';
import { maskCrc32c, maskedCrc32c, unmaskCrc32c } from '../../../src/lib/checksum/crc32c-masked.js';

describe('masked CRC-32C', () => {
  it('gives the values of spec/pebble.md B.1', () => {
    expect(maskedCrc32c(new Uint8Array(0))).to.equal(0xa282ead8);
    expect(maskedCrc32c(Buffer.from('123456789'))).to.equal(0xc78ab0e5);
    expect(maskCrc32c(0xe3069283)).to.equal(0xc78ab0e5);
    expect(maskCrc32c(0x1664d3fa)).to.equal(0x4a7717a1);
  });

  it('unmasks what it masked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (crc) => {
        expect(unmaskCrc32c(maskCrc32c(crc))).to.equal(crc);
      }),
    );
  });
});
