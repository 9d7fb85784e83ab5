import { toByteString, type ByteString } from '../../bytes/byte-string.js';
import { Cursor } from '../../bytes/cursor.js';
import { ToolError } from '../../core/errors.js';
import { KIND } from '../base/internal-key.js';
import type { BatchReader } from './batch.js';

/** A table that a WAL puts above everything older (spec/pebble.md §4.1). */
export interface IngestedTable {
  readonly number: number;
  /** Every entry of the table takes this number. */
  readonly seqNum: bigint;
  readonly walPath: string;
  /** File offset of the record. */
  readonly offset: number;
}

export interface Excise {
  readonly start: ByteString;
  readonly end: ByteString;
  readonly seqNum: bigint;
}

export interface IngestBatch {
  readonly tables: readonly IngestedTable[];
  readonly excise: Excise | undefined;
}

/** True when a batch that begins with this kind is an ingest record as a whole. */
export function startsIngest(kind: number): boolean {
  return kind === KIND.INGESTSST || kind === KIND.EXCISE;
}

/**
 * Decodes a batch whose first operation, on which the reader stands, starts an ingest. An EXCISE
 * takes the batch's first number wherever it stands, the tables take the following ones.
 * @throws {CorruptionError} `pebble-wal-batch`
 */
export function decodeIngest(batch: BatchReader, walPath: string, offset: number): IngestBatch {
  const numbers: number[] = [];
  let excise: Excise | undefined;
  do {
    const key = batch.bytes.subarray(batch.keyPos, batch.keyEnd);
    if (batch.kind === KIND.INGESTSST) {
      numbers.push(decodeTableNumber(batch, key));
    } else if (batch.kind === KIND.EXCISE && excise === undefined) {
      const end = toByteString(batch.bytes.subarray(batch.valuePos, batch.valueEnd));
      excise = { start: toByteString(key), end, seqNum: batch.base };
    } else {
      throw batch.corrupt(`batch ${batch.base}: kind ${batch.kind} in an ingest record`);
    }
  } while (batch.next());
  const first = batch.base + (excise === undefined ? 0n : 1n);
  const tables = numbers.map((number, i) => ({
    number,
    seqNum: first + BigInt(i),
    walPath,
    offset,
  }));
  return { tables, excise };
}

function decodeTableNumber(batch: BatchReader, key: Uint8Array): number {
  const cursor = new Cursor(key, '');
  let number = -1;
  try {
    number = cursor.uvarint('table number');
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
  if (number < 0 || cursor.left > 0) {
    throw batch.corrupt(`batch ${batch.base}: an ingest record's key is no table number`);
  }
  return number;
}
