import { expect } from 'chai';
import fc from 'fast-check';
import { unhex } from '../../../../src/lib/bytes/hex.js';
import { CorruptionError, ToolError, UnsupportedError } from '../../../../src/lib/core/errors.js';
import { isExclusiveSentinel } from '../../../../src/lib/pebble/manifest/table-meta.js';
import { decodeVersionEdit } from '../../../../src/lib/pebble/manifest/version-edit.js';
import { VersionBuilder } from '../../../../src/lib/pebble/manifest/version.js';

const bytesOf = (text: string): Uint8Array => unhex(text.replaceAll(/[\s|]/g, ''))!;
const decode = (bytes: Uint8Array): ReturnType<typeof decodeVersionEdit> =>
  decodeVersionEdit(bytes, 'MANIFEST-000001', 39);

const FRESH = '011a6c6576656c64622e4279746577697365436f6d70617261746f72 0302 0400';
const FLUSH =
  '0206 0308 0426 670007cda73e 0d0062696eff010e000000000000 0c676f6e65000c000000000000 0b26' +
  ' 060593c583d806 01';
const EXCISE =
  '0327 6924c3c07d 049247 060624' +
  ' 670625f2b94d 0d0062696eff0100000000000000 186b6579303033393939383700016568680100000000000000' +
  ' 008b47 4224 01' +
  ' 680626a28228 03 186b6579303035303034353400016367670100000000000000' +
  ' 0e6d65726765320100000000000000' +
  ' 0a72311589230000000000 0a723715ffffffffffffff 008b47 4224 01';

