/**
 * The table "Observed on real databases" of spec/pebble.md §2.4, row by row, on every recorded
 * database that has WALs for it.
 */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { CorruptionError } from '../../../../src/lib/core/errors.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { openPebble, type PebbleDb } from '../../../../src/lib/pebble/db/pebble-db.js';
import { pebbleOpenVerdict } from '../../../../src/lib/pebble/db/refusal.js';
import { RecordReader } from '../../../../src/lib/pebble/record/reader.js';
import type { WalSummary } from '../../../../src/lib/pebble/wal/wal-summary.js';
import { writeRecords } from '../record/write-records.js';
import { fixtureNames, unpackFixture } from '../../../support/fixtures.js';

type Files = Map<string, Uint8Array>;

function load(name: string): Files {
  const dir = join(unpackFixture('pebble', name), name);
  return new Map(
    readdirSync(dir).map((file) => [file, new Uint8Array(readFileSync(join(dir, file)))]),
  );
}

function open(files: Files): { db: PebbleDb; findings: Finding[] } {
  const findings: Finding[] = [];
  const db = openPebble(new MemoryDir('fsm.db', files), { findings: (f) => findings.push(f) });
  return { db, findings };
}

const nameOf = (wal: WalSummary): string => wal.path.slice('fsm.db/'.length);

/** The WALs of `files` changed in one place; the rest shared. */
function changed(files: Files, name: string, change: (bytes: Uint8Array) => Uint8Array): Files {
  return new Map(files).set(name, change(Uint8Array.from(files.get(name)!)));
}

const flipped =
  (offset: number) =>
  (bytes: Uint8Array): Uint8Array => {
    bytes[offset]! ^= 0x10;
    return bytes;
  };

const withTail =
  (tail: Uint8Array) =>
  (bytes: Uint8Array): Uint8Array =>
    Buffer.concat([bytes, tail]);

/** Offsets of the records of a WAL. */
function recordOffsets(bytes: Uint8Array, number: number): number[] {
  const reader = new RecordReader(new MemorySource('wal', bytes), number);
  const offsets: number[] = [];
  while (reader.next()) offsets.push(reader.recordOffset);
  return offsets;
}

interface Case {
  readonly name: string;
  readonly files: Files;
  readonly wals: readonly WalSummary[];
  readonly formatVersion: number;
}

const CASES: Case[] = fixtureNames('pebble').map((name) => {
  const files = load(name);
  const { db } = open(files);
  return { name, files, wals: db.wals, formatVersion: db.formatVersion };
});

/** Runs `check` on each case; a row that no case can show is a mistake of the test. */
function onEvery(
  title: string,
  wanted: (c: Case) => boolean,
  check: (c: Case, newest: WalSummary, older: WalSummary | undefined) => void,
): void {
  const suited = CASES.filter(wanted);
  it(`${title} (${suited.length} databases)`, () => {
    expect(suited).to.not.have.length(0);
    for (const c of suited) {
      const older = c.wals.filter((wal) => wal.strict && !wal.ingest);
      check(c, c.wals.at(-1)!, older.at(0));
    }
  });
}

const hasOlder = (c: Case): boolean => c.wals.some((wal) => wal.strict && !wal.ingest);
const newestHolds = (c: Case): boolean => (c.wals.at(-1)?.batches ?? 0) > 1;

function refusalOf(files: Files): CorruptionError {
  let caught: unknown;
  try {
    open(files);
  } catch (error) {
    caught = error;
  }
  expect(caught).to.be.instanceOf(CorruptionError);
  expect(pebbleOpenVerdict(caught)).to.equal('refuses');
  return caught as CorruptionError;
}

