import { expect } from 'chai';
import fc from 'fast-check';
import { byteStringOf } from '../../../../src/lib/bytes/byte-string.js';
import { SHARED_BUFFER } from '../../../../src/lib/bytes/kernel-memory.js';
import { borrowChunk, returnChunk } from '../../../../src/lib/checksum/crc32c.js';
import { CorruptionError, ToolError } from '../../../../src/lib/core/errors.js';
import { MAX_ROWS, PointRows } from '../../../../src/lib/pebble/base/point-rows.js';
import { RowBlock } from '../../../../src/lib/pebble/sstable/row-block.js';
import { RowPoints } from '../../../../src/lib/pebble/sstable/row-points.js';
import type { TableFormat } from '../../../../src/lib/pebble/sstable/table-format.js';
import { encodeRows, type Entry } from './row-encoder.js';

const HANDLE = { offset: 7, length: 0 };
const format = (valuePrefix: boolean, obsoleteBit: boolean): TableFormat =>
  ({ valuePrefix, obsoleteBit }) as TableFormat;
const PLAIN = format(false, false);
const V4 = format(true, true);
const SETS = [1, 18];

interface Seen {
  readonly key: string;
  readonly kind: number;
  readonly seqNum: bigint;
  readonly value: string;
}

interface Shown extends Seen {
  readonly isPlain: boolean;
}

interface Wish {
  readonly most?: number;
  readonly prefix?: string;
  readonly as?: TableFormat;
  readonly from?: string;
}

/** From the heap and, with something else behind it, from the memory that the kernels share. */
function decode(bytes: Uint8Array, wish: Wish = {}): Shown[] {
  const chunk = borrowChunk();
  expect(chunk.buffer).to.equal(SHARED_BUFFER);
  const copy = chunk.subarray(3, 3 + bytes.length);
  chunk.fill(0xff, 0, bytes.length + 64);
  copy.set(bytes);
  const shared = outcomeOf(copy, wish);
  const own = outcomeOf(bytes, wish);
  returnChunk(chunk);
  expect(String(shared.error)).to.equal(String(own.error));
  expect(shared.rows).to.deep.equal(own.rows);
  if (own.rows === undefined) throw own.error;
  return own.rows;
}

interface Outcome {
  readonly rows?: Shown[];
  readonly error?: unknown;
}

function outcomeOf(bytes: Uint8Array, wish: Wish): Outcome {
  try {
    return { rows: decodeThere(bytes, wish) };
  } catch (error) {
    return { error };
  }
}

function decodeThere(
  bytes: Uint8Array,
  { most = MAX_ROWS, prefix = '', as = PLAIN, from = '' }: Wish,
): Shown[] {
  const points = new RowPoints(as, Buffer.from(prefix, 'latin1'));
  points.load(new RowBlock(bytes, 't.sst', HANDLE));
  if (from !== '') points.seek(from);
  const rows = new PointRows();
  const shown: Shown[] = [];
  while (points.decodePoints(rows, most)) {
    expect(rows.count).to.be.within(1, most);
    for (let row = 0; row < rows.count; row++) {
      shown.push({
        key: byteStringOf(rows.keys, rows.keyStart(row), rows.keyEnd(row)),
        kind: rows.kind(row),
        seqNum: (BigInt(rows.seqHigh(row)) << 32n) | BigInt(rows.seqLow(row)),
        value: byteStringOf(bytes, rows.valueStart(row), rows.valueEnd(row)),
        isPlain: rows.isPlain(row),
      });
    }
  }
  return shown;
}

const withoutMark = (rows: readonly Shown[]): Seen[] =>
  rows.map(({ key, kind, seqNum, value }) => ({ key, kind, seqNum, value }));

function encode(points: readonly Seen[], interval = 16): Uint8Array {
  const entries = points.map(({ key, kind, seqNum, value }): Entry => {
    const trailer = Buffer.alloc(8);
    trailer.writeBigUInt64LE(seqNum * 256n + BigInt(kind));
    return [key + trailer.toString('latin1'), value];
  });
  return encodeRows(entries, interval);
}

const text = fc
  .array(fc.constantFrom('a', 'b', '\0', '\xff'), { maxLength: 8 })
  .map((a) => a.join(''));
const longText = fc.nat(400).map((n) => 'xyz'.repeat(n));
const point: fc.Arbitrary<Seen> = fc.record({
  key: fc.oneof(text, longText),
  kind: fc.constantFrom(0, 1, 2, 7, 18, 23),
  seqNum: fc.bigInt({ min: 0n, max: (1n << 56n) - 1n }),
  value: fc.oneof(text, longText),
});
const points = fc
  .array(point, { maxLength: 60 })
  .map((all) => all.sort((a, b) => (a.key < b.key ? -1 : 1)));

