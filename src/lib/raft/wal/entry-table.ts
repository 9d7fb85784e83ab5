/**
 * Entries of a log as columns: what is needed to find, judge and fetch them, without their data.
 * 43 bytes a row, so a full WAL of small entries fits in memory where its payloads would not.
 */
import { joinU64 } from '../../bytes/halves.js';
import { assert } from '../../core/errors.js';
import { PRESENT, entrySize, type EntryHead } from '../entry.js';
import type { ProtoDialect } from '../../proto/dialect.js';

/** One row, taken out for reading. */
export interface EntryRow {
  /** Own index of the entry, as stored. */
  readonly index: bigint;
  readonly term: bigint;
  readonly type: number;
  /** Bits of `PRESENT`: 3.7 writes again only what was there. */
  readonly present: number;
  /** Position in `segments` of the file the record lies in. */
  readonly segment: number;
  /** Absolute offset of the record's frame. */
  readonly frameOffset: number;
  /** Absolute offset of the entry's data. */
  readonly dataOffset: number;
  readonly dataLength: number;
}

/** Files that one table can point into. */
export const MOST_SEGMENTS = 0xffff;
const FIRST_ROWS = 1024;

export class EntryTable {
  /** Names of the files that rows point into. */
  readonly segments: readonly string[];
  private count = 0;
  private terms = new Uint32Array(2 * FIRST_ROWS);
  private indexes = new Uint32Array(2 * FIRST_ROWS);
  private types = new Int32Array(FIRST_ROWS);
  private presents = new Uint8Array(FIRST_ROWS);
  private files = new Uint16Array(FIRST_ROWS);
  private frames = new Float64Array(FIRST_ROWS);
  /** Offset and length of the data, the offset relative to the frame. */
  private ranges = new Uint32Array(2 * FIRST_ROWS);
  private marks = new Uint16Array(FIRST_ROWS);

  constructor(segments: readonly string[]) {
    assert(segments.length <= MOST_SEGMENTS, 'a WAL has fewer than 65536 segments');
    this.segments = segments;
  }

  get length(): number {
    return this.count;
  }

  /**
   * @param dataOffset  absolute; the data's length is the head's range
   * @param mark  `proposalMark` of the data, 0 where nobody has looked
   */
  push(head: EntryHead, segment: number, frameOffset: number, dataOffset: number, mark = 0): void {
    const i = this.count;
    if (i === this.types.length) this.grow();
    this.terms[2 * i] = head.termLo;
    this.terms[2 * i + 1] = head.termHi;
    this.indexes[2 * i] = head.indexLo;
    this.indexes[2 * i + 1] = head.indexHi;
    this.types[i] = head.type;
    this.presents[i] = head.present;
    this.files[i] = segment;
    this.frames[i] = frameOffset;
    this.ranges[2 * i] = dataOffset - frameOffset;
    this.ranges[2 * i + 1] = head.to - head.from;
    this.marks[i] = mark;
    this.count++;
  }

  /** Keeps the first `length` rows; the others move behind the rows of `into`. */
  cut(length: number, into: EntryTable): void {
    assert(length <= this.count, 'a table is cut to fewer rows');
    for (let i = length; i < this.count; i++) into.copyRow(this, i);
    this.count = length;
  }

  /** The rows from `i` on, in the same memory: this table must not be written any more. */
  from(i: number): EntryTable {
    assert(i >= 0 && i <= this.count, 'a table ends behind its last row');
    const rest = new EntryTable(this.segments);
    rest.count = this.count - i;
    rest.terms = this.terms.subarray(2 * i);
    rest.indexes = this.indexes.subarray(2 * i);
    rest.types = this.types.subarray(i);
    rest.presents = this.presents.subarray(i);
    rest.files = this.files.subarray(i);
    rest.frames = this.frames.subarray(i);
    rest.ranges = this.ranges.subarray(2 * i);
    rest.marks = this.marks.subarray(i);
    return rest;
  }