describe('pebble/manifest version edit', () => {
  it('decodes the fresh database of appendix A.1', () => {
    expect(decode(bytesOf(FRESH))).to.deep.include({
      comparer: 'leveldb.BytewiseComparator',
      nextFileNum: 2,
      lastSeqNum: 0n,
      newTables: [],
    });
  });

  it('decodes the flush of appendix A.2', () => {
    const edit = decode(bytesOf(FLUSH));
    expect(edit).to.include({ minUnflushedLogNum: 6, nextFileNum: 8, lastSeqNum: 38n });
    const [table] = edit.newTables;
    expect(table).to.deep.include({
      level: 0,
      number: 7,
      sizeBytes: 1020877,
      smallestSeqNum: 11n,
      largestSeqNum: 38n,
      creationTime: 1795220115,
      virtual: false,
      backing: 7,
    });
    expect(table!.bounds).to.deep.equal({
      smallest: { userKey: '\0bin\xff', seqNum: 14n, kind: 1 },
      largest: { userKey: 'gone', seqNum: 12n, kind: 0 },
    });
  });

  it('decodes the excise of appendix A.3', () => {
    const edit = decode(bytesOf(EXCISE));
    expect(edit).to.deep.include({
      nextFileNum: 39,
      lastSeqNum: 9106n,
      createdBackings: [{ number: 36, sizeBytes: 2056259 }],
      deletedTables: [{ level: 6, number: 36 }],
    });
    const [low, high] = edit.newTables;
    expect(low).to.include({ number: 37, virtual: true, backing: 36, largestSeqNum: 9099n });
    expect(low!.rangeKeys).to.equal(undefined);
    expect(high).to.include({ number: 38, virtual: true, backing: 36 });
    expect(high!.points!.largest.userKey).to.equal('merge2');
    expect(high!.rangeKeys!.smallest).to.deep.equal({ userKey: 'r1', seqNum: 9097n, kind: 21 });
    expect(high!.bounds.smallest).to.equal(high!.points!.smallest);
    expect(high!.bounds.largest).to.equal(high!.rangeKeys!.largest);
    expect(isExclusiveSentinel(high!.bounds.largest)).to.equal(true);
    expect(isExclusiveSentinel(low!.bounds.largest)).to.equal(false);
  });

  it('answers every truncation with an edit of whole fields or a corruption at the record', () => {
    for (const text of [FRESH, FLUSH, EXCISE]) {
      const whole = bytesOf(text);
      for (let cut = 0; cut < whole.length; cut++) {
        try {
          decode(whole.subarray(0, cut));
        } catch (error) {
          expect(error).to.be.instanceOf(CorruptionError);
          expect((error as ToolError).site).to.deep.equal({ path: 'MANIFEST-000001', offset: 39 });
        }
      }
    }
    expect(() => decode(bytesOf(FLUSH).subarray(0, -1))).to.throw(CorruptionError);
  });

  it('refuses tags whose length is unknown', () => {
    for (const tag of [0, 8, 10, 101, 109]) {
      expect(() => decode(Uint8Array.of(tag, 0)), String(tag)).to.throw(UnsupportedError);
    }
    expect(() => decode(bytesOf('c801'))).to.throw('unknown tag 200');
  });

  it('skips custom fields that are safe to ignore and refuses the others', () => {
    expect(decode(bytesOf(FLUSH.replace(' 060593', ' 0702abcd 060593'))).newTables).to.have.length(
      1,
    );
    expect(() => decode(bytesOf(FLUSH.replace(' 060593', ' 410100 060593')))).to.throw('field 65');
    expect(() => decode(bytesOf(FLUSH.replace(' 060593', ' 020201 01 060593')))).to.throw(
      CorruptionError,
    );
  });

  it('refuses levels above 6, short bounds and bounds without points', () => {
    expect(() => decode(bytesOf('060701'))).to.throw('level 7');
    expect(() => decode(bytesOf('67000701 0361'))).to.throw(CorruptionError);
    expect(() => decode(bytesOf('67000701 0361626300'))).to.throw('at least 8');
    expect(() => decode(bytesOf('68000701 02'))).to.throw('there is none');
  });

  it('answers any bytes with an edit or a ToolError', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(6, 103, 104, 105, 107),
        (b, tag) => {
          try {
            decode(Uint8Array.of(tag, ...b));
          } catch (error) {
            expect(error).to.be.instanceOf(ToolError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

const fold = (...edits: string[]): ReturnType<VersionBuilder['finish']> => {
  const builder = new VersionBuilder();
  for (const text of edits) builder.apply(decode(bytesOf(text)), { path: 'M', offset: 0 });
  return builder.finish('M');
};

describe('pebble/manifest version', () => {
  it('folds edits: the last number that is not 0 wins', () => {
    const version = fold(FRESH, FLUSH, '0300 0400');
    expect(version).to.include({ minUnflushedLogNum: 6, nextFileNum: 8, lastSeqNum: 38n });
    expect(version.levels[0]!.map((t) => t.number)).to.deep.equal([7]);
  });

  it('moves a table between levels in one edit', () => {
    const moved = FLUSH.replace('670007', '670607');
    const version = fold(FRESH, FLUSH, `060007 ${moved}`);
    expect(version.levels.map((tables) => tables.length)).to.deep.equal([0, 0, 0, 0, 0, 0, 1]);
  });

  it('refuses what contradicts itself', () => {
    expect(() => fold(FRESH, '060009')).to.throw('was never added');
    expect(() => fold(FRESH, '690501', '690501')).to.throw('created twice');
    expect(() => fold(FRESH, FLUSH.replace(' 01', ' 4224 01'))).to.throw('backing 36 is unknown');
    expect(() => fold('0301')).to.throw('next file number is 1');
    expect(() => fold(FRESH, FLUSH.replace(/ 01$/, ' 4501010503 01'))).to.throw('blob file 5');
    expect(() => fold('0103 616263 0302')).to.throw(UnsupportedError);
  });

  it('refuses tables of one level that overlap', () => {
    const l6 = FLUSH.replace('670007', '670607');
    expect(() => fold(FRESH, l6, l6.replace('670607', '670609'))).to.throw('overlap');
  });

  it('maps a blob file id to its newest file', () => {
    const version = fold(FRESH, '6b 05 08 64 32 00', '6b 05 09 64 32 00 6c 05 08');
    expect(version.blobs.get(5)!.number).to.equal(9);
    expect(fold(FRESH, '6b 05 08 64 32 00', '6c 05 08').blobs.size).to.equal(0);
  });
});