describe('points of a row data block', () => {
  it('are those that were encoded, whatever the interval, the prefix and the pieces', () => {
    fc.assert(
      fc.property(
        points,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 70 }),
        text,
        (all, interval, most, prefix) => {
          const shown = decode(encode(all, interval), { most, prefix });
          const expected = all.map((each) => ({ ...each, key: prefix + each.key }));
          expect(withoutMark(shown)).to.deep.equal(expected);
        },
      ),
    );
  });

  it('are plain where a put follows another key', () => {
    fc.assert(
      fc.property(points, (all) => {
        const shown = decode(encode(all));
        for (const [i, { key, kind, isPlain }] of shown.entries()) {
          const differs = i > 0 && shown[i - 1]!.key !== key;
          expect(isPlain).to.equal(differs && SETS.includes(kind));
        }
      }),
    );
  });

  it('are more than one lot holds', () => {
    const all = Array.from({ length: 3 * MAX_ROWS + 5 }, (_, i) => ({
      key: `key-${`${i}`.padStart(5, '0')}-${'x'.repeat(i % 700)}`,
      kind: 1,
      seqNum: BigInt(i),
      value: `${i}`,
    }));
    expect(withoutMark(decode(encode(all)))).to.deep.equal(all);
  });

  it('are those of a block of 120 KB', () => {
    const all = ['a', 'b'].map((key) => ({ key, kind: 1, seqNum: 1n, value: key.repeat(60_000) }));
    expect(withoutMark(decode(encode(all)))).to.deep.equal(all);
  });

  it('have values of any length of header', () => {
    for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 16_385, 70_000]) {
      const all = ['a', 'b', 'c'].map((key, i) => {
        const value = i === 1 ? 'v'.repeat(length) : '';
        return { key: key.repeat(1 + (length % 200)), kind: 1, seqNum: 1n, value };
      });
      expect(withoutMark(decode(encode(all)))).to.deep.equal(all);
    }
  });

  it('are sought from a restart at or before the target on', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 9 }), text, (all, interval, target) => {
        const shown = withoutMark(decode(encode(all, interval), { from: target }));
        const wanted = all.filter(({ key }) => key >= target);
        expect(shown.slice(shown.length - wanted.length)).to.deep.equal(wanted);
        expect(shown.length - wanted.length).to.be.at.most(target === '' ? all.length : interval);
      }),
    );
  });

  it('have a prefix byte and a flag in v4', () => {
    const at = { seqNum: 5n, key: 'k' };
    const encoded = encode([
      { ...at, kind: 0x41, value: '\0v' },
      { ...at, kind: 18, value: 'v' },
    ]);
    expect(withoutMark(decode(encoded, { as: V4 }))).to.deep.equal([
      { ...at, kind: 1, value: 'v' },
      { ...at, kind: 18, value: 'v' },
    ]);
    const rows = new RowPoints(V4, new Uint8Array(0));
    const into = new PointRows();
    rows.load(new RowBlock(encode([{ ...at, kind: 1, value: '\x80h' }]), 't', HANDLE));
    rows.decodePoints(into, 1);
    expect([into.valuePlace(0), into.valueEnd(0) - into.valueStart(0)]).to.deep.equal([1, 1]);
  });

  it('show what lies in front of a fault, and then complain', () => {
    const good = { key: 'a', kind: 1, seqNum: 1n, value: '\0' };
    const faults: readonly [Seen | Entry, string][] = [
      [{ ...good, kind: 3 }, 'key kind 3'],
      [{ ...good, kind: 0x41 }, ''],
      [{ ...good, kind: 15 }, 'key kind 15'],
      [{ ...good, kind: 32 }, 'key kind 32'],
      [{ ...good, value: '' }, 'SET without its value prefix byte'],
      [{ ...good, value: '\x40' }, 'value prefix bits 01'],
      [{ ...good, value: '\xc0' }, 'value prefix bits 11'],
      [['short', ''], 'key shorter than 8 bytes'],
    ];
    for (const [fault, message] of faults) {
      const bad = Array.isArray(fault) ? encodeRows([fault as Entry], 1) : encode([fault as Seen]);
      const body = bad.subarray(0, bad.length - 8);
      const bytes = Buffer.concat([encode([good]).subarray(0, -8), body, bad.subarray(-8)]);
      const decoder = new RowPoints(V4, new Uint8Array(0));
      const rows = new PointRows();
      decoder.load(new RowBlock(bytes, 't.sst', HANDLE));
      expect(decoder.decodePoints(rows, MAX_ROWS)).to.equal(true);
      if (message === '') {
        expect(rows.count).to.equal(2);
        continue;
      }
      expect(rows.count).to.equal(1);
      for (let again = 0; again < 2; again++) {
        expect(() => decoder.decodePoints(rows, MAX_ROWS)).to.throw(CorruptionError, message);
      }
    }
  });

  it('name the block and the position of a key that takes over too much', () => {
    const bytes = Buffer.from('0501006100000000 01000000'.replaceAll(' ', ''), 'hex');
    expect(() => decode(bytes)).to.throw(
      CorruptionError,
      't.sst @7: block checksum is good but contents do not decode:' +
        ' entry shares 5 of 0 key bytes, adds 1, value 0, entries end at 4',
    );
  });

  it('end any bytes in points or an error of ours', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(3),
        fc.constantFrom(PLAIN, V4),
        (noise, restarts, as) => {
          const tail = Buffer.from([restarts, 0, 0, 0]);
          const bytes = Buffer.concat([noise, Buffer.alloc(4 * restarts), tail]);
          try {
            decode(bytes, { as });
            decode(bytes, { as, from: 'm' });
          } catch (error) {
            expect(error).to.be.instanceOf(ToolError);
          }
        },
      ),
      { numRuns: 3000 },
    );
    const flipped = Buffer.from(encode([{ key: 'abcdef', kind: 1, seqNum: 9n, value: 'v' }]));
    for (let at = 0; at < flipped.length; at++) {
      for (let to = 0; to < 256; to++) {
        const bytes = Buffer.from(flipped);
        bytes[at] = to;
        try {
          decode(bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolError);
        }
      }
    }
  });
});
