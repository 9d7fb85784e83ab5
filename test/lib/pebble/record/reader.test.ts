import { expect } from 'chai';
import fc from 'fast-check';
import { copyOf } from '../../../../src/lib/bytes/copy.js';
import { hex, unhex } from '../../../../src/lib/bytes/hex.js';
import { concatBytes } from '../../../../src/lib/bytes/write.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { findLostChunks } from '../../../../src/lib/pebble/record/look-ahead.js';
import { RecordReader } from '../../../../src/lib/pebble/record/reader.js';
import type { LogEnd } from '../../../../src/lib/pebble/record/log-end.js';
import { writeRecords, type Family } from './write-records.js';

function readAll(
  bytes: Uint8Array,
  logNumber: number,
): { records: string[]; end: LogEnd; reader: RecordReader } {
  const reader = new RecordReader(new MemorySource('000009.log', bytes), logNumber);
  const records: string[] = [];
  while (reader.next()) records.push(hex(reader.record));
  return { records, end: reader.end!, reader };
}

const bytesOf = (text: string): Uint8Array => unhex(text.replaceAll(/[\s|]/g, ''))!;

const MANIFEST_A1 =
  'a117774a 2000 01 011a6c6576656c64622e4279746577697365436f6d70617261746f72 0302 0400';
const WAL_A4 =
  'bca757b7 2c00 05 02000000 0a00000000000000 04000000 0105616c7068610131 01046265746102 3232' +
  ' 0004676f6e65 010567616d6d6100' +
  ' d5568c72 1800 05 02000000 0e00000000000000 01000000 01050062696eff04 000102ff' +
  ' 29b0656e 1b00 05 02000000 0f00000000000000 00000000 030d68656c6c6f206c6f6764617461' +
  ' 60633f16 1600 05 02000000 0f00000000000000 01000000 0105616c706861023162';

const families: readonly Family[] = ['legacy', 'recyclable', 'wal-sync'];
const record = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff);

