/**
 * The entry records of a log in the order of their indexes, older records of an index before the one
 * that stands. Live records rise through the files by themselves; only superseded ones have to be
 * collected and sorted, and a log without overwrites is a single pass.
 */
import { readRange } from '../io/byte-source.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { EntryHead } from '../raft/entry.js';
import { RECORD_TYPE, WalDecoder, type WalSegment } from '../raft/wal/decoder.js';
import { EntryTable } from '../raft/wal/entry-table.js';
import { reads } from '../raft/wal/snapshot-scan.js';
import type { Overwrite, RecordSite, WalSurvey } from './wal-survey.js';

export interface WalRow {
  readonly index: bigint;
  readonly term: bigint;
  readonly type: number;
  /** Name of the segment. */
  readonly segment: string;
  /** Of the frame. */
  readonly offset: number;
  /** Borrowed until the next row. */
  readonly data: Uint8Array;
  /** The record that overwrote this one; null for one that stands. */
  readonly overwrittenBy: RecordSite | null;
}

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * @param survey  of the same segments: the rows end where it ended
 * @throws {IoError}
 */
export function* walRows(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  survey: WalSurvey,
): Generator<WalRow, void> {
  const older = new OlderRows(segments, dialect, survey);
  for (const row of recordsOf(segments, dialect, survey)) {
    if (row.superseded) continue;
    const index = row.head.index;
    if (older.waits(index)) yield* older.upTo(index);
    yield {
      index,
      term: row.head.term,
      type: row.head.type,
      segment: row.segment,
      offset: row.offset,
      data: row.data,
      overwrittenBy: null,
    };
  }
  yield* older.upTo(null);
}

class WalkedEntry {
  readonly head = new EntryHead();
  segmentAt = 0;
  segment = '';
  offset = 0;
  dataOffset = 0;
  data = EMPTY;
  /** A later record overwrites it. */
  superseded = false;
  /** It overwrites earlier ones. */
  cuts = false;
}

/** Every entry record in the order of the files; the object is the same for every step. */
function* recordsOf(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  survey: WalSurvey,
): Generator<WalkedEntry, void> {
  const decoder = new WalDecoder(segments, dialect);
  const fates = new Fates(survey.overwrites);
  const entry = new WalkedEntry();
  const { head } = entry;
  try {
    for (let ordinal = 0; ordinal < survey.entries && decoder.next();) {
      if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) return;
      if (decoder.type !== RECORD_TYPE.entry) continue;
      if (!reads(decoder, head, 'Entry')) return;
      entry.segmentAt = decoder.ordinal;
      entry.segment = decoder.segment.name;
      entry.offset = decoder.frameOffset;
      entry.dataOffset = decoder.dataOffset + (head.from - decoder.dataFrom);
      entry.data = head.to === head.from ? EMPTY : decoder.bytes.subarray(head.from, head.to);
      if (survey.overwrites.length > 0) {
        entry.cuts = fates.cuts(ordinal);
        entry.superseded = fates.superseded(head.index);
      }
      yield entry;
      ordinal++;
    }
  } finally {
    decoder.close();
  }
}

/** Whether a later record supersedes one: asked in the order of the files. */
class Fates {
  private readonly overwrites: readonly Overwrite[];
  /** The lowest index of the overwrites from each one on. */
  private readonly lowest: BigUint64Array;
  private next = 0;

  constructor(overwrites: readonly Overwrite[]) {
    this.overwrites = overwrites;
    this.lowest = new BigUint64Array(overwrites.length);
    let lowest = 0xffff_ffff_ffff_ffffn;
    for (let i = overwrites.length - 1; i >= 0; i--) {
      const index = overwrites[i]?.index ?? lowest;
      if (index < lowest) lowest = index;
      this.lowest[i] = lowest;
    }
  }

  /** Whether the record is an overwrite; to be asked of every record, once. */
  cuts(ordinal: number): boolean {
    if (this.overwrites[this.next]?.ordinal !== ordinal) return false;
    this.next++;
    return true;
  }

  /** Whether a record behind the one last asked about cuts this index. */
  superseded(index: bigint): boolean {
    const lowest = this.lowest[this.next];
    return lowest !== undefined && lowest <= index;
  }
}

/** Superseded records, handed out in the order of their indexes and, for one index, of the files. */
class OlderRows {
  private readonly segments: readonly WalSegment[];
  private readonly table: EntryTable;
  /** Row by row of the table, the record that overwrote it. */
  private readonly by: (RecordSite | null)[] = [];
  private readonly order: readonly number[];
  private at = 0;

  constructor(segments: readonly WalSegment[], dialect: ProtoDialect, survey: WalSurvey) {
    this.segments = segments;
    this.table = new EntryTable(segments.map(({ name }) => name));
    if (survey.overwrites.length > 0) this.collect(dialect, survey);
    this.order = inIndexOrder(this.table);
  }

  /** Whether there is any whose index is not above `index`. */
  waits(index: bigint): boolean {
    const next = this.order[this.at];
    return next !== undefined && this.table.indexAt(next) <= index;
  }

  /** Those whose index is not above `index`; all that are left for null. */
  *upTo(index: bigint | null): Generator<WalRow, void> {
    for (; this.at < this.order.length; this.at++) {
      const row = this.table.row(this.order[this.at] ?? 0);
      if (index !== null && row.index > index) return;
      const segment = this.segments[row.segment];
      if (segment === undefined) return;
      yield {
        index: row.index,
        term: row.term,
        type: row.type,
        segment: segment.name,
        offset: row.frameOffset,
        data: readRange(segment.source, row.dataOffset, row.dataLength),
        overwrittenBy: this.by[this.order[this.at] ?? 0] ?? null,
      };
    }
  }

  private collect(dialect: ProtoDialect, survey: WalSurvey): void {
    // Rows that still stand where the pass has come to: their indexes rise, as those of a log do.
    const standing: number[] = [];
    for (const row of recordsOf(this.segments, dialect, survey)) {
      if (row.cuts) this.cut(standing, row);
      if (!row.superseded) continue;
      standing.push(this.table.length);
      this.table.push(row.head, row.segmentAt, row.offset, row.dataOffset);
      this.by.push(null);
    }
  }

  private cut(standing: number[], { head, segment, offset }: WalkedEntry): void {
    for (;;) {
      const top = standing.at(-1);
      if (top === undefined || this.table.indexAt(top) < head.index) return;
      this.by[top] = { segment, offset };
      standing.pop();
    }
  }
}

/** Row numbers by index; rows of one index keep the table's order. */
export function inIndexOrder(table: EntryTable): readonly number[] {
  const order = Array.from({ length: table.length }, (_, i) => i);
  return order.sort((a, b) => {
    const left = table.indexAt(a);
    const right = table.indexAt(b);
    return left < right ? -1 : left > right ? 1 : a - b;
  });
}
