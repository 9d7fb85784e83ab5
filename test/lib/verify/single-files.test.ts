/** Every form of file on its own: sound, damaged in bytes, and of the wrong kind; all bytes accounted. */
import { expect } from 'chai';
import { putU32le } from '../../../src/lib/bytes/write.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import type { FileKind } from '../../../src/lib/inspect/kind.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { verifyVerdict, verifySections } from '../../../src/lib/report/views/verify-html.js';
import { Ledger, type VerifyReport } from '../../../src/lib/verify/ledger.js';
import { verifyDatabase } from '../../../src/lib/verify/verify-database.js';
import { verifyFile } from '../../../src/lib/verify/verify-file.js';
import { verifyFiles } from '../../../src/lib/verify/verify-files.js';
import { filesLike, pebbleFiles } from '../../fuzz/samples.js';
import { smallWals } from '../../fuzz/small-logs.js';
import { databaseOf } from '../pebble/db/made-databases.js';
import { container, pebbleStream, V1 } from '../snapshot/build.js';

const STORE = container(
  Buffer.concat([V1, pebbleStream([['_meta_applied_index', Buffer.alloc(8)]])]),
);

async function verify(kind: FileKind, bytes: Uint8Array, name = 'file'): Promise<VerifyReport> {
  const source = new MemorySource(name, bytes);
  const options = { path: name, name, kind, found: undefined, pace: NO_PACE };
  const report = await verifyFile(source, options);
  const { there, checked, skipped, unreadable } = report.bytes;
  expect(there).to.equal(bytes.length);
  expect(checked + skipped + unreadable).to.equal(there);
  return report;
}

function statuses({ checks }: VerifyReport): string[] {
  return checks.map(({ stage, status }) => `${stage} ${status}`);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[at]! ^= 0x10;
  return out;
}

const codesOf = ({ findings }: VerifyReport): string[] => findings.map(({ code }) => code);

