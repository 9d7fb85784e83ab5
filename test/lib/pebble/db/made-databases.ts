/** Databases made byte by byte: a MANIFEST of edits, tables and WALs, as Pebble lays them down. */
import { concatBytes, putU64le } from '../../../../src/lib/bytes/write.js';
import { uvarint } from '../../../fuzz/mutate.js';
import { writeRecords } from '../record/write-records.js';

export type Files = Map<string, Uint8Array>;

const EMPTY = new Uint8Array(0);
const FRESH = Buffer.from(
  '011a6c6576656c64622e4279746577697365436f6d70617261746f72030204ff01',
  'hex',
);
const NEW_TABLE = 0x67;
const NEW_TABLE_WITH_BOUNDS = 0x68;
const NO_POINTS = 0;

export interface Place {
  readonly key: string;
  readonly seq: bigint;
  readonly kind: number;
}

export interface TableEdit {
  readonly level: number;
  readonly number: number;
  readonly size: number;
  readonly smallest: Place;
  readonly largest: Place;
  readonly lowest: bigint;
  readonly highest: bigint;
  /** Custom fields, without the terminator. */
  readonly custom?: Uint8Array;
  /** The bounds are of range keys, and there are no points. */
  readonly rangeKeysOnly?: boolean;
}

function internalKey({ key, seq, kind }: Place): Uint8Array {
  const user = Buffer.from(key, 'latin1');
  const trailer = new Uint8Array(8);
  putU64le(trailer, 0, (seq << 8n) | BigInt(kind));
  return concatBytes(uvarint(BigInt(user.length + 8)), user, trailer);
}

const number = (value: bigint | number): Uint8Array => uvarint(BigInt(value));

/** One `new table` field of an edit (spec/pebble.md §3). */
export function newTable(table: TableEdit): Uint8Array {
  const only = table.rangeKeysOnly === true;
  return concatBytes(
    Uint8Array.of(only ? NEW_TABLE_WITH_BOUNDS : NEW_TABLE),
    number(table.level),
    number(table.number),
    number(table.size),
    ...(only ? [Uint8Array.of(NO_POINTS)] : []),
    internalKey(table.smallest),
    internalKey(table.largest),
    number(table.lowest),
    number(table.highest),
    table.custom ?? EMPTY,
    Uint8Array.of(1),
  );
}

export function newBlob(id: number, file: number, size: number, values: number): Uint8Array {
  return concatBytes(
    Uint8Array.of(0x6b),
    number(id),
    number(file),
    number(size),
    number(values),
    Uint8Array.of(0),
  );
}

/** `next` and `last` of a version that holds file numbers below 100 and sequence numbers below 1000. */
const NUMBERS = concatBytes(Uint8Array.of(3), number(100), Uint8Array.of(4), number(1000));

/** A database at format version 16 with one edit behind the first. */
export function databaseOf(edit: Uint8Array, files: Readonly<Record<string, Uint8Array>>): Files {
  const records = [FRESH, concatBytes(NUMBERS, edit)];
  return new Map([
    ['marker.format-version.000003.016', EMPTY],
    ['marker.manifest.000001.MANIFEST-000001', EMPTY],
    ['MANIFEST-000001', writeRecords(records, 'legacy', 0)],
    ...Object.entries(files),
  ]);
}