describe('pebble/record reader', () => {
  it('reads the MANIFEST record of appendix A.1', () => {
    const { records, end } = readAll(bytesOf(MANIFEST_A1), 0);
    expect(records).to.have.length(1);
    expect(records[0]).to.match(/^011a6c65.*03020400$/);
    expect(end).to.include({ kind: 'clean-eof', trailer: false, offset: 39 });
  });

  it('reads the four WAL records of appendix A.4', () => {
    const { records, end } = readAll(bytesOf(WAL_A4), 2);
    expect(records.map((r) => r.length / 2)).to.deep.equal([44, 24, 27, 22]);
    expect(end).to.include({ kind: 'clean-eof', trailer: false, offset: 161 });
  });

  it('knows the EOF trailer of appendix A.5 although its crc does not verify', () => {
    const bytes = bytesOf(
      '35c02a41 0f00 05 0f000000 5423000000000000 01000000 16010e 00000000 0000 05 10000000',
    );
    const { records, end } = readAll(bytes, 15);
    expect(records).to.deep.equal(['54230000000000000100000016010e']);
    expect(end).to.include({ kind: 'clean-eof', trailer: true, offset: 26, badOffset: 26 });
  });

  it('reads the WAL-sync chunk of appendix A.6, and its recyclable twin', () => {
    const sync = bytesOf(
      '2cb3a4dc 1a00 09 3c000000 0000000000000000' +
        ' 6dfa000000000000 01000000 01037a7a7a 0872656f70656e6564',
    );
    const plain = bytesOf(
      '40ece148 1a00 05 26000000 30fa000000000000 01000000 01037a7a7a 0872656f70656e6564',
    );
    expect(readAll(sync, 60).records[0]).to.match(/^6dfa.*01037a7a7a0872656f70656e6564$/);
    expect(readAll(plain, 38).records[0]).to.match(/^30fa.*01037a7a7a0872656f70656e6564$/);
  });

  it('takes an empty file for a clean end', () => {
    expect(readAll(new Uint8Array(0), 2).end).to.include({ kind: 'clean-eof', offset: 0 });
  });

  it('reads back what was written, whatever the lengths and the family', () => {
    const lengths = fc.array(
      fc.oneof(fc.nat(200), fc.integer({ min: 32600, max: 33000 }), fc.nat(90000)),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(lengths, fc.constantFrom(...families), fc.boolean(), (sizes, family, trailer) => {
        const number = family === 'legacy' ? 0 : 9;
        const wanted = sizes.map((size, i) => record(size, i));
        const file = writeRecords(wanted, family, number, { trailer: trailer && number > 0 });
        const { records, end } = readAll(file, number);
        expect(records).to.deep.equal(wanted.map(hex));
        expect(end.kind).to.equal('clean-eof');
        expect(end.trailer).to.equal(trailer && number > 0);
      }),
      { numRuns: 60 },
    );
  });

  it('gives a record away where it was put together, and leaves it alone from then on', () => {
    const wanted = [record(90_000, 3), record(80_000, 4), record(20, 5), record(70_000, 6)];
    const file = writeRecords(wanted, 'recyclable', 9, { trailer: false });
    const reader = new RecordReader(new MemorySource('000009.log', file), 9);
    const kept: Uint8Array[] = [];
    const given: boolean[] = [];
    while (reader.next()) {
      const isGiven = reader.giveRecord();
      given.push(isGiven);
      kept.push(isGiven ? reader.record : copyOf(reader.record));
    }
    expect(kept.map(hex)).to.deep.equal(wanted.map(hex));
    expect(given[0]).to.equal(true);
    expect(given[2], 'it lies in the window').to.equal(false);
  });

  it('ends clean or unexpected at every truncation, with the whole records before it', () => {
    const wanted = [record(40), record(0), record(300), record(7)];
    for (const family of families) {
      const number = family === 'legacy' ? 0 : 9;
      const file = writeRecords(wanted, family, number);
      for (let cut = 0; cut <= file.length; cut++) {
        const { records, end } = readAll(file.subarray(0, cut), number);
        expect(records).to.deep.equal(wanted.slice(0, records.length).map(hex));
        expect(end.kind).to.be.oneOf(['clean-eof', 'unexpected-eof']);
        expect(end.kind === 'clean-eof').to.equal(end.offset === cut);
      }
    }
  });

  it('delivers no record with a flipped bit', () => {
    const wanted = [record(40), record(30), record(20)];
    const file = writeRecords(wanted, 'recyclable', 9);
    for (let bit = 0; bit < file.length * 8; bit++) {
      const bad = Uint8Array.from(file);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const { records, end } = readAll(bad, 9);
      const whole = bit >> 3 < 51 ? 0 : bit >> 3 < 92 ? 1 : 2;
      expect(records).to.deep.equal(wanted.slice(0, whole).map(hex));
      expect(end.kind).to.equal(records.length === 3 ? 'clean-eof' : 'unexpected-eof');
    }
  });

  it('finds the records behind a damaged one in the same block', () => {
    const file = writeRecords([record(40), record(30), record(20), record(10)], 'recyclable', 9);
    // In its crc, its log number and its payload.
    for (const at of [51, 60, 70]) {
      const bad = Uint8Array.from(file);
      bad[at]! ^= 1;
      const { end, reader } = readAll(bad, 9);
      expect(end).to.include({ kind: 'unexpected-eof', offset: 51, badOffset: 51 });
      const lost = findLostChunks(reader.source, end.badOffset, 9);
      expect(lost).to.deep.equal({ records: 2, chunks: 2, bytes: 30, firstOffset: 92 });
    }
  });

  it('does not count the chunks of the log that was recycled', () => {
    const older = writeRecords(
      Array.from({ length: 200 }, () => record(500)),
      'recyclable',
      4,
    );
    const newer = writeRecords([record(500), record(500)], 'recyclable', 9);
    older.set(newer);
    const { records, end, reader } = readAll(older, 9);
    expect(records).to.have.length(2);
    expect(end).to.include({ kind: 'unexpected-eof', offset: newer.length });
    expect(findLostChunks(reader.source, end.badOffset, 9).chunks).to.equal(0);
  });

  it('confirms damage when a later block promises that the bytes were durable', () => {
    const many = Array.from({ length: 200 }, () => record(500));
    const file = writeRecords(many, 'wal-sync', 9, { sync: true });
    file[1000]! ^= 1;
    const { end } = readAll(file, 9);
    expect(end.kind).to.equal('invalid');
    expect(end.badOffset).to.equal(519);
    expect(end.provenBy).to.equal(32768);
    const zeroed = Uint8Array.from(file).fill(0, 519, 1600);
    expect(readAll(zeroed, 9).end.kind).to.equal('zeroed');
    const unsynced = writeRecords(many, 'wal-sync', 9);
    unsynced[1000]! ^= 1;
    expect(readAll(unsynced, 9).end.kind).to.equal('unexpected-eof');
  });

  it('needs the proof in a later block, not in the same', () => {
    const file = writeRecords(
      Array.from({ length: 20 }, () => record(500)),
      'wal-sync',
      9,
      {
        sync: true,
      },
    );
    file[1000]! ^= 1;
    expect(readAll(file, 9).end.kind).to.equal('unexpected-eof');
  });

  it('skips a continuation without a beginning, and says so', () => {
    const whole = writeRecords([record(40000)], 'recyclable', 9);
    const file = concatBytes(whole.subarray(32768), writeRecords([record(5)], 'recyclable', 9));
    const { records, reader } = readAll(file, 9);
    expect(records).to.deep.equal([hex(record(5))]);
    expect(reader.oddities).to.have.length(1);
    expect(reader.oddities[0]!.offset).to.equal(0);
  });

  it('joins a record that begins inside another, as Pebble does, and says so', () => {
    const whole = writeRecords([record(40000)], 'recyclable', 9);
    const tail = writeRecords([record(5)], 'recyclable', 9);
    const { records, reader } = readAll(concatBytes(whole.subarray(0, 32768), tail), 9);
    expect(records).to.deep.equal([hex(record(40000).subarray(0, 32757)) + hex(record(5))]);
    expect(reader.oddities.map((o) => o.offset)).to.deep.equal([32768]);
  });

  it('takes zeroes at the end of a block for padding, anywhere else for an end', () => {
    const fill = record(BLOCK - 11 - 9);
    const padded = concatBytes(writeRecords([fill], 'recyclable', 9), new Uint8Array(9));
    const next = writeRecords([record(3)], 'recyclable', 9);
    expect(readAll(concatBytes(padded, next), 9).records).to.have.length(2);
    const zeroTail = concatBytes(next, new Uint8Array(100));
    const { end } = readAll(zeroTail, 9);
    expect(end).to.include({ kind: 'unexpected-eof', offset: next.length });
    expect(end.reason).to.match(/zeroes/);
  });
});

const BLOCK = 32768;
