import { expect } from 'chai';
import fc from 'fast-check';
import { unhex } from '../../../../src/lib/bytes/hex.js';
import { CorruptionError } from '../../../../src/lib/core/errors.js';
import { KIND } from '../../../../src/lib/pebble/base/internal-key.js';
import { BatchReader } from '../../../../src/lib/pebble/wal/batch.js';

const bytesOf = (text: string): Uint8Array => unhex(text.replaceAll(/\s/g, ''))!;
const latin1 = (b: Uint8Array): string => Buffer.from(b).toString('latin1');

type Op = [seq: string, kind: number, key: string, value: string];

function decode(bytes: Uint8Array): Op[] {
  const batch = new BatchReader(bytes, '000002.log', 100);
  const ops: Op[] = [];
  while (batch.next()) {
    const key = latin1(batch.bytes.subarray(batch.keyPos, batch.keyEnd));
    const value = latin1(batch.bytes.subarray(batch.valuePos, batch.valueEnd));
    ops.push([batch.consumes ? String(batch.seqNum) : '-', batch.kind, key, value]);
  }
  return ops;
}

const FIRST =
  '0a00000000000000 04000000 0105616c7068610131 010462657461023232 0004676f6e65 010567616d6d6100';

describe('pebble/wal batch', () => {
  it('decodes the batches of appendix A.4', () => {
    expect(decode(bytesOf(FIRST))).to.deep.equal([
      ['10', KIND.SET, 'alpha', '1'],
      ['11', KIND.SET, 'beta', '22'],
      ['12', KIND.DELETE, 'gone', ''],
      ['13', KIND.SET, 'gamma', ''],
    ]);
    expect(
      decode(bytesOf('0f00000000000000 00000000 030d68656c6c6f206c6f6764617461')),
    ).to.deep.equal([['-', KIND.LOGDATA, 'hello logdata', '']]);
  });

  it('carries numbers over 2^32', () => {
    const bytes = bytesOf('ffffffff01000000 02000000 000161 000162');
    expect(decode(bytes).map(([seq]) => seq)).to.deep.equal(['8589934591', '8589934592']);
  });

  it('refuses every truncation of a batch, at its record', () => {
    const whole = bytesOf(FIRST);
    for (let cut = 0; cut < whole.length; cut++) {
      expect(() => decode(whole.subarray(0, cut)), String(cut))
        .to.throw(CorruptionError)
        .that.deep.include({ code: 'pebble-wal-batch', site: { path: '000002.log', offset: 100 } });
    }
  });

  it('refuses a count that is not that of the operations', () => {
    for (const count of ['03', '05', '00']) {
      const bytes = bytesOf(FIRST.replace('04000000', `${count}000000`));
      expect(() => decode(bytes)).to.throw('has 4 operations, its header says');
    }
  });

  it('refuses kinds that are never valid in a batch', () => {
    const valid = new Set([0, 1, 2, 3, 7, 15, 19, 20, 21, 22, 23, 24]);
    for (let kind = 0; kind < 256; kind++) {
      const bytes = bytesOf('0a00000000000000 01000000 00 0161 0162');
      bytes[12] = kind;
      const run = (): unknown => decode(bytes);
      if (!valid.has(kind)) expect(run, String(kind)).to.throw(`unknown kind ${kind}`);
    }
  });

  it('refuses lengths of more than five bytes and numbers of more than 56 bits', () => {
    expect(() => decode(bytesOf('0a00000000000000 01000000 00 808080808000'))).to.throw('overlong');
    expect(() => decode(bytesOf('0a00000000000001 01000000 000161'))).to.throw('56 bits');
  });

  it('answers any bytes with operations or a corruption', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decode(bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(CorruptionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
