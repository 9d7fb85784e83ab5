/** What Pebble refuses must be refused here, by name; what it opens with loss must open. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { openPebble, type PebbleOptions } from '../../../../src/lib/pebble/db/pebble-db.js';
import { RecordReader } from '../../../../src/lib/pebble/record/reader.js';
import { pebbleOpenVerdict } from '../../../../src/lib/pebble/db/refusal.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';

type Files = Map<string, Uint8Array>;
const EMPTY = new Uint8Array(0);

function load(name: string): Files {
  const dir = join(unpackFixture('pebble', name), name);
  return new Map(
    readdirSync(dir).map((file) => [file, new Uint8Array(readFileSync(join(dir, file)))]),
  );
}

const some = (): Files => load(fixtureNames('pebble').find((name) => load(name).size > 0)!);

function outcome(files: Files, options: PebbleOptions = {}): string {
  try {
    openPebble(new MemoryDir('fsm.db', files), options).close();
    return 'opens';
  } catch (error) {
    return `${pebbleOpenVerdict(error)} ${(error as { code?: string }).code}`;
  }
}

function find(files: Files, prefix: string): string {
  return [...files.keys()].find((name) => name.startsWith(prefix))!;
}

function renamed(files: Files, from: string, to: string): Files {
  const out = new Map(files);
  out.set(to, out.get(from)!);
  out.delete(from);
  return out;
}

describe('pebble/db refusals', () => {
  it('an empty directory, and one without a manifest marker, hold no database', () => {
    expect(outcome(new Map())).to.equal('creates pebble-no-database');
    const files = some();
    files.delete(find(files, 'marker.manifest'));
    expect(outcome(files)).to.equal('creates pebble-no-database');
  });

  it('format versions outside 13 to 24', () => {
    const marker = find(some(), 'marker.format-version');
    const at = (value: string): string =>
      outcome(renamed(some(), marker, `marker.format-version.000099.${value}`));
    expect(at('025')).to.equal('refuses pebble-format-too-new');
    expect(at('012')).to.equal('refuses pebble-format-too-old');
    expect(at('xyz')).to.equal('refuses pebble-marker-malformed');
    expect(at('014')).to.equal('opens');
  });

  it('a missing format marker: v1 layout with CURRENT, else a creation cut short', () => {
    const files = some();
    files.delete(find(files, 'marker.format-version'));
    const findings: Finding[] = [];
    expect(outcome(files, { findings: (f) => findings.push(f) })).to.equal('opens');
    expect(findings.map((f) => f.code)).to.include('pebble-creation-cut-short');
    files.set('CURRENT', Buffer.from('MANIFEST-000001\n'));
    expect(outcome(files)).to.equal('refuses pebble-v1-layout');
  });

  it('a CURRENT file beside both markers is ignored', () => {
    expect(outcome(some().set('CURRENT', Buffer.from('MANIFEST-000000\n')))).to.equal('opens');
  });

  it('a malformed marker; salvage opens and says why', () => {
    const files = some().set('marker.odd', EMPTY);
    expect(outcome(files)).to.equal('refuses pebble-marker-malformed');
    const findings: Finding[] = [];
    const db = openPebble(new MemoryDir('fsm.db', files), {
      salvage: true,
      findings: (f) => findings.push(f),
    });
    expect(db.refusal!.code).to.equal('pebble-marker-malformed');
    expect(findings.map((f) => f.code)).to.include('pebble-marker-malformed');
  });

  it('remote objects', () => {
    const files = some().set('marker.remote-obj-catalog.000001.REMOTE-OBJ-CATALOG-000001', EMPTY);
    expect(outcome(files)).to.equal('refuses pebble-remote-objects');
  });

  it('left-overs of marker moves and temporaries are ignored', () => {
    const files = some().set('temporary.000007.dbtmp', EMPTY).set('MANIFEST-999999', EMPTY);
    files.set('marker.manifest.000000.MANIFEST-000000', EMPTY);
    expect(outcome(files)).to.equal('opens');
  });

  it('a MANIFEST that is missing, empty or holds no edit', () => {
    const files = some();
    const name = find(files, 'MANIFEST-');
    const without = new Map(files);
    without.delete(name);
    expect(outcome(without)).to.equal('refuses pebble-manifest-missing');
    expect(outcome(new Map(files).set(name, EMPTY))).to.equal(
      'refuses pebble-version-inconsistent',
    );
  });

  it('every cut of the MANIFEST opens at an older version or is refused, and never silently', () => {
    for (const name of fixtureNames('pebble')) {
      const files = load(name);
      const manifest = find(files, 'MANIFEST-');
      const whole = files.get(manifest)!;
      const reader = new RecordReader(new MemorySource(manifest, whole), 0);
      const borders = new Set<number>([whole.length]);
      while (reader.next()) borders.add(reader.recordOffset);
      for (let cut = 1; cut < whole.length; cut += 7) {
        const findings: Finding[] = [];
        const cutFiles = new Map(files).set(manifest, whole.subarray(0, cut));
        const got = outcome(cutFiles, { findings: (f) => findings.push(f) });
        if (got !== 'opens') expect(got).to.match(/^refuses pebble-/);
        const told = findings.some((f) => f.code === 'pebble-manifest-ends-early');
        if (got === 'opens') expect(told, `${name} @${cut}`).to.equal(!borders.has(cut));
      }
    }
  });

  it('another comparer or merger in OPTIONS, and WALs in another place', () => {
    const files = some();
    const name = find(files, 'OPTIONS-');
    const text = Buffer.from(files.get(name)!).toString();
    const withText = (from: string, to: string): string =>
      outcome(new Map(files).set(name, Buffer.from(text.replace(from, to))));
    expect(withText('comparer=leveldb.BytewiseComparator', 'comparer=x')).to.equal(
      'refuses pebble-comparer-unknown',
    );
    expect(withText('merger=pebble.concatenate', 'merger=x')).to.equal(
      'refuses pebble-merger-unknown',
    );
    expect(withText('wal_dir=', 'wal_dir=/elsewhere')).to.equal('unknown pebble-wal-elsewhere');
    files.delete(name);
    expect(outcome(files)).to.equal('opens');
  });

  it('a table of the version that is missing or has another size', () => {
    let tried = 0;
    for (const name of fixtureNames('pebble')) {
      const files = load(name);
      const db = openPebble(new MemoryDir('fsm.db', files));
      for (const meta of db.manifest.version.levels.flat()) {
        const file = `${String(meta.backing).padStart(6, '0')}.sst`;
        const without = new Map(files);
        without.delete(file);
        expect(outcome(without)).to.equal('refuses pebble-table-missing');
        const longer = Buffer.concat([files.get(file)!, EMPTY, Buffer.of(0)]);
        expect(outcome(new Map(files).set(file, longer))).to.equal('refuses pebble-table-size');
        tried++;
      }
    }
    expect(tried).to.be.above(5);
  });

  it('the same WAL in two directories', () => {
    const files = load(fixtureNames('pebble').find((name) => find(load(name), '000002.log'))!);
    const walDir = new MemoryDir('wal', new Map([['000002.log', EMPTY]]));
    expect(outcome(files, { walDir })).to.equal('refuses pebble-wal-twice');
  });
});
