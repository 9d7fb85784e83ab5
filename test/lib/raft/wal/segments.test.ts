import { expect } from 'chai';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { PROTO_37 } from '../../../../src/lib/proto/dialect.js';
import { WalEncoder } from '../../../../src/lib/raft/wal/encoder.js';
import { padBytesOf, recBytesOf, writtenPadBytes } from '../../../../src/lib/raft/wal/frame.js';
import { openSegments } from '../../../../src/lib/raft/wal/open-segments.js';
import { readAll } from '../../../../src/lib/raft/wal/read-all.js';
import {
  isSelectionRefusal,
  listWal,
  parseSegmentName,
  segmentName,
  selectSegments,
  type SegmentName,
} from '../../../../src/lib/raft/wal/segment-name.js';
import { isTorn } from '../../../../src/lib/raft/wal/torn.js';
import { segmentOf } from './golden-segment.js';

const named = (...pairs: [bigint, bigint][]): SegmentName[] =>
  pairs.map(([seq, index]) => parseSegmentName(segmentName(seq, index))!);

describe('segment names', () => {
  it('are parsed wider than they are written', () => {
    expect(parseSegmentName('0000000000000002-0000000000000069.wal')).to.deep.include({
      seq: 2n,
      index: 0x69n,
      canonical: true,
    });
    for (const name of ['1-2.wal', '1-2.wal.wal', 'A-fF.wal', '1-2.walx.wal']) {
      expect(parseSegmentName(name)?.canonical, name).to.equal(false);
    }
    const bad = [
      '0x1-2.wal',
      '00000000000000001-2.wal',
      '1-2.wal.broken',
      '-1.wal',
      'x.wal',
      '1.wal',
    ];
    for (const name of bad) expect(parseSegmentName(name), name).to.equal(undefined);
  });

  it('make a WAL exist when one ends in .wal, and are listed by bytes', () => {
    const files = ['a-1.wal', 'A-1.wal', '1-0.wal', '0.tmp', '1-0.wal.broken', 'odd.wal'];
    const dir = new MemoryDir('wal', new Map(files.map((name) => [name, new Uint8Array(0)])));
    const listing = listWal(dir);
    expect(listing.exists).to.equal(true);
    expect(listing.segments.map(({ name }) => name)).to.deep.equal([
      '1-0.wal',
      'A-1.wal',
      'a-1.wal',
    ]);
    expect(listing.unparsable).to.deep.equal(['odd.wal']);
    expect(listing.others).to.deep.equal(['0.tmp', '1-0.wal.broken']);
    expect(listWal(new MemoryDir('wal', new Map([['0.tmp', new Uint8Array(1)]]))).exists).to.equal(
      false,
    );
  });

  it('choose the last segment that begins at or below the snapshot', () => {
    const list = named([3n, 10n], [4n, 20n], [5n, 15n]);
    const from = (index: bigint): bigint | string => {
      const chosen = selectSegments(list, index);
      return isSelectionRefusal(chosen) ? chosen.nodeError : chosen[0]!.seq;
    };
    expect(from(12n)).to.equal(3n);
    expect(from(15n)).to.equal(5n);
    expect(from(9n)).to.equal(
      'openAtIndex failed: [openAtIndex] selectWALFiles failed: ' +
        "wal: file not found which matches the snapshot index '9'",
    );
  });

  it('must rise by one, but for what follows seq 0', () => {
    const refused = (list: SegmentName[], index: bigint): boolean =>
      isSelectionRefusal(selectSegments(list, index));
    expect(refused(named([0n, 0n], [2n, 9n], [3n, 12n]), 1n)).to.equal(false);
    expect(refused(named([0n, 0n], [1n, 9n], [3n, 12n]), 1n)).to.equal(true);
    expect(refused(named([0n, 0n], [1n, 9n], [3n, 12n]), 13n)).to.equal(false);
    expect(selectSegments(named([7n, 1n], [8n, 5n], [10n, 9n]), 6n)).to.deep.equal({
      code: 'wal-sequence-gap',
      nodeError:
        'openAtIndex failed: [openAtIndex] selectWALFiles failed: ' +
        'wal: file sequence numbers (starting from 1) do not increase continuously',
    });
  });

  it('that cannot be opened carry the text of the node', () => {
    const dir = new MemoryDir('wal', new Map());
    const open = (): unknown => openSegments(dir, named([0n, 0n]));
    const path = 'wal/0000000000000000-0000000000000000.wal';
    const why = `open ${path}: no such file or directory`;
    const text = `[openWALFiles] os.OpenFile failed ("${path}"): ${why}`;
    expect(open).to.throw().with.property('nodeError', text);
  });
});

describe('frames', () => {
  it('pad to a multiple of 8 and say so in the top byte', () => {
    expect([0, 1, 4, 7, 8, 14].map(writtenPadBytes)).to.deep.equal([0, 7, 4, 1, 0, 2]);
    expect(padBytesOf(0x84000000)).to.equal(4);
    expect(padBytesOf(0x04000000)).to.equal(0);
    expect(recBytesOf(0xff00007f, 0xff)).to.equal(0x7f_0000_00ff);
  });
  it('are torn when a sector piece is zero, not when a part of one is', () => {
    const bytes = new Uint8Array(2000).fill(1);
    expect(isTorn(bytes, 0, 2000, 100)).to.equal(false);
    // The file offsets 512 to 1024 lie at 412 to 924.
    bytes.fill(0, 412, 924);
    expect(isTorn(bytes, 0, 2000, 100)).to.equal(true);
    bytes[923] = 1;
    expect(isTorn(bytes, 0, 2000, 100)).to.equal(false);
    const short = new Uint8Array(10);
    expect(isTorn(short, 0, 10, 508)).to.equal(true);
    short.fill(1, 4);
    expect(isTorn(short, 0, 10, 508)).to.equal(true);
  });
});

describe('entries written twice', () => {
  const encoder = new WalEncoder(PROTO_37);
  const parts = [encoder.creation()];
  parts.push(encoder.snapshot({ index: 10n, term: 1n, confState: undefined }));
  const put = (term: bigint, index: bigint): void => {
    const data = Buffer.from(`${term}/${index}`);
    parts.push(encoder.entry({ type: undefined, term, index, data }));
  };
  for (const index of [9n, 10n, 11n, 12n, 13n, 14n]) put(1n, index);
  for (const index of [12n, 13n]) put(2n, index);
  put(3n, 13n);
  const content = readAll([segmentOf(Buffer.concat(parts))], { term: 1n, index: 10n }, PROTO_37);
  const rows = (table: typeof content.entries): string[] =>
    [...table.rows()].map(({ term, index }) => `${term}/${index}`);

  it('replace everything from their index on, and what went is reported', () => {
    expect(rows(content.entries)).to.deep.equal(['1/11', '2/12', '3/13']);
    expect(rows(content.superseded)).to.deep.equal(['1/12', '1/13', '1/14', '2/13']);
    expect(content.counts).to.include({ entriesBelow: 2, snapshots: 2 });
    expect(content.matched).to.equal(true);
  });
});

describe('the election of a sole voter', () => {
  it('appends its vote, the empty entry and the commit, of sizes that follow from the CRCs', () => {
    const encoder = new WalEncoder(PROTO_37, 0xb1a1fbda);
    const bytes = encoder.election({ term: 2n, commit: 3n, last: 4n }, 7n);
    expect(bytes.length).to.equal(encoder.bytesWritten);
    expect(bytes.length).to.equal(3 * 24);
  });
});
