/** Makes WALs of several segments, as a node would have written them. */
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import type { ProtoDialect } from '../../../../src/lib/proto/dialect.js';
import { WalEncoder } from '../../../../src/lib/raft/wal/encoder.js';
import { segmentName } from '../../../../src/lib/raft/wal/segment-name.js';
import type { WalSegment } from '../../../../src/lib/raft/wal/decoder.js';
import { segmentOf } from './golden-segment.js';

export interface MadeSegment {
  readonly name: string;
  bytes: Uint8Array;
  /** Where records begin, the end of the last one included. */
  readonly borders: number[];
}

export interface MadeLog {
  readonly segments: MadeSegment[];
  /** Index of the last entry. */
  readonly last: bigint;
}

export interface LogPlan {
  /** Entries in each segment. */
  readonly perSegment: readonly number[];
  readonly dataOf: (index: bigint) => Uint8Array;
  readonly zeros?: number;
}

/** Snapshot (1,1), then entries 2, 3, … of term 2, each saved with commit = index - 1. */
export function makeLog(plan: LogPlan, dialect: ProtoDialect): MadeLog {
  const encoder = new WalEncoder(dialect);
  const segments: MadeSegment[] = [];
  let index = 2n;
  for (const [seq, count] of plan.perSegment.entries()) {
    const parts: Uint8Array[] = [];
    const borders = [0];
    const put = (bytes: Uint8Array): void => {
      parts.push(bytes);
      borders.push(borders.at(-1)! + bytes.length);
    };
    put(encoder.crcRecord());
    put(encoder.metadata());
    if (seq === 0) {
      put(encoder.snapshot({ index: 0n, term: 0n, confState: undefined }));
      put(encoder.snapshot({ index: 1n, term: 1n, confState: undefined }));
      put(encoder.hardState({ term: 1n, vote: 7n, commit: 1n }));
    } else put(encoder.hardState({ term: 2n, vote: 7n, commit: index - 2n }));
    const name = segmentName(BigInt(seq), seq === 0 ? 0n : index);
    for (let i = 0; i < count; i++) {
      put(encoder.entry({ type: undefined, term: 2n, index, data: plan.dataOf(index) }));
      put(encoder.hardState({ term: 2n, vote: 7n, commit: index - 1n }));
      index++;
    }
    const last = seq === plan.perSegment.length - 1;
    const zeros = new Uint8Array(last ? (plan.zeros ?? 0) : 0);
    segments.push({ name, bytes: Buffer.concat([...parts, zeros]), borders });
  }
  return { segments, last: index - 1n };
}

export function openMade(log: MadeLog): WalSegment[] {
  return log.segments.map(({ name, bytes }) => segmentOf(bytes, name));
}

export function dirOfMade(log: MadeLog): MemoryDir {
  return new MemoryDir('wal', new Map(log.segments.map(({ name, bytes }) => [name, bytes])));
}

/** Data that is never zero for a whole sector, of a length that varies. */
export function mixedData(index: bigint): Uint8Array {
  const length = 20 + Number((index * 37n) % 300n);
  return Uint8Array.from({ length }, (_, k) => ((k * 7 + Number(index)) % 250) + 1);
}