describe('verify-crc: a file on its own', () => {
  it('a table and a blob file, every block', async () => {
    for (const [kind, file] of [
      ['pebble-table', pebbleFiles(/^v7-tiny\.sst$/)[0]!],
      ['pebble-blob', pebbleFiles(/^tiny\.blob$/)[0]!],
    ] as const) {
      const sound = await verify(kind, file);
      expect(statuses(sound)).to.deep.equal(['pebble ok']);
      expect(codesOf(sound)).to.deep.equal([]);
      const bad = await verify(kind, flipped(file, 7));
      expect(statuses(bad)).to.deep.equal(['pebble damaged']);
      const [finding] = bad.findings;
      expect(finding).to.include({ code: 'sst-block-checksum', offset: 0, severity: 'error' });
      expect(bad.bytes.unreadable).to.be.greaterThan(0);
      expect(bad.bytes.checked).to.be.greaterThan(0);
    }
  });

  it('a table of an unknown form is not called damaged', async () => {
    const [table] = pebbleFiles(/^v2-tiny\.sst$/);
    const bytes = Uint8Array.from(table!);
    // The magic is that of a table; the version in front of it is none that is known.
    putU32le(bytes, bytes.length - 12, 99);
    const report = await verify('pebble-table', bytes);
    expect(statuses(report)).to.deep.equal(['pebble unreadable']);
    expect(report.bytes.skipped).to.equal(bytes.length);
    expect(report.findings[0]?.exitCode).to.equal(5);
  });

  it('a .fsm, with the note that nothing vouches for it', async () => {
    const sound = await verify('fsm-file', STORE);
    expect(statuses(sound)).to.deep.equal(['fsm-token skipped', 'fsm-crc ok', 'fsm-content ok']);
    expect(codesOf(sound)).to.deep.equal(['verify-no-token']);
    const bad = await verify('fsm-file', flipped(STORE, STORE.length - 1));
    expect(codesOf(bad)).to.include('fsm-file-crc');
    expect(bad.findings.find(({ code }) => code === 'fsm-file-crc')?.offset).to.equal(
      STORE.length - 4,
    );
    expect(bad.bytes.unreadable).to.equal(STORE.length);
  });

  it('a bare payload has no checksum, and its structure is read to its end', async () => {
    const bare = STORE.subarray(0, -4);
    const sound = await verify('payload-file', bare);
    expect(statuses(sound)).to.deep.equal(['fsm-content ok']);
    expect(sound.bytes.checked).to.equal(0);
    const cut = await verify('payload-file', bare.subarray(0, -3));
    expect(statuses(cut)).to.deep.equal(['fsm-content damaged']);
    expect(codesOf(cut)).to.include('fsm-payload-cut');
  });

  it('a segment: chained, broken in its chain, torn, and without a record', async () => {
    const [wal] = smallWals();
    const sound = await verify('wal-segment', wal!);
    expect(statuses(sound)).to.deep.equal(['wal-chain ok']);
    expect(sound.bytes.unreadable).to.equal(0);
    const bad = await verify('wal-segment', flipped(wal!, wal!.length - 90));
    expect(statuses(bad)).to.deep.equal(['wal-chain damaged']);
    expect(bad.checks[0]?.detail).to.match(/records chained, then wal-[a-z-]+ @\d+$/);
    const zeros = await verify('wal-segment', new Uint8Array(4096));
    expect(statuses(zeros)).to.deep.equal(['wal-chain skipped']);
    expect(codesOf(zeros)).to.deep.equal(['inspect-zeros']);
  });

  it('a .snap, by its own CRC', async () => {
    const [snap] = filesLike(/\.snap$/, 2);
    const name = '0000000000000001-0000000000000001.snap';
    expect(statuses(await verify('snap-file', snap!, name))[0]).to.equal('snap-crc ok');
    const bad = await verify('snap-file', flipped(snap!, snap!.length - 1), name);
    expect(statuses(bad)[0]).to.equal('snap-crc damaged');
    expect(bad.bytes.unreadable).to.equal(snap!.length);
  });

  it('files of text have no checksum but a structure', async () => {
    const [sidecar] = filesLike(/keys\.json$/, 1);
    const sound = await verify('sidecar', sidecar!, 'keys.json');
    expect(statuses(sound)).to.deep.equal(['structure ok']);
    const cut = await verify('sidecar', sidecar!.subarray(0, 60), 'keys.json');
    expect(statuses(cut)).to.deep.equal(['structure damaged']);
  });
});

describe('verify-crc: a folder of snapshot files', () => {
  it('each in its own form; strangers and leftovers are skipped, all bytes are there', async () => {
    const [snap] = filesLike(/\.snap$/, 2);
    const files = new Map<string, Uint8Array>([
      ['0000000000000001-0000000000000001.snap', snap!],
      ['0000000000000028.fsm', STORE],
      ['0000000000000029.fsm', flipped(STORE, 40)],
      ['0000000000000030.fsm.tmp', STORE],
      ['readme', Buffer.from('text')],
    ]);
    const report = await verifyFiles(new MemoryDir('fsm-snap', files), NO_PACE);
    const sums = new Map(report.files.map((sum) => [sum.file, sum]));
    expect(sums.get('0000000000000028.fsm')).to.include({ checked: STORE.length });
    expect(sums.get('0000000000000029.fsm')).to.include({ unreadable: STORE.length });
    expect(sums.get('0000000000000030.fsm.tmp')).to.include({ skipped: STORE.length });
    expect(sums.get('readme')).to.include({ skipped: 4 });
    expect(report.bytes.there).to.equal(
      [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0),
    );
    const bad = report.findings.filter(({ severity }) => severity === 'error');
    expect([...new Set(bad.map(({ file }) => file))]).to.deep.equal([
      'fsm-snap/0000000000000029.fsm',
    ]);
  });
});

