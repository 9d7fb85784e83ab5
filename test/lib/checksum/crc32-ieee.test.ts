import { expect } from 'chai';
import { crc32Ieee } from '../../../src/lib/checksum/crc32-ieee.js';

describe('CRC-32 IEEE', () => {
  it('has the check value of the format and goes on where it stopped', () => {
    const bytes = Buffer.from('123456789', 'latin1');
    expect(crc32Ieee(bytes)).to.equal(0xcbf43926);
    for (let i = 0; i <= bytes.length; i++) {
      expect(crc32Ieee(bytes.subarray(i), crc32Ieee(bytes.subarray(0, i)))).to.equal(0xcbf43926);
    }
  });
});
