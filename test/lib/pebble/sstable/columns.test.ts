import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../../src/lib/bytes/byte-string.js';
import { hex } from '../../../../src/lib/bytes/hex.js';
import { CorruptionError, ToolError } from '../../../../src/lib/core/errors.js';
import { MAX_ROWS, PointRows } from '../../../../src/lib/pebble/base/point-rows.js';
import { Block } from '../../../../src/lib/pebble/sstable/block.js';
import {
  ColumnDataBlock,
  ColumnPoints,
} from '../../../../src/lib/pebble/sstable/column-data-block.js';
import {
  BoolColumn,
  BytesColumn,
  PrefixBytesColumn,
  UintColumn,
} from '../../../../src/lib/pebble/sstable/columns.js';

const HANDLE = { offset: 0, length: 0 };
const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll(/[\s|]/g, ''), 'hex');
const block = (text: string): Block => new Block(bytesOf(text), 't.sst', HANDLE);

/** spec/pebble.md A.8. */
const DATA_BLOCK = bytesOf(`
  07000000
  01 0700 01000000
  04 2e000000 | 03 3a000000 | 02 3b000000 | 01 40000000 | 03 58000000 | 01 5f000000 | 01 60000000
  04 01070707 7a7a2d6c617374
  00
  04 016cfa00
  00 00000000000000 0100000000000000 0100000000000000
  010004 7461696c
  01
  01
  00`);

