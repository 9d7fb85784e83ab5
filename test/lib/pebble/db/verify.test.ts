import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { FsDir } from '../../../../src/lib/io/file-source.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import {
  verifyPebble,
  type VerifyLevel,
  type VerifyReport,
} from '../../../../src/lib/pebble/db/verify.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';

const LEVELS: readonly VerifyLevel[] = ['quick', 'structure', 'checksum', 'full'];

function load(name: string): Map<string, Uint8Array> {
  const dir = join(unpackFixture('pebble', name), name);
  return new Map(
    readdirSync(dir).map((file) => [file, new Uint8Array(readFileSync(join(dir, file)))]),
  );
}

async function verify(
  files: ReadonlyMap<string, Uint8Array>,
  level: VerifyLevel,
): Promise<{ report: VerifyReport; findings: Finding[] }> {
  const findings: Finding[] = [];
  const dir = new MemoryDir('fsm.db', files);
  const report = await verifyPebble(dir, level, { report: (f) => findings.push(f) });
  let size = 0;
  for (const bytes of files.values()) size += bytes.length;
  expect(report.checkedBytes + report.skippedBytes + report.unreadableBytes).to.equal(size);
  for (const file of report.files) {
    const sum = file.checkedBytes + file.skippedBytes + file.unreadableBytes;
    expect(sum, file.name).to.equal(file.sizeBytes);
  }
  return { report, findings };
}

describe('pebble/db verify', () => {
  for (const name of fixtureNames('pebble')) {
    it(`finds no fault in a recorded database at any level: ${name}`, async () => {
      const files = load(name);
      let checked = 0;
      for (const level of LEVELS) {
        const { report, findings } = await verify(files, level);
        expect(findings.filter((f) => f.severity !== 'note')).to.deep.equal([]);
        expect(report.refusal).to.equal(undefined);
        expect(report.unreadableBytes).to.equal(0);
        if (level !== 'structure') expect(report.checkedBytes).to.be.at.least(checked);
        checked = report.checkedBytes;
      }
    });
  }

  const withTables = fixtureNames('pebble').filter((name) => [...load(name).keys()].some(isTable));

  it('sees a flipped bit anywhere in a live table or blob, and counts its block', async () => {
    expect(withTables).to.not.have.length(0);
    for (const name of withTables) {
      const files = load(name);
      const { report } = await verify(files, 'checksum');
      const live = report.files.filter((f) => /\.(sst|blob)$/.test(f.name) && f.checkedBytes > 0);
      for (const { name: file, sizeBytes } of live) {
        for (const at of [10, sizeBytes >> 1, sizeBytes - 3]) {
          const bad = Uint8Array.from(files.get(file)!);
          bad[at]! ^= 4;
          const got = await verify(new Map(files).set(file, bad), 'checksum');
          const errors = got.findings.filter((f) => f.severity === 'error');
          expect(errors, `${name} ${file} @${at}`).to.not.have.length(0);
        }
      }
    }
  });

  it('reports a missing table by what names it, and that Pebble refuses', async () => {
    const codes = new Set<string>();
    for (const name of withTables) {
      const files = load(name);
      const { report } = await verify(files, 'checksum');
      for (const table of report.files.filter((f) => isTable(f.name) && f.checkedBytes > 0)) {
        const without = new Map(files);
        without.delete(table.name);
        const gone = await verify(without, 'quick');
        codes.add(gone.report.refusal?.code ?? `opens without ${table.name}`);
      }
    }
    expect([...codes].sort()).to.deep.equal(['pebble-ingest-missing', 'pebble-table-missing']);
  }).timeout(60_000);

  it('reports a cut table', async () => {
    for (const name of withTables) {
      const files = load(name);
      const { report } = await verify(files, 'checksum');
      const table = report.files.find((f) => isTable(f.name) && f.checkedBytes > 0);
      if (!table) continue;
      const cut = new Map(files).set(table.name, files.get(table.name)!.subarray(0, -9));
      const short = await verify(cut, 'full');
      expect(short.findings.filter((f) => f.severity === 'error')).to.not.have.length(0);
    }
  });

  it('goes on when the directory is no database', async () => {
    const { report, findings } = await verify(new Map([['000001.sst', new Uint8Array(9)]]), 'full');
    expect(findings.map((f) => f.code)).to.deep.equal(['pebble-no-database']);
    expect(report.skippedBytes).to.equal(9);
  });

  it('reads a directory on the disk without touching LOCK', async () => {
    const [name] = fixtureNames('pebble');
    const dir = new FsDir(join(unpackFixture('pebble', name!), name!));
    const guarded = new Proxy(dir, {
      get(target, field, receiver): unknown {
        if (field !== 'open') return Reflect.get(target, field, receiver);
        return (file: string) => {
          expect(file).to.not.equal('LOCK');
          return target.open(file);
        };
      },
    });
    const report = await verifyPebble(guarded, 'full', { report: () => undefined });
    expect(report.unreadableBytes).to.equal(0);
  });
});

function isTable(name: string): boolean {
  return name.endsWith('.sst');
}
