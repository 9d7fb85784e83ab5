/**
 * Raft's storage as a boot builds it (spec/etcd-wal.md §6.4 step 7, §6.5): a snapshot at `base` and
 * entries behind it, counted by position. Payloads stay in the files until they are asked for.
 */
import { assert } from '../core/errors.js';
import type { DirSource } from '../io/dir-source.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { EntryData } from '../raft/wal/entry-data.js';
import { EntryTable } from '../raft/wal/entry-table.js';

export interface LogEntry {
  /** By position in the log; an entry's own index differs in forged legacy files only. */
  readonly index: bigint;
  readonly ownIndex: bigint;
  readonly term: bigint;
  readonly type: number;
  /** File below the group dir in which the record lies; null for an entry this boot would make. */
  readonly file: string | null;
  readonly offset: number | null;
}

const NOTHING = new Uint8Array(0);
/** Encoded size of an entry without data, near enough for counting pages. */
const EMPTY_ENTRY_BYTES = 8;

export class RaftLog {
  /** Index of the snapshot below the first entry. */
  readonly base: bigint;
  readonly table: EntryTable;
  private readonly firstRow: number;
  /** Segment by segment, its path below the group dir. */
  private readonly files: readonly string[];
  private readonly payloads: EntryData;
  /** Terms of entries that this boot appends itself: a new leader's empty one. */
  private readonly made: bigint[] = [];

  /**
   * @param dir in which the table's files lie
   * @param folder its path below the group dir: empty, or ending in a slash
   * @param firstRow rows before it lie at or below `base`
   */
  constructor(base: bigint, table: EntryTable, dir: DirSource, folder: string, firstRow = 0) {
    this.base = base;
    this.table = table;
    this.files = table.segments.map((name) => folder + name);
    this.firstRow = firstRow;
    this.payloads = new EntryData(dir);
  }

  static empty(base: bigint, dir: DirSource): RaftLog {
    return new RaftLog(base, new EntryTable([]), dir, '');
  }

  private get rows(): number {
    return this.table.length - this.firstRow;
  }

  /** `T`: index of the last entry, or of the snapshot without entries. */
  get last(): bigint {
    return this.base + BigInt(this.rows + this.made.length);
  }

  get first(): bigint {
    return this.base + 1n;
  }

  entry(index: bigint): LogEntry {
    const i = this.position(index);
    if (i >= this.rows) {
      const term = this.made[i - this.rows];
      assert(term !== undefined, 'the index is in the log');
      return { index, ownIndex: index, term, type: 0, file: null, offset: null };
    }
    const { table } = this;
    const row = this.firstRow + i;
    return {
      index,
      ownIndex: table.indexAt(row),
      term: table.termAt(row),
      type: table.typeAt(row),
      file: this.files[table.segmentAt(row)] ?? null,
      offset: table.frameOffsetAt(row),
    };
  }

  /** The entry's type alone. */
  type(index: bigint): number {
    const i = this.position(index);
    return i < this.rows ? this.table.typeAt(this.firstRow + i) : 0;
  }

  /** Borrowed until the next call. */
  data(index: bigint): Uint8Array {
    const i = this.position(index);
    return i < this.rows ? this.payloads.read(this.table, this.firstRow + i) : NOTHING;
  }

  /** `proposalMark` of the entry's data, 0 where it is not known. */
  mark(index: bigint): number {
    const i = this.position(index);
    return i < this.rows ? this.table.markAt(this.firstRow + i) : 0;
  }

  dataLength(index: bigint): number {
    const i = this.position(index);
    return i < this.rows ? this.table.dataLengthAt(this.firstRow + i) : 0;
  }

  /** Encoded bytes, as raft counts them for its pages. */
  size(index: bigint, dialect: ProtoDialect): number {
    const i = this.position(index);
    return i < this.rows ? this.table.sizeAt(this.firstRow + i, dialect) : EMPTY_ENTRY_BYTES;
  }

  appendEmpty(term: bigint): void {
    this.made.push(term);
  }

  close(): void {
    this.payloads.close();
  }

  private position(index: bigint): number {
    const i = Number(index - this.base) - 1;
    assert(i >= 0, 'the index lies above the snapshot');
    return i;
  }
}