  row(i: number): EntryRow {
    assert(i >= 0 && i < this.count, 'the row is in the table');
    return {
      index: this.indexAt(i),
      term: this.termAt(i),
      type: this.typeAt(i),
      present: this.presents[i] ?? 0,
      segment: this.segmentAt(i),
      frameOffset: this.frameOffsetAt(i),
      dataOffset: this.dataOffsetAt(i),
      dataLength: this.dataLengthAt(i),
    };
  }

  indexAt(i: number): bigint {
    return joinU64(this.indexes[2 * i + 1] ?? 0, this.indexes[2 * i] ?? 0);
  }

  termAt(i: number): bigint {
    return joinU64(this.terms[2 * i + 1] ?? 0, this.terms[2 * i] ?? 0);
  }

  typeAt(i: number): number {
    return this.types[i] ?? 0;
  }

  segmentAt(i: number): number {
    return this.files[i] ?? 0;
  }

  frameOffsetAt(i: number): number {
    return this.frames[i] ?? 0;
  }

  dataOffsetAt(i: number): number {
    return this.frameOffsetAt(i) + (this.ranges[2 * i] ?? 0);
  }

  dataLengthAt(i: number): number {
    return this.ranges[2 * i + 1] ?? 0;
  }

  /** `proposalMark` of the data, 0 where nobody has looked. */
  markAt(i: number): number {
    return this.marks[i] ?? 0;
  }

  /** Whether the entry has a data field, empty or not. */
  hasDataAt(i: number): boolean {
    return ((this.presents[i] ?? 0) & PRESENT.data) !== 0;
  }

  /** Bytes of the entry as raft counts it for its pages (§6.7). */
  sizeAt(i: number, dialect: ProtoDialect): number {
    const entry = {
      type: this.typeAt(i),
      termLo: this.terms[2 * i] ?? 0,
      termHi: this.terms[2 * i + 1] ?? 0,
      indexLo: this.indexes[2 * i] ?? 0,
      indexHi: this.indexes[2 * i + 1] ?? 0,
      present: this.presents[i] ?? 0,
      dataLength: this.dataLengthAt(i),
    };
    return entrySize(entry, dialect);
  }

  *rows(): Generator<EntryRow, void> {
    for (let i = 0; i < this.count; i++) yield this.row(i);
  }

  private copyRow(from: EntryTable, i: number): void {
    const to = this.count;
    if (to === this.types.length) this.grow();
    this.terms.set(from.terms.subarray(2 * i, 2 * i + 2), 2 * to);
    this.indexes.set(from.indexes.subarray(2 * i, 2 * i + 2), 2 * to);
    this.types[to] = from.typeAt(i);
    this.presents[to] = from.presents[i] ?? 0;
    this.files[to] = from.files[i] ?? 0;
    this.frames[to] = from.frames[i] ?? 0;
    this.ranges.set(from.ranges.subarray(2 * i, 2 * i + 2), 2 * to);
    this.marks[to] = from.markAt(i);
    this.count++;
  }

  private grow(): void {
    const rows = 2 * this.types.length;
    this.terms = grown(this.terms, new Uint32Array(2 * rows));
    this.indexes = grown(this.indexes, new Uint32Array(2 * rows));
    this.types = grown(this.types, new Int32Array(rows));
    this.presents = grown(this.presents, new Uint8Array(rows));
    this.files = grown(this.files, new Uint16Array(rows));
    this.frames = grown(this.frames, new Float64Array(rows));
    this.ranges = grown(this.ranges, new Uint32Array(2 * rows));
    this.marks = grown(this.marks, new Uint16Array(rows));
  }
}

interface Column {
  set(from: ArrayLike<number>): void;
}

function grown<T extends Column & ArrayLike<number>>(old: T, wider: T): T {
  wider.set(old);
  return wider;
}
