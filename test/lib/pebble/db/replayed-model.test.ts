/** Databases that live in WALs alone, against a plain model of what their operations mean. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  fromByteString,
  toByteString,
  type ByteString,
} from '../../../../src/lib/bytes/byte-string.js';
import { concatBytes, putU32le, putU64le } from '../../../../src/lib/bytes/write.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { KIND } from '../../../../src/lib/pebble/base/internal-key.js';
import { openPebble, type PebbleDb } from '../../../../src/lib/pebble/db/pebble-db.js';
import { writeRecords } from '../record/write-records.js';

const MANIFEST = Buffer.from(
  'a117774a200001011a6c6576656c64622e4279746577697365436f6d70617261746f7203020400',
  'hex',
);

interface Op {
  readonly kind: number;
  readonly key: ByteString;
  readonly value: ByteString;
}

const HAS_VALUE: ReadonlySet<number> = new Set([
  KIND.SET,
  KIND.MERGE,
  KIND.RANGEDEL,
  KIND.DELSIZED,
]);

function encodeBatch(base: number, ops: readonly Op[]): Uint8Array {
  const header = new Uint8Array(12);
  putU64le(header, 0, BigInt(base));
  putU32le(header, 8, ops.filter((op) => op.kind !== KIND.LOGDATA).length);
  const parts = ops.map(({ kind, key, value }) => {
    const head = Uint8Array.of(kind, key.length);
    const tail = HAS_VALUE.has(kind) ? [Uint8Array.of(value.length), fromByteString(value)] : [];
    return concatBytes(head, fromByteString(key), ...tail);
  });
  return concatBytes(header, ...parts);
}

function openWals(batches: readonly (readonly Op[])[], split: number): PebbleDb {
  const records: Uint8Array[] = [];
  let base = 10;
  for (const ops of batches) {
    records.push(encodeBatch(base, ops));
    base += ops.filter((op) => op.kind !== KIND.LOGDATA).length;
  }
  const files = new Map<string, Uint8Array>([
    ['marker.format-version.000003.016', new Uint8Array(0)],
    ['marker.manifest.000001.MANIFEST-000001', new Uint8Array(0)],
    ['MANIFEST-000001', MANIFEST],
    ['000002.log', writeRecords(records.slice(0, split), 'recyclable', 2, { trailer: true })],
    ['000004.log', writeRecords(records.slice(split), 'recyclable', 4)],
  ]);
  const db = openPebble(new MemoryDir('fsm.db', files), {
    findings: (finding) => expect.fail(finding.message),
  });
  return db;
}

function modelOf(batches: readonly (readonly Op[])[]): Map<ByteString, ByteString> {
  const model = new Map<ByteString, ByteString>();
  for (const { kind, key, value } of batches.flat()) {
    if (kind === KIND.SET) model.set(key, value);
    else if (kind === KIND.MERGE) model.set(key, (model.get(key) ?? '') + value);
    else if (kind === KIND.RANGEDEL) {
      for (const known of model.keys()) {
        if (known >= key && known < value) model.delete(known);
      }
    } else if (kind !== KIND.LOGDATA) model.delete(key);
  }
  return model;
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\xff'), maxLength: 3 });
const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(
    KIND.SET,
    KIND.SET,
    KIND.SET,
    KIND.MERGE,
    KIND.DELETE,
    KIND.SINGLEDEL,
    KIND.DELSIZED,
    KIND.RANGEDEL,
    KIND.LOGDATA,
  ),
  key: text,
  value: text,
});

describe('pebble/db replayed from WALs', () => {
  it('scans, gets and seeks what the operations say', () => {
    const batches = fc.array(fc.array(op, { minLength: 1, maxLength: 8 }), { maxLength: 12 });
    fc.assert(
      fc.property(batches, fc.nat(12), fc.array(text), (history, split, probes) => {
        const db = openWals(history, split);
        const model = modelOf(history);
        const wanted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        const got: [ByteString, ByteString][] = [];
        const scan = db.cursor();
        for (let more = scan.first(); more; more = scan.next()) {
          got.push([toByteString(scan.key), toByteString(scan.value)]);
        }
        expect(got).to.deep.equal(wanted);
        const cursor = db.cursor();
        for (const probe of [...probes, ...model.keys()]) {
          const value = db.get(probe);
          expect(value && toByteString(value)).to.equal(model.get(probe));
          const next = wanted.find(([key]) => key >= probe);
          expect(cursor.seek(probe)).to.equal(next !== undefined);
          if (next) {
            expect([toByteString(cursor.key), toByteString(cursor.value)]).to.deep.equal(next);
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
