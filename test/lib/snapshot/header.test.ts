import { expect } from 'chai';
import fc from 'fast-check';
import { FsmFault } from '../../../src/lib/snapshot/fsm-fault.js';
import {
  decodeSnapshotHeader,
  encodeSnapshotHeader,
  headerFields,
  signedCeilingMs,
  type SnapshotHeader,
} from '../../../src/lib/snapshot/header.js';
import { hexOf, latin1 } from './build.js';

const SITE = { path: 'f', offset: 0 };
const NONE = new Uint8Array(0);

/** Hex with blanks between the fields. */
function bytesOf(hexText: string): Buffer {
  return Buffer.from(hexText.replaceAll(' ', ''), 'hex');
}

function decode(hexText: string): SnapshotHeader {
  return decodeSnapshotHeader(bytesOf(hexText), SITE);
}

function faultOf(bytes: Uint8Array): FsmFault {
  try {
    decodeSnapshotHeader(bytes, SITE);
  } catch (error) {
    if (error instanceof FsmFault) return error;
    throw error;
  }
  throw new Error('no fault');
}

const V1_HEX = '454b5654484c4331 0000019e70448703';
const V2_HEX = '454b5654484c4332 0013 0000019e70448703 000000000000001e aabbcc';

describe('snapshot header', () => {
  it('decodes v1', () => {
    const header = decode(V1_HEX + '454b5650');
    expect(header).to.deep.include({ form: 'v1', ceilingMs: 0x19e70448703n, cutover: 0n });
    expect(header.length).to.equal(16);
  });

  it('decodes v2 with extension bytes', () => {
    const header = decode(V2_HEX + '454b5650');
    expect(header).to.deep.include({ form: 'v2', ceilingMs: 0x19e70448703n, cutover: 30n });
    expect(hexOf(header.extension)).to.equal('aabbcc');
    expect(header.length).to.equal(29);
  });

  it('takes anything else for headerless and consumes nothing', () => {
    for (const text of ['', 'E', 'EKVTHLC', 'EKVPBBL1', 'EKVTHLB1xxxxxxxx', 'ekvthlc1']) {
      const header = decodeSnapshotHeader(latin1(text), SITE);
      expect(header, text).to.deep.include({ form: 'legacy', ceilingMs: 0n, length: 0 });
    }
  });

  it('fails closed on every other EKVTHLC version', () => {
    for (let v = 0; v < 256; v++) {
      if (v === 0x31 || v === 0x32) continue;
      const fault = faultOf(Buffer.concat([latin1('EKVTHLC'), Buffer.of(v), Buffer.alloc(64)]));
      expect(fault.nodeErrors).to.deep.equal(['ErrSnapshotHeaderUnknownMagic']);
      expect(fault.nodeText).to.equal('snapshot header: unknown EKVTHLC* magic');
      expect(fault.code).to.equal('fsm-header-unknown-magic');
    }
  });

  it('accepts v2 lengths 16 to 1024 and no other', () => {
    for (const length of [0, 15, 16, 17, 1023, 1024, 1025, 65535]) {
      const bytes = Buffer.alloc(10 + 1024);
      latin1('EKVTHLC2').copy(bytes);
      bytes.writeUInt16BE(length, 8);
      if (length >= 16 && length <= 1024) {
        expect(decodeSnapshotHeader(bytes, SITE).length).to.equal(10 + length);
        continue;
      }
      const fault = faultOf(bytes);
      expect(fault.nodeErrors).to.deep.equal(['ErrSnapshotHeaderInvalidLength']);
      expect(fault.nodeText).to.equal('snapshot header: invalid v2 length prefix');
      expect(fault.site).to.deep.equal({ path: 'f', offset: 8 });
      expect(fault.code).to.equal('fsm-header-length');
    }
  });

  it('names every truncation as the node does', () => {
    const v1 = bytesOf(V1_HEX);
    for (let n = 8; n < 16; n++) {
      const fault = faultOf(v1.subarray(0, n));
      expect(fault.nodeText).to.equal('v1 header: read magic+ceiling: unexpected EOF');
      expect(fault.nodeErrors).to.deep.equal(['UnexpectedEOF']);
      expect(fault.code).to.equal('fsm-header-cut');
    }
    const v2 = bytesOf(V2_HEX);
    const texts: string[] = [];
    for (let n = 8; n < 29; n++) texts.push(faultOf(v2.subarray(0, n)).nodeText ?? '');
    expect(texts[1]).to.equal('v2 header: read length prefix: unexpected EOF');
    expect(texts[2]).to.equal('v2 header: read payload: EOF');
    expect(new Set(texts.slice(3))).to.deep.equal(
      new Set(['v2 header: read payload: unexpected EOF']),
    );
  });

  it('decodes what it encodes', () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const extension = fc.uint8Array({ maxLength: 1008 });
    fc.assert(
      fc.property(u64, u64, extension, fc.uint8Array(), (ceilingMs, cutover, extension, rest) => {
        const v2 = encodeSnapshotHeader({ form: 'v2', ceilingMs, cutover, extension });
        const back = decodeSnapshotHeader(Buffer.concat([v2, rest]), SITE);
        expect(back).to.deep.equal({
          form: 'v2',
          ceilingMs,
          cutover,
          extension: new Uint8Array(extension),
          length: v2.length,
        });
        const v1 = encodeSnapshotHeader({ form: 'v1', ceilingMs, cutover: 0n, extension: NONE });
        expect(decodeSnapshotHeader(Buffer.concat([v1, rest]), SITE).ceilingMs).to.equal(ceilingMs);
      }),
    );
    const legacy = { form: 'legacy', ceilingMs: 0n, cutover: 0n, extension: NONE } as const;
    expect(encodeSnapshotHeader(legacy).length).to.equal(0);
  });

  it('encodes the bytes of the format', () => {
    const v1 = { form: 'v1', ceilingMs: 0x19e70448703n, cutover: 0n, extension: NONE } as const;
    expect(hexOf(encodeSnapshotHeader(v1))).to.equal(V1_HEX.replaceAll(' ', ''));
    const extension = Buffer.from('aabbcc', 'hex');
    const v2 = { ...v1, form: 'v2', cutover: 30n, extension } as const;
    expect(hexOf(encodeSnapshotHeader(v2))).to.equal(V2_HEX.replaceAll(' ', ''));
  });

  it('lists fields that lie one behind another over the whole header', () => {
    for (const text of [V1_HEX, V2_HEX]) {
      const header = decode(text);
      let offset = 100;
      for (const field of headerFields(header, 100)) {
        expect(field.offset).to.equal(offset);
        offset += field.length;
      }
      expect(offset).to.equal(100 + header.length);
    }
    expect(headerFields(decode(V2_HEX)).map((f) => `${f.name}=${f.value}`)).to.deep.equal([
      'header.magic="EKVTHLC2"',
      'header.len=19',
      'header.ceilingMs=1779999999747',
      'header.cutover=30',
      'header.extension=aabbcc',
    ]);
    expect(headerFields(decode(''))).to.deep.equal([]);
  });

  it('takes a ceiling above 2^63-1 for negative', () => {
    expect(signedCeilingMs(decode('454b5654484c4331 8000000000000000'))).to.equal(-(2n ** 63n));
    expect(signedCeilingMs(decode('454b5654484c4331 7fffffffffffffff'))).to.equal(2n ** 63n - 1n);
  });
});