describe('verify-crc: a database', () => {
  const [table] = pebbleFiles(/^v2-tiny\.sst$/);

  async function verifyDir(files: Readonly<Record<string, Uint8Array>>) {
    const ledger = new Ledger();
    const dir = new MemoryDir('fsm.db', databaseOf(new Uint8Array(0), files));
    const refused = await verifyDatabase(dir, (name) => `fsm.db/${name}`, NO_PACE, ledger);
    const there = dir.list().reduce((sum, { size }) => sum + size, 0);
    return { refused, report: ledger.report(there, []) };
  }

  it('damage in a table that no version refers to is a warning: Pebble deletes it', async () => {
    const file = 'fsm.db/000050.sst';
    const sound = await verifyDir({ '000050.sst': table! });
    expect(sound.refused).to.equal(false);
    expect(sound.report.files.find((sum) => sum.file === file)).to.include({
      checked: table!.length,
    });
    const bad = await verifyDir({ '000050.sst': flipped(table!, 7) });
    expect(bad.refused).to.equal(false);
    const finding = bad.report.findings.find(({ code }) => code === 'sst-block-checksum');
    expect(finding).to.include({ severity: 'warning', file, offset: 0 });
    expect(bad.report.checks.find((check) => check.file === file)?.status).to.equal('attention');
    expect(bad.report.bytes.unreadable).to.be.greaterThan(0);
  });

  it('what is no database is said, and its tables are looked at all the same', async () => {
    const ledger = new Ledger();
    const dir = new MemoryDir('fsm.db', new Map([['000050.sst', table!]]));
    const refused = await verifyDatabase(dir, (name) => name, NO_PACE, ledger);
    expect(refused).to.equal(false);
    const report = ledger.report(table!.length, []);
    expect(report.findings.map(({ code }) => code)).to.deep.equal(['pebble-no-database']);
    expect(report.bytes.checked).to.equal(table!.length);
  });
});

describe('verify-crc: as a page', () => {
  it('the verdict by the exit status, and a table of stages, files and checks for each path', async () => {
    const damaged = await verify('fsm-file', flipped(STORE, STORE.length - 1), 'a.fsm');
    const sound = await verify('fsm-file', STORE, 'b.fsm');
    const items = [
      { path: 'a.fsm', report: damaged },
      { path: 'b.fsm', report: sound },
    ];
    expect(verifyVerdict(items, 2)).to.include({ word: 'DAMAGED', tone: 'bad' });
    expect(verifyVerdict(items, 0).word).to.equal('SOUND');
    expect(verifyVerdict(items, 130).word).to.equal('VERIFIED');
    expect(verifyVerdict(items, 2).text).to.match(/^a\.fsm: .*; b\.fsm: /);
    const sections = verifySections(items, damaged.findings);
    const titles = sections.map((section) => ('title' in section ? section.title : ''));
    expect(titles.slice(1)).to.deep.equal([
      'Stages (a.fsm)',
      'Files (a.fsm)',
      'Checks (a.fsm)',
      'Stages (b.fsm)',
      'Files (b.fsm)',
      'Checks (b.fsm)',
    ]);
    const text = JSON.stringify(sections);
    expect(text).to.contain(`"sort":"${STORE.length}"`);
    expect(text).to.contain('"text":"damaged","tone":"bad"');
    const [single] = verifySections([items[0]!], []).slice(1);
    expect(single).to.include({ title: 'Stages' });
  });

  it('a table of more than 2,000 rows is cut, and says so', async () => {
    const report = await verify('fsm-file', STORE, 'a.fsm');
    const [sum] = report.files;
    const many = { ...report, files: Array.from({ length: 2001 }, () => sum!) };
    const table = verifySections([{ path: 'a.fsm', report: many }], [])[2];
    expect(table).to.include({ note: 'The first 2,000 of 2,001; --json has them all.' });
    expect(table?.kind === 'table' && table.rows.length).to.equal(2000);
  });
});
