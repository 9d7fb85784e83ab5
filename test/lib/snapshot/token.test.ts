import { expect } from 'chai';
import fc from 'fast-check';
import { decodeSnapshotData, encodeToken, tokenFields } from '../../../src/lib/snapshot/token.js';
import { hexOf, latin1 } from './build.js';

const SITE = { path: 's.snap', offset: 5 };
// magic, version, index 40, CRC32C of "123456789"
const HEX = '454b5654010000000000000028e3069283';

describe('EKVT token', () => {
  it('decodes and encodes the bytes of the format', () => {
    const data = decodeSnapshotData(Buffer.from(HEX, 'hex'), SITE);
    expect(data).to.deep.equal({ kind: 'token', token: { index: 40n, crc: 0xe3069283 } });
    expect(hexOf(encodeToken({ index: 40n, crc: 0xe3069283 }))).to.equal(HEX);
  });

  it('decodes what it encodes', () => {
    const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(index, fc.nat(0xffffffff), (index, crc) => {
        const data = decodeSnapshotData(encodeToken({ index, crc }), SITE);
        expect(data).to.deep.equal({ kind: 'token', token: { index, crc } });
      }),
    );
  });

  it('is a token only at exactly 17 bytes that start with EKVT', () => {
    const bytes = Buffer.from(HEX, 'hex');
    expect(decodeSnapshotData(bytes.subarray(0, 0), SITE).kind).to.equal('empty');
    for (let n = 1; n < 17; n++) {
      expect(decodeSnapshotData(bytes.subarray(0, n), SITE).kind).to.equal('inline');
    }
    expect(decodeSnapshotData(Buffer.concat([bytes, Buffer.of(0)]), SITE).kind).to.equal('inline');
    const other = Buffer.concat([latin1('EKVX'), bytes.subarray(4)]);
    expect(decodeSnapshotData(other, SITE).kind).to.equal('inline');
  });

  it('refuses every other version', () => {
    for (const version of [0, 2, 72, 255]) {
      const bytes = Buffer.from(HEX, 'hex');
      bytes[4] = version;
      const data = decodeSnapshotData(bytes, SITE);
      if (data.kind !== 'invalid') throw new Error(`version ${version} is ${data.kind}`);
      expect(data.fault.nodeErrors).to.deep.equal(['ErrFSMSnapshotTokenInvalid']);
      expect(data.fault.nodeText).to.equal(
        `unknown version: ${version}: fsm snapshot: token format invalid`,
      );
      expect(data.fault.code).to.equal('fsm-token-version');
      expect(data.fault.site).to.deep.equal({ path: 's.snap', offset: 9 });
    }
  });

  it('lists its fields', () => {
    const fields = tokenFields({ index: 40n, crc: 1 }, 3);
    expect(fields.map((f) => `${f.offset}+${f.length} ${f.name} ${f.value}`)).to.deep.equal([
      '3+4 token.magic "EKVT"',
      '7+1 token.version 1',
      '8+8 token.index 40',
      '16+4 token.crc32c 00000001',
    ]);
  });
});
