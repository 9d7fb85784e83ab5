import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../../src/lib/bytes/byte-string.js';
import { CorruptionError, ToolError } from '../../../../src/lib/core/errors.js';
import { RowBlock, RowEntries } from '../../../../src/lib/pebble/sstable/row-block.js';
import { encodeRows as encode, uvarint, type Entry } from './row-encoder.js';
import { readUvarint32, uvarint32End } from '../../../../src/lib/pebble/sstable/uvarint32.js';

const HANDLE = { offset: 7, length: 0 };
const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll(/[\s|]/g, ''), 'hex');

function decode(bytes: Uint8Array): Entry[] {
  const entries = new RowEntries();
  entries.load(new RowBlock(bytes, 't.sst', HANDLE));
  const found: Entry[] = [];
  while (entries.next()) {
    found.push([
      toByteString(entries.key.subarray(0, entries.keyLength)),
      toByteString(bytes.subarray(entries.valueStart, entries.valueEnd)),
    ]);
  }
  return found;
}

const text = fc
  .array(fc.constantFrom('a', 'b', '\0', '\xff'), { maxLength: 8 })
  .map((a) => a.join(''));
const longText = fc.nat(400).map((n) => 'xyz'.repeat(n));
const someEntries = fc
  .array(fc.tuple(fc.oneof(text, longText), fc.oneof(text, longText)), { maxLength: 40 })
  .map((entries) => entries.sort((a, b) => (a[0] < b[0] ? -1 : 1)));

describe('row block', () => {
  it('is empty as spec/pebble.md §6.5 says', () => {
    expect(decode(bytesOf('00000000 01000000'))).to.deep.equal([]);
    expect(() => new RowBlock(bytesOf('00000000'), 't', HANDLE)).to.throw(CorruptionError);
    expect(() => new RowBlock(bytesOf('000000'), 't', HANDLE)).to.throw(CorruptionError);
    expect(() => new RowBlock(bytesOf('00000000 02000000'), 't', HANDLE)).to.throw(CorruptionError);
  });

  it('shares key bytes, the former trailer included', () => {
    expect(decode(bytesOf('00 03 01 616263 31 | 02 01 00 64 | 00000000 01000000'))).to.deep.equal([
      ['abc', '1'],
      ['abd', ''],
    ]);
  });

  it('gives back what was encoded, at every restart interval', () => {
    fc.assert(
      fc.property(someEntries, fc.integer({ min: 1, max: 20 }), (entries, interval) => {
        expect(decode(encode(entries, interval))).to.deep.equal(entries);
      }),
    );
  });

  it('seeks restarts to the last one before the target', () => {
    fc.assert(
      fc.property(
        someEntries,
        fc.integer({ min: 1, max: 9 }),
        text,
        (entries, interval, target) => {
          const bytes = encode(entries, interval);
          const block = new RowBlock(bytes, 't.sst', HANDLE);
          const from = block.restartBefore(target, 0);
          const walk = new RowEntries();
          walk.load(block);
          let behind: string | undefined;
          let steps = 0;
          for (let pos = 0; behind === undefined && walk.next(); pos = walk.valueEnd) {
            const key = toByteString(walk.key.subarray(0, walk.keyLength));
            if (key >= target) behind = key;
            else if (pos >= from) steps++;
            if (behind !== undefined && from > 0) expect(from).to.be.at.most(pos);
          }
          expect(behind).to.equal(entries.find(([key]) => key >= target)?.[0]);
          expect(steps).to.be.at.most(interval);
        },
      ),
    );
  });

  it('ends any bytes in entries or an error of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (noise, restarts) => {
        const bytes = Buffer.concat([
          noise,
          Buffer.alloc(4 * restarts),
          Buffer.from([restarts, 0, 0, 0]),
        ]);
        try {
          decode(bytes);
          new RowBlock(bytes, 't.sst', HANDLE).restartBefore('m', 1);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('names the block and the position', () => {
    expect(() => decode(bytesOf('05 01 00 61 | 00000000 01000000'))).to.throw(
      CorruptionError,
      't.sst @7: block checksum is good but contents do not decode: entry shares 5 of 0 key bytes',
    );
  });
});

describe('uvarint32', () => {
  it('reads what was written, and its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(3), (value, lead) => {
        const bytes = Buffer.from([
          ...Array.from({ length: lead }, () => 0xff),
          ...uvarint(value),
          0x55,
        ]);
        expect(readUvarint32(bytes, lead)).to.equal(value);
        expect(uvarint32End(bytes, lead)).to.equal(bytes.length - 1);
      }),
    );
  });

  it('is beyond all lengths when it does not fit', () => {
    expect(readUvarint32(bytesOf('ffffffff10'), 0)).to.be.above(0xffffffff);
    expect(readUvarint32(bytesOf('ffffffffff01'), 0)).to.be.above(0xffffffff);
    expect(readUvarint32(bytesOf('ffffffff0f'), 0)).to.equal(0xffffffff);
  });
});
