import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { openBlobFile, type BlobFile } from '../../../../src/lib/pebble/sstable/blob-file.js';
import { BlockCache } from '../../../../src/lib/pebble/sstable/block-cache.js';
import { readFooter } from '../../../../src/lib/pebble/sstable/footer.js';
import { openTable } from '../../../../src/lib/pebble/sstable/table.js';
import { verifyTable, type TableVerdict } from '../../../../src/lib/pebble/sstable/verify-table.js';
import { FIXTURES, fixtureNames, unpackFixture } from '../../../support/fixtures.js';

function filesBelow(directory: string, suffix: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((path) => path.endsWith(suffix))
    .sort();
}

const oraclePaths = filesBelow(join(FIXTURES, 'sstables'), '.sst');

async function verify(
  bytes: Uint8Array,
  level: 'checksum' | 'full' = 'full',
  blobs: readonly BlobFile[] = [],
): Promise<{ verdict: TableVerdict; findings: Finding[] }> {
  const findings: Finding[] = [];
  const verdict = await verifyTable(new MemorySource('t.sst', bytes), {
    level,
    report: (finding) => findings.push(finding),
    blobs: blobs.length === 0 ? undefined : { blobFile: (reference) => blobs[reference] },
  });
  expect(
    verdict.bytesChecked + verdict.bytesSkipped + verdict.bytesUnreadable,
    'bytes add up',
  ).to.equal(bytes.length);
  return { verdict, findings };
}

describe('verifyTable', () => {
  for (const level of ['checksum', 'full'] as const) {
    it(`finds nothing in tables of every format, level ${level}`, async () => {
      for (const path of oraclePaths) {
        const bytes = readFileSync(path);
        const { verdict, findings } = await verify(bytes, level);
        expect(findings, path).to.deep.equal([]);
        expect(verdict.bytesChecked).to.equal(bytes.length);
        expect(verdict.isComplete).to.equal(level === 'full');
      }
    });
  }

  it('finds nothing in the tables of real databases', async () => {
    let tables = 0;
    for (const name of fixtureNames('pebble')) {
      const directory = unpackFixture('pebble', name);
      for (const path of filesBelow(directory, '.sst')) {
        const blobs = filesBelow(dirname(path), '.blob').map((blob) =>
          openBlobFile(new MemorySource(blob, readFileSync(blob)), new BlockCache(1 << 20)),
        );
        const bytes = readFileSync(path);
        const { verdict, findings } = await verify(bytes, 'full', blobs);
        expect(findings, path).to.deep.equal([]);
        expect(verdict.isComplete).to.equal(true);
        expect(verdict.bytesChecked).to.equal(bytes.length);
        tables++;
      }
    }
    expect(tables).to.be.above(10);
  });

  it('finds a flipped bit wherever it is, and accounts for all bytes', async () => {
    for (const path of oraclePaths) {
      const bytes = readFileSync(path);
      const end = readFooter(new MemorySource(path, bytes)).offset;
      for (let at = 0; at < end; at += 1 + Math.floor(end / 23)) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << (at & 7);
        const { verdict, findings } = await verify(damaged);
        expect(
          findings.map(({ code }) => code),
          `${path} @${at}`,
        ).to.include('sst-block-checksum');
        expect(verdict.bytesUnreadable).to.be.above(0);
      }
    }
  });

  it('goes on behind a bad data block', async () => {
    for (const path of oraclePaths.filter((name) => /two-level|minlz/.test(name))) {
      const bytes = Buffer.from(readFileSync(path));
      bytes[3]! ^= 0x10;
      const { verdict, findings } = await verify(bytes);
      expect(findings).to.have.length(1);
      expect(findings[0]).to.include({ code: 'sst-block-checksum', offset: 0, severity: 'error' });
      expect(verdict.badBlocks).to.equal(1);
      expect(verdict.isComplete).to.equal(false);
      expect(verdict.points).to.be.above(100);
      expect(verdict.bytesSkipped).to.equal(0);
    }
  });

  it('ends with findings at every truncation', async () => {
    const path = oraclePaths.find((name) => name.includes('v4-spans'))!;
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length++) {
      const { findings } = await verify(bytes.subarray(0, length));
      expect(findings.length, `${length}`).to.be.above(0);
    }
  });

  it('finds blocks that nothing refers to', async () => {
    const path = oraclePaths.find((name) => name.includes('v1-two-level'))!;
    const bytes = readFileSync(path);
    const end = readFooter(new MemorySource(path, bytes)).offset;
    const padded = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(10), bytes.subarray(end)]);
    const { verdict, findings } = await verify(padded);
    expect(findings).to.have.length(1);
    expect(findings[0]).to.include({ code: 'sst-block-layout', offset: end, severity: 'warning' });
    expect(verdict.bytesSkipped).to.equal(10);
  });

  it('bounds and numbers are those of the points', async () => {
    for (const path of oraclePaths) {
      const bytes = readFileSync(path);
      const { verdict } = await verify(bytes);
      const table = openTable(new MemorySource(path, bytes), { cache: new BlockCache(1 << 20) });
      const points = table.points();
      expect(points.first()).to.equal(verdict.points > 0);
      if (verdict.points === 0) {
        expect(verdict.smallestPoint).to.equal(undefined);
        continue;
      }
      const first = Buffer.from(points.userKey).toString('latin1');
      expect(verdict.smallestPoint?.userKey).to.equal(first);
      expect(verdict.largestPoint!.userKey >= first).to.equal(true);
      expect(verdict.largestSeqNum! >= verdict.smallestSeqNum!).to.equal(true);
    }
  });
});