describe('columnar data block', () => {
  it('decodes the one of spec/pebble.md A.8', () => {
    expect(DATA_BLOCK).to.have.length(98);
    const points = new ColumnPoints(new Uint8Array(0));
    const rows = new PointRows();
    points.load(new ColumnDataBlock(DATA_BLOCK, 't.sst', HANDLE));
    expect(points.decodePoints(rows, MAX_ROWS)).to.equal(true);
    expect(rows.count).to.equal(1);
    expect(hex(rows.keys.subarray(rows.keyStart(0), rows.keyEnd(0)))).to.equal('7a7a2d6c617374');
    expect([rows.kind(0), rows.seqHigh(0), rows.seqLow(0)]).to.deep.equal([1, 0, 64108]);
    expect(hex(DATA_BLOCK.subarray(rows.valueStart(0), rows.valueEnd(0)))).to.equal('7461696c');
    expect(points.decodePoints(rows, MAX_ROWS)).to.equal(false);
    const found = (target: string): boolean => {
      points.seek(target);
      return points.decodePoints(rows, MAX_ROWS);
    };
    expect(['zz-last', 'zz-lasu', 'zz-last\0', 'a'].map(found)).to.deep.equal([
      true,
      false,
      false,
      true,
    ]);
  });

  it('is refused at every truncation, and never misread at any byte', () => {
    for (let length = 0; length < DATA_BLOCK.length; length++) {
      const cut = DATA_BLOCK.subarray(0, length);
      expect(() => new ColumnDataBlock(cut, 't.sst', HANDLE), `${length}`).to.throw(
        CorruptionError,
      );
    }
    fc.assert(
      fc.property(fc.nat(DATA_BLOCK.length - 1), fc.nat(255), (at, to) => {
        const changed = Buffer.from(DATA_BLOCK);
        changed[at] = to;
        try {
          const points = new ColumnPoints(new Uint8Array(0));
          points.load(new ColumnDataBlock(changed, 't.sst', HANDLE));
          points.decodePoints(new PointRows(), MAX_ROWS);
          points.seek('zz');
          points.decodePoints(new PointRows(), MAX_ROWS);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('uint column', () => {
  const value = (column: UintColumn, row: number): bigint =>
    (BigInt(column.high(row)) << 32n) | BigInt(column.low(row));

  it('decodes every width', () => {
    expect(value(new UintColumn(block('00'), 0, 5, false), 4)).to.equal(0n);
    expect(value(new UintColumn(block('01 05 07'), 0, 2, false), 1)).to.equal(7n);
    expect(value(new UintColumn(block('02 00 0102 0304'), 0, 2, false), 1)).to.equal(0x403n);
    expect(value(new UintColumn(block('04 000000 01020304'), 0, 1, false), 0)).to.equal(0x4030201n);
    const wide = new UintColumn(block('08 00000000000000 0102030405060708'), 0, 1, false);
    expect(value(wide, 0)).to.equal(0x807060504030201n);
    expect(wide.end).to.equal(16);
    expect(wide.size(0)).to.equal(-1);
  });

  it('adds its base, with the carry, mod 2^64', () => {
    const constant = new UintColumn(block('80 ffffffff01000000'), 0, 3, false);
    expect(value(constant, 2)).to.equal(0x1ffffffffn);
    const carried = new UintColumn(block('81 ffffffff01000000 00 01 ff'), 0, 3, false);
    expect([0, 1, 2].map((row) => value(carried, row))).to.deep.equal([
      0x1ffffffffn,
      0x200000000n,
      0x2000000fen,
    ]);
    const wrapped = new UintColumn(block('81 ffffffffffffffff 02'), 0, 1, false);
    expect(value(wrapped, 0)).to.equal(1n);
  });

  it('takes no bytes without rows', () => {
    expect(new UintColumn(block('ff'), 0, 0, false).end).to.equal(0);
  });

  it('refuses encodings that do not exist', () => {
    for (const encoding of ['03', '05', '10', '88', '83', 'ff']) {
      const bad = block(`${encoding}${'00'.repeat(40)}`);
      expect(() => new UintColumn(bad, 0, 1, false), encoding).to.throw(CorruptionError);
    }
    for (const encoding of ['08', '80', '81']) {
      const bad = block(`${encoding}${'00'.repeat(40)}`);
      expect(() => new UintColumn(bad, 0, 1, true), encoding).to.throw(CorruptionError);
    }
    expect(() => new UintColumn(block('04 000000 010203'), 0, 1, false)).to.throw(CorruptionError);
    expect(() => new UintColumn(block('81 00000000'), 0, 1, false)).to.throw(CorruptionError);
  });
});

describe('bool column', () => {
  it('decodes a bitmap and the all-false form', () => {
    const bitmap = block(`00 00000000000000 0500000000000080 0100000000000000 0300000000000000`);
    const column = new BoolColumn(bitmap, 0, 65);
    expect(column.end).to.equal(32);
    expect([0, 1, 2, 62, 63, 64].map((row) => column.get(row))).to.deep.equal([
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
    const none = new BoolColumn(block('01'), 0, 1000);
    expect([none.get(0), none.get(999), none.end]).to.deep.equal([false, false, 1]);
    expect(() => new BoolColumn(block('02'), 0, 1)).to.throw(CorruptionError);
    expect(() => new BoolColumn(block('00 00'), 0, 1)).to.throw(CorruptionError);
  });
});

describe('bytes column', () => {
  it('decodes slices', () => {
    const column = new BytesColumn(block('01 00 01 01 03 616263'), 0, 3);
    expect(column.end).to.equal(8);
    expect([0, 1, 2].map((row) => [column.start(row), column.stop(row)])).to.deep.equal([
      [5, 6],
      [6, 6],
      [6, 8],
    ]);
    expect(() => new BytesColumn(block('01 00 02 01 03 616263'), 0, 3)).to.throw(CorruptionError);
    expect(() => new BytesColumn(block('01 01 01 01 03 616263'), 0, 3)).to.throw(CorruptionError);
    expect(() => new BytesColumn(block('01 00 01 01 09 616263'), 0, 3)).to.throw(CorruptionError);
  });
});

describe('prefix-bytes column', () => {
  /** An encoder of the rules of spec/pebble.md §6.9, for one-byte offsets. */
  function encode(keys: readonly string[], shift: number): Uint8Array {
    const common = (of: readonly string[]): number => {
      let n = 0;
      while (n < of[0]!.length && of.every((key) => key[n] === of[0]![n])) n++;
      return n;
    };
    const shared = common(keys);
    const slices = [keys[0]!.slice(0, shared)];
    for (let first = 0; first < keys.length; first += 2 ** shift) {
      const bundle = keys.slice(first, first + 2 ** shift);
      const prefix = common(bundle);
      slices.push(bundle[0]!.slice(shared, prefix));
      for (const [i, key] of bundle.entries()) {
        slices.push(i > 0 && key === bundle[i - 1] ? '' : key.slice(prefix));
      }
    }
    const offsets: number[] = [];
    let end = 0;
    for (const slice of slices) offsets.push((end += slice.length));
    const head = Buffer.from([shift, 2]);
    const out = Buffer.alloc(2 + 2 * offsets.length);
    head.copy(out);
    for (const [i, offset] of offsets.entries()) out.writeUInt16LE(offset, 2 + 2 * i);
    return Buffer.concat([out, Buffer.from(slices.join(''), 'latin1')]);
  }

  const key = fc.array(fc.constantFrom('a', 'b', '\xff'), { maxLength: 6 }).map((a) => a.join(''));

  it('gives every row back', () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 40 }), fc.nat(4), (keys, shift) => {
        const sorted = [...keys].sort();
        const bytes = encode(sorted, shift);
        const column = new PrefixBytesColumn(new Block(bytes, 't', HANDLE), 0, sorted.length);
        expect(column.end).to.equal(bytes.length);
        const rows = sorted.map((_, row) => {
          const bundle = row >>> shift;
          const source = column.sourceRow(row);
          return [
            bytes.subarray(column.sharedStart, column.sharedStop),
            bytes.subarray(column.bundleStart(bundle), column.bundleStop(bundle)),
            bytes.subarray(column.rowStart(source), column.rowStop(source)),
          ]
            .map(toByteString)
            .join('');
        });
        expect(rows).to.deep.equal(sorted);
      }),
    );
  });
});
