/** Databases whose parts are sound and contradict each other, and what each reading says of them. */
import { expect } from 'chai';
import { concatBytes, putU32le } from '../../../../src/lib/bytes/write.js';
import { maskedCrc32c } from '../../../../src/lib/checksum/crc32c-masked.js';
import { CorruptionError } from '../../../../src/lib/core/errors.js';
import type { Finding } from '../../../../src/lib/core/finding.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { KIND } from '../../../../src/lib/pebble/base/internal-key.js';
import { NO_PACE } from '../../../../src/lib/core/pace.js';
import { openPebble } from '../../../../src/lib/pebble/db/pebble-db.js';
import { verifyOrder } from '../../../../src/lib/pebble/db/verify-order.js';
import { verifyPebble } from '../../../../src/lib/pebble/db/verify.js';
import { pebbleFiles } from '../../../fuzz/samples.js';
import { sstable } from '../../snapshot/build.js';
import { databaseOf, newBlob, newTable, type Files, type TableEdit } from './made-databases.js';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

interface Made {
  readonly level: number;
  readonly number: number;
  readonly keys: readonly string[];
  readonly seq: bigint;
  readonly value?: string;
}

const nameOf = (number: number): string => `${String(number).padStart(6, '0')}.sst`;

/** Bounds and numbers as they are. */
function editOf({ level, number, keys, seq }: Made, size: number): TableEdit {
  return {
    level,
    number,
    size,
    smallest: { key: keys[0] ?? '', seq, kind: KIND.SET },
    largest: { key: keys.at(-1) ?? '', seq, kind: KIND.SET },
    lowest: seq,
    highest: seq,
  };
}

function bytesOf({ keys, seq, value = 'v' }: Made): Uint8Array {
  return sstable(
    keys.map((key) => [key, latin1(value)]),
    seq,
  );
}

function database(...tables: readonly Made[]): Files {
  const files: Record<string, Uint8Array> = {};
  const edits = tables.map((table) => {
    const bytes = bytesOf(table);
    files[nameOf(table.number)] = bytes;
    return newTable(editOf(table, bytes.length));
  });
  return databaseOf(concatBytes(...edits), files);
}

async function findings(files: Files): Promise<Finding[]> {
  const found: Finding[] = [];
  await verifyPebble(new MemoryDir('fsm.db', files), 'full', { report: (f) => found.push(f) });
  return found;
}

async function messages(files: Files, code: string): Promise<string[]> {
  return (await findings(files)).filter((f) => f.code === code).map((f) => f.message);
}

