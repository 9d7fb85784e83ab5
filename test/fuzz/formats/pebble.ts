import { parseFilename } from '../../../src/lib/pebble/base/filename.js';
import { parseMarkers } from '../../../src/lib/pebble/base/marker.js';
import { parseOptionsFile } from '../../../src/lib/pebble/base/options-file.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { readManifest } from '../../../src/lib/pebble/manifest/read-manifest.js';
import { decodeVersionEdit } from '../../../src/lib/pebble/manifest/version-edit.js';
import { RecordReader } from '../../../src/lib/pebble/record/reader.js';
import { BatchReader } from '../../../src/lib/pebble/wal/batch.js';
import { replayWals } from '../../../src/lib/pebble/wal/replay.js';
import { groupWals } from '../../../src/lib/pebble/wal/wal-files.js';
import { writeRecords, type Family } from '../../lib/pebble/record/write-records.js';
import { bytesFormat, wayOf, type Format } from '../format.js';
import { mutated, mutatedInPlace } from '../mutate.js';
import type { Random } from '../random.js';
import { trees } from '../samples.js';

const LOG_NUMBER = 2;
const LOG_NAME = '000002.log';
const FAMILIES: readonly Family[] = ['legacy', 'recyclable', 'wal-sync'];

/** Records of every file of the sampled databases whose name matches. */
function recordsLike(name: RegExp): Uint8Array[][] {
  const found: Uint8Array[][] = [];
  for (const tree of [...trees('pebble'), ...trees('nodes')]) {
    for (const [path, bytes] of tree) {
      if (!name.test(path) || bytes.length > 256 << 10) continue;
      const number = Number(/(\d+)\.log$/.exec(path)?.[1] ?? 0);
      const reader = new RecordReader(new MemorySource(path, bytes), number);
      const records: Uint8Array[] = [];
      while (reader.next()) records.push(Uint8Array.from(reader.record));
      if (records.length > 0) found.push(records.slice(0, 60));
    }
  }
  return found;
}

const cachedRecords = new Map<string, Uint8Array[][]>();

function recordSets(name: RegExp): Uint8Array[][] {
  const known = cachedRecords.get(name.source) ?? recordsLike(name);
  cachedRecords.set(name.source, known);
  return known;
}

const MANIFEST = /MANIFEST-\d+$/;
const WAL = /\.log$/;

/** What the samples were written from, for harm below the checksums. */
const recordsBehind = new Map<Uint8Array, readonly Uint8Array[]>();

function written(records: readonly Uint8Array[], family: Family, logNumber: number): Uint8Array {
  const bytes = writeRecords(records, family, logNumber, { trailer: family !== 'legacy' });
  recordsBehind.set(bytes, records);
  return bytes;
}

const SMALL_BYTES = 600;

/** Few and short records of the recorded files, a set for each length of file. */
function smallSets(name: RegExp): Uint8Array[][] {
  const sets = recordSets(name).map((records) => {
    let bytes = 0;
    return records.filter((record) => (bytes += record.length) <= SMALL_BYTES).slice(0, 5);
  });
  const byLength = new Map(sets.map((records) => [Buffer.concat(records).length, records]));
  return [...byLength.values()].filter((records) => records.length > 0).slice(0, 40);
}

function harmedRecords(sound: readonly Uint8Array[], random: Random): Uint8Array[] {
  const records = [...sound];
  for (let n = 1 + random.small(4); n > 0 && records.length > 0; n--) {
    const at = random.below(records.length);
    switch (random.below(8)) {
      case 0:
        records.splice(at, 1 + random.small(3));
        break;
      case 1:
        records.splice(random.below(records.length), 0, records[at] as Uint8Array);
        break;
      case 2:
        records.splice(at, 0, random.pick(sound));
        break;
      default:
        records[at] = mutated(records[at] as Uint8Array, random);
    }
  }
  return records;
}

/** Records harmed and framed again, and sometimes the frames harmed as well. */
function reframed(families: readonly Family[], logNumber: number) {
  return (seed: Uint8Array, random: Random): Uint8Array => {
    const records = harmedRecords(recordsBehind.get(seed) ?? [], random);
    const options = { trailer: random.oneIn(3), sync: random.oneIn(2) };
    const bytes = writeRecords(records, random.pick(families), logNumber, options);
    if (random.oneIn(5)) mutatedInPlace(bytes, random);
    return random.oneIn(6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  };
}

const manifests = (sets: Uint8Array[][]): Uint8Array[] =>
  sets.map((records) => written(records, 'legacy', 0));

const logs = (sets: Uint8Array[][]): Uint8Array[] =>
  sets.flatMap((records) => FAMILIES.map((family) => written(records, family, LOG_NUMBER)));

/** One of four readings: with salvage or without, as the last WAL or before another one. */
function runWal(input: Uint8Array): void {
  const way = wayOf(input, 4);
  const dir = new MemoryDir('fsm.db', new Map([[LOG_NAME, input]]));
  const wals = groupWals([{ dir, entries: [{ name: LOG_NAME, size: input.length }] }]);
  // A second, empty WAL behind it makes the first one strict.
  const last = { number: 3, segments: [] };
  const options = { salvage: way >= 2, findings: () => undefined };
  replayWals(way % 2 === 0 ? wals : [...wals, last], options);
}

export const PEBBLE_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'manifest',
    seeds: () => manifests(recordSets(MANIFEST)),
    small: () => manifests(smallSets(MANIFEST)),
    resealed: reframed(['legacy'], 0),
    run: (input) => readManifest(new MemorySource('MANIFEST-000001', input)),
  }),
  bytesFormat({
    name: 'version-edit',
    seeds: () => recordSets(MANIFEST).flat(),
    run: (input) => decodeVersionEdit(input, 'MANIFEST-000001', 0),
  }),
  bytesFormat({
    name: 'options',
    seeds: () =>
      trees('pebble').flatMap((tree) =>
        [...tree].flatMap(([path, bytes]) => (/OPTIONS-\d+$/.test(path) ? [bytes] : [])),
      ),
    run: (input) => parseOptionsFile(Buffer.from(input).toString('utf8')),
  }),
  bytesFormat({
    name: 'file-names',
    seeds: () =>
      [
        '000012.sst',
        'MANIFEST-000001',
        'marker.manifest.000003.MANIFEST-000007',
        '000002-001.log',
      ].map((text) => Buffer.from(text)),
    run: (input) => {
      const text = Buffer.from(input).toString('utf8');
      parseFilename(text);
      parseMarkers(text.split('\n'));
    },
  }),
  bytesFormat({
    name: 'pebble-wal',
    seeds: () => logs(recordSets(WAL)),
    small: () => logs(smallSets(WAL)),
    resealed: reframed(FAMILIES, LOG_NUMBER),
    run: runWal,
  }),
  bytesFormat({
    name: 'batch',
    seeds: () => recordSets(WAL).flat(),
    run: (input) => {
      const batch = new BatchReader(input, LOG_NAME, 0);
      while (batch.next());
    },
  }),
];
