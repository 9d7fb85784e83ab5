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

/** Reads the rows of a log one after the other. `close` when done, also before the last one. */
export class WalRows {
  private readonly walk: RecordWalk;
  private readonly older: OlderRows;
  /** A live row that has to wait for older ones. */
  private held: WalRow | null = null;

  /**
   * @param survey  of the same segments: the rows end where it ended
   * @throws {IoError}
   */
  constructor(segments: readonly WalSegment[], dialect: ProtoDialect, survey: WalSurvey) {
    this.older = new OlderRows(segments, dialect, survey);
    this.walk = new RecordWalk(segments, dialect, survey);
  }

  /** @returns undefined behind the last one */
  next(): WalRow | undefined {
    this.held ??= this.nextLive();
    const { held, older } = this;
    if (held === null) return older.next(null);
    const waiting = older.next(held.index);
    if (waiting !== undefined) return waiting;
    this.held = null;
    return held;
  }

  close(): void {
    this.walk.close();
  }

  private nextLive(): WalRow | null {
    const { walk } = this;
    while (walk.next()) {
      if (walk.superseded) continue;
      const { head, segment, offset, data } = walk;
      const { index, term, type } = head;
      return { index, term, type, segment, offset, data, overwrittenBy: null };
    }
    return null;
  }
}

/** Every entry record in the order of the files. */
class RecordWalk {
  /** Of the record at hand. */
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
  private readonly decoder: WalDecoder;
  private readonly fates: Fates | null;
  private readonly entries: number;
  private ordinal = 0;

  constructor(segments: readonly WalSegment[], dialect: ProtoDialect, survey: WalSurvey) {
    this.decoder = new WalDecoder(segments, dialect, { verifiedTo: survey.end });
    this.entries = survey.entries;
    this.fates = survey.overwrites.length === 0 ? null : new Fates(survey.overwrites);
  }

  /** @returns false behind the last one, and the walk is closed */
  next(): boolean {
    if (this.ordinal < this.entries && this.nextEntry()) return true;
    this.close();
    return false;
  }

  close(): void {
    this.decoder.close();
    this.ordinal = this.entries;
  }

  private nextEntry(): boolean {
    const { decoder, head, fates } = this;
    for (;;) {
      if (!decoder.next()) return false;
      if (decoder.type === RECORD_TYPE.entry) break;
      if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) return false;
    }
    if (!reads(decoder, head, 'Entry')) return false;
    this.segmentAt = decoder.ordinal;
    this.segment = decoder.segment.name;
    this.offset = decoder.frameOffset;
    this.dataOffset = decoder.dataOffset + (head.from - decoder.dataFrom);
    this.data = head.to === head.from ? EMPTY : decoder.bytes.subarray(head.from, head.to);
    if (fates !== null) {
      this.cuts = fates.cuts(this.ordinal);
      this.superseded = fates.superseded(head.index);
    }
    this.ordinal++;
    return true;
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

  /** The next one whose index is not above `index`, or any for null. */
  next(index: bigint | null): WalRow | undefined {
    const place = this.order[this.at];
    if (place === undefined || (index !== null && this.table.indexAt(place) > index)) return;
    const row = this.table.row(place);
    const segment = this.segments[row.segment];
    if (segment === undefined) return;
    this.at++;
    return {
      index: row.index,
      term: row.term,
      type: row.type,
      segment: segment.name,
      offset: row.frameOffset,
      data: readRange(segment.source, row.dataOffset, row.dataLength),
      overwrittenBy: this.by[place] ?? null,
    };
  }

  private collect(dialect: ProtoDialect, survey: WalSurvey): void {
    // Rows that still stand where the pass has come to: their indexes rise, as those of a log do.
    const standing: number[] = [];
    const walk = new RecordWalk(this.segments, dialect, survey);
    while (walk.next()) {
      if (walk.cuts) this.cut(standing, walk);
      if (!walk.superseded) continue;
      standing.push(this.table.length);
      this.table.push(walk.head, walk.segmentAt, walk.offset, walk.dataOffset);
      this.by.push(null);
    }
  }

  private cut(standing: number[], { head, segment, offset }: RecordWalk): void {
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