describe('pebble/db: a number in the wrong layer', () => {
  const upper: Made = { level: 0, number: 7, keys: ['a', 'k'], seq: 9n };
  const lower: Made = { level: 6, number: 5, keys: ['k', 'z'], seq: 4n };

  it('is no fault while the newer layer has the higher number', async () => {
    expect(await messages(database(upper, lower), 'pebble-entry-order')).to.deep.equal([]);
  });

  it('is told where the newer layer has the lower number', async () => {
    const files = database({ ...upper, seq: 3n }, lower);
    expect(await messages(files, 'pebble-entry-order')).to.deep.equal([
      'key "k": number 3 in a newer layer, 4 in an older',
    ]);
  });

  it('one number for two values of a key is told; for equal values it is not', async () => {
    const twin: Made = { level: 0, number: 8, keys: ['k', 'm'], seq: 9n, value: 'other' };
    expect(await messages(database(upper, twin), 'pebble-entry-twice')).to.deep.equal([
      'key "k" has two entries of number 9 that differ',
    ]);
    const same = database(upper, { ...twin, value: 'v' });
    expect(await messages(same, 'pebble-entry-twice')).to.deep.equal([]);
  });

  it('a key behind a larger one is told: a table that is at odds with itself', async () => {
    const table: Made = { level: 6, number: 5, keys: ['a', 'm', 'k', 'z'], seq: 4n };
    // The verification of the database stops at the table.
    expect(await messages(database(table), 'pebble-entry-order')).to.deep.equal([]);
    expect(await messages(database(table), 'sst-order')).to.have.length(1);
    const db = openPebble(new MemoryDir('fsm.db', database(table)));
    const found: string[] = [];
    expect(await verifyOrder(db.layers, (f) => found.push(f.message), NO_PACE)).to.equal(4);
    db.close();
    expect(found).to.deep.equal(['key "k": sorts before the key in front of it, "m"']);
  });

  it('a tombstone that is older than what it covers below it is told', async () => {
    // Two range deletions, [key/00/000030, key/01) and on; a number for all of the table.
    const [spans] = pebbleFiles(/^v1-spans-only\.sst$/);
    const covered: Made = { level: 6, number: 5, keys: ['key/00/000031', 'key/02'], seq: 50n };
    const bytes = bytesOf(covered);
    const place = (key: string) => ({ key, seq: 7n, kind: KIND.RANGEDEL });
    const tombstones = newTable({
      level: 5,
      number: 6,
      size: spans?.length ?? 0,
      smallest: place('key/00/000030'),
      largest: { key: 'key/9', seq: 0xff_ffff_ffff_ffffn, kind: KIND.RANGEDEL },
      lowest: 7n,
      highest: 7n,
    });
    const files = databaseOf(concatBytes(tombstones, newTable(editOf(covered, bytes.length))), {
      '000005.sst': bytes,
      '000006.sst': spans ?? new Uint8Array(0),
    });
    expect(await messages(files, 'pebble-entry-order')).to.deep.equal([
      `key "key/00/000031": number 50 lies below a newer layer's tombstone 7`,
      `key "key/02": number 50 lies below a newer layer's tombstone 7`,
    ]);
  });
});

describe('pebble/db: a table and its MANIFEST', () => {
  const table: Made = { level: 6, number: 5, keys: ['b', 'm', 'x'], seq: 4n };
  const bytes = bytesOf(table);
  const code = 'pebble-version-inconsistent';

  /** One number for the whole table would be put over its own, and nothing compared. */
  const FALSE_LOWEST = 'lowest number is 4, the MANIFEST says 3';

  async function told(change: Partial<TableEdit>): Promise<string[]> {
    const edit = newTable({ ...editOf(table, bytes.length), lowest: 3n, ...change });
    const found = await messages(databaseOf(edit, { '000005.sst': bytes }), code);
    return found.filter((message) => message !== FALSE_LOWEST);
  }

  it('agree as they are, and disagree on every bound and number', async () => {
    expect(await told({})).to.deep.equal([]);
    expect(await told({ smallest: { key: 'a', seq: 4n, kind: KIND.SET } })).to.deep.equal([
      'smallest point is "b" of kind 1, number 4; the MANIFEST says "a", kind 1, number 4',
    ]);
    expect(await told({ largest: { key: 'x', seq: 3n, kind: KIND.SET } })).to.deep.equal([
      'largest point is "x" of kind 1, number 4; the MANIFEST says "x", kind 1, number 3',
    ]);
    expect(await told({ highest: 6n })).to.deep.equal(['highest number is 4, the MANIFEST says 6']);
    expect(await told({ lowest: 2n })).to.deep.equal(['lowest number is 4, the MANIFEST says 2']);
  });

  it('a range tombstone as a bound may reach further, and no less far', async () => {
    const behind = { key: 'y', seq: 4n, kind: KIND.RANGEDEL };
    expect(await told({ largest: behind })).to.deep.equal([]);
    const inside = { ...behind, key: 'w' };
    expect(await told({ largest: inside })).to.have.length(1);
  });

  it('points in a table of which the MANIFEST knows none', async () => {
    const place = (key: string) => ({ key, seq: 4n, kind: KIND.RANGEKEYSET });
    const change = { rangeKeysOnly: true, smallest: place('b'), largest: place('x') };
    expect(await told(change)).to.deep.equal(['the MANIFEST knows of no points in the table']);
  });

  it('numbers, kinds and bounds that cannot be', async () => {
    expect(await told({ lowest: 4n, highest: 1001n })).to.deep.equal([
      'table 5: number 1001 above the last one of the MANIFEST, 1000',
      'highest number is 4, the MANIFEST says 1001',
    ]);
    expect(await told({ lowest: 5n, highest: 4n })).to.include(
      'table 5: smallest number 5 above the largest, 4',
    );
    const high = { key: 'b', seq: 4n, kind: KIND.RANGEKEYSET };
    expect(await told({ smallest: high })).to.include('table 5: point bound of kind 21');
    expect(await told({ number: 100 })).to.include(
      'file number 100 is not below the next one, 100',
    );
    const prefix = concatBytes(Uint8Array.of(67, 1), latin1('b'));
    // The prefix does not fit the largest bound, "x".
    expect(await told({ custom: prefix })).to.deep.equal([
      'table 5: a synthetic prefix or suffix on a physical table',
      'table 5: a bound without the synthetic prefix',
    ]);
  });
});

