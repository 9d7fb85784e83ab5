import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { CorruptionError } from '../../../../src/lib/core/errors.js';
import { DEFAULT_LIMITS } from '../../../../src/lib/core/limits.js';
import { MemorySource, type ByteSource } from '../../../../src/lib/io/byte-source.js';
import { KIND } from '../../../../src/lib/pebble/base/internal-key.js';
import {
  BLOB_FOOTER_BYTES,
  openBlobFile,
  type BlobFile,
} from '../../../../src/lib/pebble/sstable/blob-file.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import { Exposure } from '../../../../src/lib/pebble/sstable/exposure.js';
import { TableBlocks } from '../../../../src/lib/pebble/sstable/table-blocks.js';
import { openTable } from '../../../../src/lib/pebble/sstable/table.js';
import { FIXTURES, fixtureNames, unpackFixture } from '../../../support/fixtures.js';

/** Remembers which ranges were read. */
class RecordingSource implements ByteSource {
  readonly path = 't.sst';
  readonly size: number;
  reads: [offset: number, length: number][] = [];
  isClosed = false;
  private readonly inner: MemorySource;

  constructor(bytes: Uint8Array) {
    this.inner = new MemorySource(this.path, bytes);
    this.size = bytes.length;
  }

  readAt(offset: number, into: Uint8Array): number {
    this.reads.push([offset, into.length]);
    return this.inner.readAt(offset, into);
  }

  close(): void {
    this.isClosed = true;
  }
}

const ORACLE = join(FIXTURES, 'sstables');
const oracle = (name: string): Uint8Array => readFileSync(join(ORACLE, `${name}.sst`));
const newCache = (): BlockCache => new BlockCache(1 << 20);

describe('openTable', () => {
  it('reads footer, metaindex and properties, and nothing else', () => {
    for (const name of ['v4-two-level-snappy', 'v7-two-level-snappy']) {
      const bytes = oracle(name);
      const source = new RecordingSource(bytes);
      openTable(source, { cache: newCache() });
      expect(source.reads).to.have.length(3);
      const blocks = new TableBlocks(new MemorySource('t', bytes), newCache(), DEFAULT_LIMITS);
      const { metaindex, properties } = { ...blocks.footer, ...blocks.metaindex };
      expect(source.reads.map(([offset]) => offset)).to.deep.equal([
        bytes.length - 61,
        metaindex.offset,
        properties.offset,
      ]);
    }
  });

  it('a seek reads one block a level, a second one there none', () => {
    for (const name of ['v4-two-level-snappy', 'v7-two-level-snappy']) {
      const source = new RecordingSource(oracle(name));
      const table = openTable(source, { cache: newCache() });
      source.reads = [];
      expect(table.points().seek('key/03/000900')).to.equal(true);
      expect(source.reads).to.have.length(3);
      expect(table.points().seek('key/03/000900')).to.equal(true);
      expect(source.reads).to.have.length(3);
    }
  });

  it('a scan reads no byte of data twice', () => {
    for (const name of ['v3-two-level-snappy', 'v5-one-level-xxhash', 'v7-minlz']) {
      const bytes = oracle(name);
      const source = new RecordingSource(bytes);
      const table = openTable(source, { cache: new BlockCache(0) });
      const end = table.properties.count('rocksdb.data.size');
      source.reads = [];
      const points = table.points();
      for (let ok = points.first(); ok;) ok = points.next();
      const data = source.reads.filter(([offset]) => offset < end).sort((a, b) => a[0] - b[0]);
      let read = 0;
      for (const [offset, length] of data) {
        expect(offset, name).to.equal(read);
        read = offset + length;
      }
      expect(read).to.be.at.least(end);
    }
  });

  it('closes the source when the table cannot be opened, and when asked to', () => {
    const bad = new RecordingSource(new Uint8Array(100));
    expect(() => openTable(bad, { cache: newCache() })).to.throw(CorruptionError);
    expect(bad.isClosed).to.equal(true);
    const good = new RecordingSource(oracle('v4-zstd'));
    const cache = newCache();
    const table = openTable(good, { cache });
    table.points().first();
    expect(cache.usedBytes).to.be.above(0);
    table.close();
    expect(good.isClosed).to.equal(true);
    expect(cache.usedBytes).to.equal(0);
  });

  it('an iterator that failed stands nowhere', () => {
    const bytes = Buffer.from(oracle('v4-two-level-snappy'));
    bytes[2000]! ^= 1;
    const points = openTable(new MemorySource('t', bytes), { cache: newCache() }).points();
    expect(() => {
      for (let ok = points.first(); ok;) ok = points.next();
    }).to.throw(CorruptionError, 'data block of');
    expect(points.valid).to.equal(false);
    expect(points.first()).to.equal(true);
  });
});