describe('pebble/wal damage as observed on real databases', () => {
  onEvery(
    'bit flipped in the middle of the newest WAL: opens, silently loses the rest',
    (c) => newestHolds(c) && c.formatVersion < 20,
    (c, newest) => {
      const offsets = recordOffsets(c.files.get(nameOf(newest))!, newest.number);
      const at = offsets[offsets.length >> 1]!;
      const { db, findings } = open(changed(c.files, nameOf(newest), flipped(at + 12)));
      const wal = db.wals.at(-1)!;
      expect(wal.ending).to.include({ kind: 'unexpected-eof', offset: at });
      const later = offsets.length - (offsets.length >> 1) - 1;
      expect(wal.lost!.records).to.equal(later);
      const code = later > 0 ? 'pebble-wal-records-lost' : 'pebble-wal-torn-tail';
      expect(findings.map((f) => f.code)).to.deep.equal([code]);
      expect(findings[0]!.offset).to.equal(at);
    },
  );

  onEvery(
    'the same at FMV 20 with small synced records and later blocks: corruption, proven',
    (c) => c.formatVersion >= 20 && (c.wals.at(-1)?.parsedBytes ?? 0) > 2 * 32768,
    (c, newest) => {
      const bad = changed(c.files, nameOf(newest), flipped(1000));
      const error = refusalOf(bad);
      expect(error.code).to.equal('pebble-wal-synced-lost');
      expect(error.message).to.match(/synced data was lost/);
    },
  );

  onEvery('bit flipped in an older WAL: corruption', hasOlder, (c, _newest, older) => {
    const error = refusalOf(changed(c.files, nameOf(older!), flipped(older!.parsedBytes - 2)));
    expect(error.code).to.be.oneOf(['pebble-wal-damaged', 'pebble-wal-synced-lost']);
    expect(error.site!.path).to.equal(older!.path);
  });

  onEvery('EOF trailer cut off an older WAL: opens', hasOlder, (c, _newest, older) => {
    const cut = changed(c.files, nameOf(older!), (b) => b.subarray(0, older!.parsedBytes));
    const { db } = open(cut);
    expect(db.wals[0]!.ending).to.include({ kind: 'clean-eof', trailer: false });
  });

  onEvery('older WAL cut inside a record: corruption', hasOlder, (c, _newest, older) => {
    const { parsedBytes } = older!;
    const cut = changed(c.files, nameOf(older!), (b) => b.subarray(0, parsedBytes - 3));
    expect(refusalOf(cut).code).to.equal('pebble-wal-damaged');
  });

  onEvery('random bytes or zeroes appended to the newest WAL: opens', newestHolds, (c, newest) => {
    const random = Uint8Array.from({ length: 500 }, (_, i) => (i * 7919 + 13) % 251);
    for (const tail of [random, new Uint8Array(500), new Uint8Array(70000)]) {
      const { db, findings } = open(changed(c.files, nameOf(newest), withTail(tail)));
      expect(db.wals.at(-1)!.batches).to.equal(newest.batches);
      expect(db.wals.at(-1)!.ending.kind).to.equal('unexpected-eof');
      expect(findings.map((f) => [f.code, f.severity])).to.deep.equal([
        ['pebble-wal-torn-tail', 'note'],
      ]);
    }
  });

  onEvery("zeroes appended after an older WAL's EOF trailer: opens", hasOlder, (c, _n, older) => {
    const { db, findings } = open(changed(c.files, nameOf(older!), withTail(new Uint8Array(500))));
    expect(db.wals[0]!.ending).to.include({ kind: 'clean-eof', trailer: true });
    expect(findings.filter((f) => f.file === older!.path)).to.deep.equal([]);
  });

  onEvery(
    'a WAL file removed from the middle: opens, its writes are missing; we notice',
    (c) => c.wals.length > 2,
    (c) => {
      const removed = c.wals[1]!;
      const files = new Map(c.files);
      files.delete(nameOf(removed));
      const { db, findings } = open(files);
      expect(db.wals).to.have.length(c.wals.length - 1);
      const gap = findings.find((f) => f.code === 'pebble-wal-gap')!;
      expect(gap.severity).to.equal('warning');
      expect(gap.message).to.include(`${removed.firstSeqNum}..${removed.lastSeqNum}`);
    },
  );

  onEvery('a sound record that is no batch, in any WAL: corruption', newestHolds, (c, newest) => {
    const short = Buffer.from('0900000000000000000000', 'hex');
    const bytes = c.files.get(nameOf(newest))!.subarray(0, newest.parsedBytes);
    if (bytes.length % 32768 > 32000) return;
    const chunk = writeRecords([short], 'recyclable', newest.number);
    const error = refusalOf(new Map(c.files).set(nameOf(newest), Buffer.concat([bytes, chunk])));
    expect(error.code).to.equal('pebble-wal-batch');
    expect(error.site!.offset).to.equal(bytes.length);
  });
});
