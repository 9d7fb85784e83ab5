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
import { bytesFormat, type Format } from '../format.js';
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

function harmedRecords(sets: readonly Uint8Array[][], random: Random): Uint8Array[] {
  const records = [...random.pick(sets)];
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
        records.splice(at, 0, random.pick(random.pick(sets)));
        break;
      default:
        records[at] = mutated(records[at] as Uint8Array, random);
    }
  }
  return records;
}

/** Records harmed and framed again, and sometimes the frames harmed as well. */
function reframed(name: RegExp, families: readonly Family[], logNumber: number) {
  return (_seed: Uint8Array, random: Random): Uint8Array => {
    const records = harmedRecords(recordSets(name), random);
    const options = { trailer: random.oneIn(3), sync: random.oneIn(2) };
    const bytes = writeRecords(records, random.pick(families), logNumber, options);
    if (random.oneIn(5)) mutatedInPlace(bytes, random);
    return random.oneIn(6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  };
}

function runWal(input: Uint8Array): void {
  const dir = new MemoryDir('fsm.db', new Map([[LOG_NAME, input]]));
  const entries = [{ name: LOG_NAME, size: input.length }];
  for (const salvage of [false, true]) {
    // A second, empty WAL behind it makes the first one strict.
    for (const strict of [false, true]) {
      const wals = groupWals([{ dir, entries }]);
      const last = { number: 3, segments: [] };
      try {
        replayWals(strict ? [...wals, last] : wals, { salvage, findings: () => undefined });
      } catch (error) {
        if (salvage && strict) throw error;
        refusedOrThrow(error);
      }
    }
  }
}

/** A refusal of one reading must not keep the next one from being tried. */
function refusedOrThrow(error: unknown): void {
  if (!(error instanceof Error) || !('exitCode' in error)) throw error;
}

export const PEBBLE_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'manifest',
    seeds: () => recordSets(MANIFEST).map((records) => writeRecords(records, 'legacy', 0)),
    resealed: reframed(MANIFEST, ['legacy'], 0),
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
    seeds: () =>
      recordSets(WAL).flatMap((records) =>
        FAMILIES.map((family) => writeRecords(records, family, LOG_NUMBER, { trailer: true })),
      ),
    resealed: reframed(WAL, FAMILIES, LOG_NUMBER),
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