describe('Exposure', () => {
  const span = (start: string, end: string, kind: number = KIND.RANGEDEL) => ({
    start,
    end,
    kind,
    seqNum: 5n,
    suffix: '',
    value: new Uint8Array(0),
  });

  it('shows spans as stored when nothing is asked', () => {
    const stored = [span('a', 'b')];
    expect(new Exposure().spans(stored)).to.equal(stored);
  });

  it('cuts spans to the bounds and drops those outside', () => {
    const stored = [span('a', 'c'), span('c', 'e'), span('e', 'z')];
    const show = (upperInclusive: boolean): [string, string][] =>
      new Exposure({ bounds: { lower: 'b', upper: 'e', upperInclusive } })
        .spans(stored)
        .map(({ start, end }) => [start, end]);
    expect(show(false)).to.deep.equal([
      ['b', 'c'],
      ['c', 'e'],
    ]);
    expect(show(true)).to.deep.equal([
      ['b', 'c'],
      ['c', 'e'],
      ['e', 'e\0'],
    ]);
  });

  it('gives spans the global number, the prefix and, to set range keys, the suffix', () => {
    const exposure = new Exposure({
      globalSeqNum: 1n << 55n,
      syntheticPrefix: 'p',
      syntheticSuffix: '@9',
    });
    const set = { ...span('a', 'b', KIND.RANGEKEYSET), suffix: '@1' };
    const [shownSet, shownDel] = exposure.spans([set, span('b', 'c', KIND.RANGEKEYDEL)]);
    expect(shownSet).to.include({ start: 'pa', end: 'pb', seqNum: 1n << 55n, suffix: '@9' });
    expect(shownDel).to.include({ start: 'pb', end: 'pc', suffix: '' });
  });

  it('an inclusive upper bound shows that key, an exclusive one does not', () => {
    const bytes = oracle('v4-two-level-snappy');
    const all = openTable(new MemorySource('t', bytes), { cache: newCache() }).points();
    all.seek('key/02/');
    const upper = Buffer.from(all.userKey).toString('latin1');
    for (const upperInclusive of [true, false]) {
      const points = openTable(new MemorySource('t', bytes), {
        cache: newCache(),
        bounds: { lower: 'key/01/', upper, upperInclusive },
      }).points();
      expect(points.seek(upper)).to.equal(upperInclusive);
      expect(points.seek('')).to.equal(true);
      expect(Buffer.from(points.userKey).toString('latin1') >= 'key/01/').to.equal(true);
      let last = '';
      for (let ok = points.first(); ok; ok = points.next()) {
        last = Buffer.from(points.userKey).toString('latin1');
      }
      expect(last === upper).to.equal(upperInclusive);
    }
  });
});

describe('blob files', () => {
  const found: string[] = [];
  before(() => {
    for (const name of fixtureNames('pebble')) {
      const directory = unpackFixture('pebble', name);
      for (const file of readdirSync(directory, { recursive: true })) {
        if (String(file).endsWith('.blob')) found.push(join(directory, String(file)));
      }
    }
    expect(found).to.have.length.above(0);
  });

  const open = (bytes: Uint8Array): BlobFile =>
    openBlobFile(new MemorySource('b.blob', bytes), newCache());

  it('verify block by block, and cover the file', () => {
    let values = 0;
    for (const path of found) {
      const bytes = readFileSync(path);
      const file = open(bytes);
      let at = 0;
      for (const handle of file.blocks()) {
        expect(handle.offset).to.equal(at);
        at += handle.length + 5;
        values += file.verifyBlock(handle);
      }
      expect(at).to.equal(file.indexHandle.offset);
      expect(at + file.indexHandle.length + 5 + BLOB_FOOTER_BYTES).to.equal(bytes.length);
    }
    expect(values).to.be.above(1000);
  });

  it('refuse handles that lead nowhere', () => {
    const file = open(readFileSync(found[0]!));
    const handle = { reference: 0, length: 1, block: 0, value: 0 };
    for (const wrong of [{ block: 1e6 }, { value: 1e6 }, { length: 1e6 }]) {
      expect(() => file.value({ ...handle, ...wrong }))
        .to.throw(CorruptionError)
        .with.property('code', 'sst-value-handle');
    }
  });

  it('refuse a footer with any flipped bit', () => {
    const bytes = readFileSync(found[0]!);
    for (let at = bytes.length - BLOB_FOOTER_BYTES; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 4;
      expect(() => open(damaged), `${at}`).to.throw(CorruptionError);
    }
    expect(() => open(bytes.subarray(0, 37))).to.throw(CorruptionError);
  });

  it('a value whose file is not at hand fails by itself', () => {
    const directory = dirname(found[0]!);
    let missing = 0;
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.sst'))) {
      const bytes = readFileSync(join(directory, name));
      const points = openTable(new MemorySource(name, bytes), { cache: newCache() }).points();
      for (let ok = points.first(); ok; ok = points.next()) {
        try {
          expect(points.value).to.be.instanceOf(Uint8Array);
        } catch (error) {
          expect(error).to.have.property('code', 'sst-value-handle');
          missing++;
        }
      }
    }
    expect(missing).to.be.above(1000);
  });
});
