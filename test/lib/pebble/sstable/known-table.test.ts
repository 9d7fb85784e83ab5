/** The complete table of spec/pebble.md A.7, and what becomes of it when single bytes lie. */
import { expect } from 'chai';
import { hex } from '../../../../src/lib/bytes/hex.js';
import { CorruptionError, UnsupportedError } from '../../../../src/lib/core/errors.js';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { KIND, seqNumOf } from '../../../../src/lib/pebble/base/internal-key.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import { readFooter } from '../../../../src/lib/pebble/sstable/footer.js';
import { openTable, type Table } from '../../../../src/lib/pebble/sstable/table.js';
import { verifyTable } from '../../../../src/lib/pebble/sstable/verify-table.js';
import { resealed } from './resealed.js';

const TABLE = Buffer.from(
  `000f057a7a2d6c617374012ffa0000000000007461696c000000000100000000f5e72d940009027b
11ffffffffffffff001f000000000100000000ffb89d25000c016f62736f6c6574652d6b65790000
2404726f636b7364622e626c6f636b2e62617365642e7461626c652e696e6465782e747970650000
0000080a1a636f6d70617261746f726c6576656c64622e4279746577697365436f6d70617261746f
720c070672657373696f6e536e6170707913085f5f6f7074696f6e7377696e646f775f626974733d
2d31343b206c6576656c3d33323736373b2073747261746567793d303b206d61785f646963745f62
797465733d303b207a7374645f6d61785f747261696e5f62797465733d303b20656e61626c65643d
303b20080901646174612e73697a6524090b01656c657465642e6b65797300080b0166696c746572
2e73697a6500080a01696e6465782e73697a651b080e016d657267652e6f706572616e6473001303
12746f72706562626c652e636f6e636174656e617465080f016e756d2e646174612e626c6f636b73
010c0701656e7472696573010c0f0172616e67652d64656c6574696f6e730008130e70726f706572
74792e636f6c6c6563746f72735b6f62736f6c6574652d6b65795d080c017261772e6b65792e7369
7a650f0c0a0176616c75652e73697a65040000000001000000002611d9f4001203726f636b736462
2e70726f706572746965733fba030000000001000000000f5c3d5601fe0320241600000000000000
0000000000000000000000000000000000000000000000000000000004000000f09faab3f09faab3`.replaceAll(
    /\s/g,
    '',
  ),
  'hex',
);
const DATA = { offset: 0, length: 31 };
const INDEX = { offset: 36, length: 22 };
const PROPERTIES = { offset: 63, length: 442 };
const METAINDEX = { offset: 510, length: 32 };

const open = (bytes: Uint8Array): Table =>
  openTable(new MemorySource('a7.sst', bytes), { cache: new BlockCache(1 << 20) });

async function findingsOf(bytes: Uint8Array): Promise<Finding[]> {
  const findings: Finding[] = [];
  await verifyTable(new MemorySource('a7.sst', bytes), {
    level: 'full',
    report: (finding) => findings.push(finding),
  });
  return findings;
}

function changed(at: number, to: readonly number[]): Uint8Array {
  const out = Buffer.from(TABLE);
  out.set(to, at);
  return out;
}

/** The properties block with the value bytes behind `name` replaced. */
function withProperty(tail: string, value: number): Uint8Array {
  return resealed(TABLE, PROPERTIES, (payload) => {
    payload[Buffer.from(payload).indexOf(tail) + tail.length] = value;
  });
}