describe('pebble/db: blob files of the version', () => {
  const refusal = (files: Files): CorruptionError => {
    try {
      openPebble(new MemoryDir('fsm.db', files)).close();
    } catch (error) {
      if (error instanceof CorruptionError) return error;
      throw error;
    }
    return expect.fail('opens');
  };

  it('one that is not there, and one of another size, are refused with their names', async () => {
    const gone = refusal(databaseOf(newBlob(5, 8, 100, 50), {}));
    expect(gone.code).to.equal('pebble-blob-missing');
    expect(gone.site?.path).to.equal('fsm.db/000008.blob');
    const short = refusal(databaseOf(newBlob(5, 8, 100, 50), { '000008.blob': latin1('x') }));
    expect(short.code).to.equal('pebble-table-size');
    expect(short.message).to.contain('000008.blob has 1 bytes, MANIFEST says 100');
  });
});

describe('pebble/db: chunks that Pebble joins or skips without a word', () => {
  const CHUNK_HEADER = 7;
  const PART = { full: 1, first: 2, middle: 3 };

  function chunk(part: number, payload: Uint8Array): Uint8Array {
    const out = new Uint8Array(CHUNK_HEADER + payload.length);
    out[4] = payload.length;
    out[6] = part;
    out.set(payload, CHUNK_HEADER);
    putU32le(out, 0, maskedCrc32c(out.subarray(6)));
    return out;
  }

  it('are told with their offsets, in the MANIFEST', async () => {
    const files = databaseOf(new Uint8Array(0), {});
    const sound = files.get('MANIFEST-000001') ?? new Uint8Array(0);
    const odd = chunk(PART.middle, latin1('lost'));
    files.set('MANIFEST-000001', concatBytes(sound, odd, chunk(PART.full, latin1('\u0003\u0065'))));
    const found = (await findings(files)).filter((f) => f.code === 'pebble-wal-chunk-order');
    expect(found).to.have.length(1);
    expect(found[0]).to.include({ file: 'fsm.db/MANIFEST-000001', offset: sound.length });
    expect(found[0]?.message).to.contain('whose beginning is missing');
  });

  it('are told with their offsets, in a WAL', async () => {
    const empty = new Uint8Array(12);
    const wal = concatBytes(
      chunk(PART.first, empty.subarray(0, 5)),
      chunk(PART.full, empty.subarray(5)),
    );
    const files = databaseOf(new Uint8Array(0), { '000002.log': wal });
    const found = (await findings(files)).filter((f) => f.code === 'pebble-wal-chunk-order');
    expect(found).to.have.length(1);
    expect(found[0]).to.include({ file: 'fsm.db/000002.log', offset: CHUNK_HEADER + 5 });
    expect(found[0]?.message).to.contain('a record begins inside another');
  });
});
