/**
 * `raftpb.Entry` (spec/etcd-wal.md §3.2): one position of the log.
 *
 *     1 Type: enum   2 Term: uint64   3 Index: uint64   4 Data: bytes
 */
import { copyOf } from '../bytes/copy.js';
import { joinU64 } from '../bytes/halves.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter, varintLength } from '../proto/wire-writer.js';

export const ENTRY_TYPE = { normal: 0, confChange: 1, confChangeV2: 2 } as const;

/** An absent field is undefined and counts as 0 or empty; 3.7 writes it as it was. */
export interface Entry {
  readonly type: number | undefined;
  readonly term: bigint | undefined;
  readonly index: bigint | undefined;
  readonly data: Uint8Array | undefined;
  readonly unknown?: Uint8Array | undefined;
}

/** Which fields of an entry are present, as bits of `EntryHead.present`. */
export const PRESENT = { type: 1, term: 2, index: 4, data: 8 } as const;

/** An entry without its data: what a pass over the log keeps. The halves are unsigned. */
export class EntryHead {
  type = 0;
  termLo = 0;
  termHi = 0;
  indexLo = 0;
  indexHi = 0;
  present = 0;
  /** Range of the data in the reader's buffer; empty where absent. */
  from = 0;
  to = 0;

  /** Reads the message `r` stands on. @throws {ProtoError} */
  read(r: WireReader): void {
    this.type = this.termLo = this.termHi = this.indexLo = this.indexHi = 0;
    this.present = this.from = this.to = 0;
    while (r.next()) {
      if (r.field === 1) {
        if (!r.varint('Type')) continue;
        this.type = r.lo | 0;
        this.present |= PRESENT.type;
      } else if (r.field === 2) {
        if (!r.varint('Term')) continue;
        this.termLo = r.lo;
        this.termHi = r.hi;
        this.present |= PRESENT.term;
      } else if (r.field === 3) {
        if (!r.varint('Index')) continue;
        this.indexLo = r.lo;
        this.indexHi = r.hi;
        this.present |= PRESENT.index;
      } else if (r.field === 4) {
        if (!r.range('Data')) continue;
        this.from = r.from;
        this.to = r.to;
        this.present |= PRESENT.data;
      } else r.skip();
    }
  }

  get term(): bigint {
    return joinU64(this.termHi, this.termLo);
  }

  get index(): bigint {
    return joinU64(this.indexHi, this.indexLo);
  }
}

/** @returns the entry, its data a copy. @throws {ProtoError} */
export function decodeEntry(bytes: Uint8Array, dialect: ProtoDialect): Entry {
  const r = new WireReader(dialect).reset(bytes, 0, bytes.length, 'Entry');
  const head = new EntryHead();
  head.read(r);
  return {
    type: head.present & PRESENT.type ? head.type : undefined,
    term: head.present & PRESENT.term ? head.term : undefined,
    index: head.present & PRESENT.index ? head.index : undefined,
    data: head.present & PRESENT.data ? copyOf(bytes.subarray(head.from, head.to)) : undefined,
    unknown: r.unknownFields(),
  };
}

export function encodeEntry(entry: Entry, dialect: ProtoDialect): Uint8Array {
  const zero = dialect.writesZeros ? 0 : undefined;
  return new WireWriter()
    .varint(1, entry.type ?? zero)
    .varint(2, entry.term ?? zero)
    .varint(3, entry.index ?? zero)
    .bytes(4, entry.data)
    .raw(dialect.keepsUnknown ? entry.unknown : undefined)
    .finish();
}

/** What an entry's size depends on. The halves are unsigned. */
export type EntryMeasures = Pick<
  EntryHead,
  'type' | 'termLo' | 'termHi' | 'indexLo' | 'indexHi' | 'present'
> & { readonly dataLength: number };

/**
 * Bytes of an entry as raft counts it for its pages of 1 MiB (§6.7): its encoded size, unknown
 * fields left aside.
 */
export function entrySize(entry: EntryMeasures, { writesZeros }: ProtoDialect): number {
  const { type, present, dataLength } = entry;
  let size = 0;
  // A negative type is written as the 64 bits of its two's complement.
  if (writesZeros || (present & PRESENT.type) !== 0) {
    size += 1 + varintLength(type < 0 ? 0xffff_ffff : 0, type >>> 0);
  }
  if (writesZeros || (present & PRESENT.term) !== 0) {
    size += 1 + varintLength(entry.termHi, entry.termLo);
  }
  if (writesZeros || (present & PRESENT.index) !== 0) {
    size += 1 + varintLength(entry.indexHi, entry.indexLo);
  }
  if ((present & PRESENT.data) !== 0) size += 1 + varintLength(0, dataLength) + dataLength;
  return size;
}