describe('the table of spec/pebble.md A.7', () => {
  it('has the footer described there', () => {
    expect(TABLE).to.have.length(600);
    const footer = readFooter(new MemorySource('a7.sst', TABLE));
    expect(footer.format.name).to.equal('(Pebble,v4)');
    expect(footer).to.deep.include({
      checksumType: 1,
      metaindex: METAINDEX,
      index: INDEX,
      offset: 547,
    });
  });

  it('has the properties listed there', () => {
    const { properties } = open(TABLE);
    expect([...properties.values.keys()]).to.deep.equal([
      'obsolete-key',
      'rocksdb.block.based.table.index.type',
      'rocksdb.comparator',
      'rocksdb.compression',
      'rocksdb.compression_options',
      'rocksdb.data.size',
      'rocksdb.deleted.keys',
      'rocksdb.filter.size',
      'rocksdb.index.size',
      'rocksdb.merge.operands',
      'rocksdb.merge.operator',
      'rocksdb.num.data.blocks',
      'rocksdb.num.entries',
      'rocksdb.num.range-deletions',
      'rocksdb.property.collectors',
      'rocksdb.raw.key.size',
      'rocksdb.raw.value.size',
    ]);
    expect(properties.count('rocksdb.data.size')).to.equal(36);
    expect(properties.count('rocksdb.raw.key.size')).to.equal(15);
    expect(properties.count('pebble.num.value-blocks')).to.equal(0);
    expect(properties.text('rocksdb.compression')).to.equal('Snappy');
    expect(properties.text('rocksdb.property.collectors')).to.equal('[obsolete-key]');
    expect(properties.hasTwoLevelIndex).to.equal(false);
  });

  it('holds one point', () => {
    const points = open(TABLE).points();
    expect(points.valid).to.equal(false);
    expect(points.first()).to.equal(true);
    expect(Buffer.from(points.userKey).toString()).to.equal('zz-last');
    expect(Buffer.from(points.value).toString()).to.equal('tail');
    expect(points.kind).to.equal(KIND.SET);
    expect(seqNumOf(points.seqHigh, points.seqLow)).to.equal(64047n);
    expect(points.next()).to.equal(false);
    expect(points.valid).to.equal(false);
    expect(points.seek('zz-last')).to.equal(true);
    expect(points.seek('zz-lasu')).to.equal(false);
    expect(points.seek('{')).to.equal(false);
  });

  it('verifies', async () => {
    expect(await findingsOf(TABLE)).to.deep.equal([]);
  });

  it('appends a synthetic suffix, and seeks past it', () => {
    const table = openTable(new MemorySource('a7.sst', TABLE), {
      cache: new BlockCache(1 << 20),
      syntheticPrefix: 'p/',
      syntheticSuffix: '@7',
    });
    const points = table.points();
    expect(points.first()).to.equal(true);
    expect(hex(points.userKey)).to.equal(Buffer.from('p/zz-last@7').toString('hex'));
    for (const target of ['', 'p/', 'p/zz', 'p/zz-last', 'p/zz-last@', 'p/zz-last@7']) {
      expect(points.seek(target), target).to.equal(true);
    }
    for (const target of ['p/zz-last@7\0', 'p/zz-last@8', 'p/{', 'q']) {
      expect(points.seek(target), target).to.equal(false);
    }
  });

  describe('refuses', () => {
    const refusals: [string, Uint8Array, string, new (...args: never[]) => Error][] = [
      ['a file below 48 bytes', TABLE.subarray(0, 47), 'sst-too-small', CorruptionError],
      ['an unknown magic', changed(599, [0]), 'sst-bad-magic', CorruptionError],
      ['version 8', changed(588, [8]), 'sst-unsupported-format', UnsupportedError],
      ['version 0', changed(588, [0]), 'sst-unsupported-format', UnsupportedError],
      ['v6 with no checksum', changed(588, [6]), 'sst-unsupported-format', UnsupportedError],
      ['checksum type 2', changed(547, [2]), 'sst-unsupported-format', UnsupportedError],
      ['a metaindex outside', changed(548, [0xff, 0x7f]), 'sst-bad-handle', CorruptionError],
      [
        'a handle longer than a varint',
        changed(
          548,
          Array.from({ length: 40 }, () => 0xff),
        ),
        'sst-bad-footer',
        CorruptionError,
      ],
      [
        'another comparer',
        resealed(TABLE, PROPERTIES, (p) => p.set([0x58], Buffer.from(p).indexOf('leveldb.By'))),
        'sst-foreign-order',
        UnsupportedError,
      ],
      [
        'another merger',
        resealed(TABLE, PROPERTIES, (p) => p.set([0x58], Buffer.from(p).indexOf('pebble.conc'))),
        'sst-foreign-order',
        UnsupportedError,
      ],
      [
        'an unknown index type',
        resealed(TABLE, PROPERTIES, (p) => p.set([1], Buffer.from(p).indexOf('index.type') + 10)),
        'sst-unsupported-format',
        UnsupportedError,
      ],
      [
        'no properties',
        resealed(TABLE, METAINDEX, (p) => p.set([0x58], 3)),
        'sst-properties',
        CorruptionError,
      ],
      [
        'bytes behind the properties handle',
        resealed(TABLE, METAINDEX, (p) => p.set([17, 4], 1)),
        'sst-properties',
        CorruptionError,
      ],
    ];
    for (const [what, bytes, code, type] of refusals) {
      it(what, () => {
        expect(() => open(bytes))
          .to.throw(type)
          .with.property('code', code);
      });
    }
  });

  it('refuses bad entries by position', () => {
    const bad: [string, (payload: Uint8Array) => void][] = [
      ['shared at a restart', (p) => p.set([1], 0)],
      ['a value beyond the entries', (p) => p.set([6], 2)],
      ['a key under 8 bytes', (p) => p.set([7], 1)],
      ['kind 4', (p) => p.set([4], 10)],
      ['kind RANGEDEL', (p) => p.set([KIND.RANGEDEL], 10)],
      ['prefix bits 01 in a row block', (p) => p.set([0x40], 18)],
      ['prefix bits 11', (p) => p.set([0xc0], 18)],
      ['no restarts', (p) => p.set([0], 27)],
      ['more restarts than bytes', (p) => p.set([200], 27)],
      ['an endless varint', (p) => p.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0)],
    ];
    for (const [what, change] of bad) {
      const points = open(resealed(TABLE, DATA, change)).points();
      expect(() => points.first(), what)
        .to.throw(CorruptionError)
        .with.property('code', 'sst-block-malformed');
    }
    const external = open(resealed(TABLE, DATA, (p) => p.set([0x80], 18))).points();
    expect(external.first()).to.equal(true);
    expect(() => external.value).to.throw(CorruptionError);
  });

  it('takes the obsolete bit off the kind', () => {
    const points = open(resealed(TABLE, DATA, (p) => p.set([0x41], 10))).points();
    expect(points.first()).to.equal(true);
    expect(points.kind).to.equal(KIND.SET);
  });

  describe('verification finds', () => {
    const cases: [string, Uint8Array, string][] = [
      ['another count', withProperty('\x07\x01entries', 2), 'sst-count-mismatch'],
      ['another key size', withProperty('raw.key.size', 16), 'sst-count-mismatch'],
      [
        'a separator before its block',
        resealed(TABLE, INDEX, (p) => p.set([0x79], 3)),
        'sst-separator',
      ],
      ['half a handle', resealed(TABLE, INDEX, (p) => p.set([0xff, 1], 12)), 'sst-block-malformed'],
      [
        'a handle elsewhere',
        resealed(TABLE, INDEX, (p) => p.set([90, 31], 12)),
        'sst-block-checksum',
      ],
      [
        'a value handle without blocks',
        resealed(TABLE, DATA, (p) => p.set([0x80, 1, 0, 0, 0], 18)),
        'sst-block-malformed',
      ],
      [
        'a value block that is not there',
        resealed(TABLE, DATA, (p) => p.set([0x80, 0x81, 0, 0, 0], 18)),
        'sst-value-handle',
      ],
      ['a checksum', changed(20, [0]), 'sst-block-checksum'],
    ];
    for (const [what, bytes, code] of cases) {
      it(what, async () => {
        const codes = (await findingsOf(bytes)).map((finding) => finding.code);
        expect(codes).to.include(code);
      });
    }
  });
});
