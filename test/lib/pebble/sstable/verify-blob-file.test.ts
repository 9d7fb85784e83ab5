import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { verifyBlobFile } from '../../../../src/lib/pebble/sstable/verify-blob-file.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';

async function verify(bytes: Uint8Array) {
  const findings: Finding[] = [];
  const verdict = await verifyBlobFile(new MemorySource('b.blob', bytes), {
    report: (finding) => findings.push(finding),
  });
  const { bytesChecked, bytesSkipped, bytesUnreadable } = verdict;
  expect(bytesChecked + bytesSkipped + bytesUnreadable).to.equal(bytes.length);
  return { verdict, findings };
}

describe('verifyBlobFile', () => {
  const files: Uint8Array[] = [];
  before(() => {
    for (const name of fixtureNames('pebble')) {
      const directory = unpackFixture('pebble', name);
      for (const file of readdirSync(directory, { recursive: true })) {
        if (String(file).endsWith('.blob')) files.push(readFileSync(join(directory, String(file))));
      }
    }
    expect(files).to.have.length.above(0);
  });

  it('finds nothing in the files of real databases', async () => {
    let values = 0;
    for (const bytes of files) {
      const { verdict, findings } = await verify(bytes);
      expect(findings).to.deep.equal([]);
      expect(verdict.bytesChecked).to.equal(bytes.length);
      values += verdict.values;
    }
    expect(values).to.be.above(1000);
  });

  it('finds a flipped bit wherever it is', async () => {
    const bytes = files[0]!;
    for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 17)) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x20;
      const { verdict, findings } = await verify(damaged);
      expect(findings.length, `${at}`).to.equal(1);
      expect(findings[0]).to.have.property('code', 'sst-block-checksum');
      expect(verdict.bytesUnreadable).to.be.above(0);
    }
    const footerless = await verify(bytes.subarray(0, bytes.length - 1));
    expect(footerless.findings.map(({ code }) => code)).to.include('sst-bad-magic');
  });
});
