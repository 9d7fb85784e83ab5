/**
 * Range tombstones and range keys of a table, fragmented: spans that overlap have the same bounds
 * (spec/pebble.md §5.6, §6.9).
 *
 * Row entry: key = start key ++ trailer; value by kind:
 *
 * | kind                  | value                                                       |
 * |-----------------------|-------------------------------------------------------------|
 * | RANGEDEL, RANGEKEYDEL | end key, raw                                                |
 * | RANGEKEYSET           | varstring end key, then repeat varstring suffix, value      |
 * | RANGEKEYUNSET         | varstring end key, then repeat varstring suffix             |
 *
 * Columnar: custom header u32 boundary count B; columns 0 bytes boundary key (B rows), 1 uint start
 * index (B rows), 2 uint trailer, 3 bytes suffix, 4 bytes value. Interval j is [key j, key j + 1)
 * with the rows [start j, start j + 1); intervals without rows are gaps.
 */
import { toByteString, type ByteString } from '../../bytes/byte-string.js';
import { Cursor } from '../../bytes/cursor.js';
import { u32le, u64le } from '../../bytes/read.js';
import { ToolError } from '../../core/errors.js';
import type { Span } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import type { Block } from './block.js';
import type { BlockHandle } from './block-handle.js';
import { COLUMN, ColumnarBlock } from './columns.js';
import { RowBlock, RowEntries } from './row-block.js';

const TRAILER_BYTES = 8;
const NOTHING = new Uint8Array(0);

/** The spans of a block as stored, and what the properties count of them. */
export interface SpanBlock extends Block {
  readonly spans: readonly Span[];
  /** Share of `rocksdb.raw.key.size`. */
  readonly rawKeyBytes: number;
  /** Share of `rocksdb.raw.value.size`. */
  readonly rawValueBytes: number;
}

export class RowSpanBlock extends RowBlock implements SpanBlock {
  readonly spans: readonly Span[];
  readonly rawKeyBytes: number;
  readonly rawValueBytes: number;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle);
    const spans: Span[] = [];
    const entries = new RowEntries();
    let keyBytes = 0;
    let valueBytes = 0;
    entries.load(this);
    while (entries.next()) {
      const keyEnd = entries.keyLength - TRAILER_BYTES;
      if (keyEnd < 0) throw this.malformed(entries.valueStart, 'span key shorter than 8 bytes');
      keyBytes += entries.keyLength;
      if (keyBytes > 64 * bytes.length) throw this.malformed(entries.valueStart, 'keys expand');
      valueBytes += entries.valueEnd - entries.valueStart;
      const start = toByteString(entries.key.subarray(0, keyEnd));
      const trailer = u64le(entries.key, keyEnd);
      this.decodeValue(start, trailer, entries.valueStart, entries.valueEnd, spans);
    }
    this.spans = spans;
    this.rawKeyBytes = keyBytes;
    this.rawValueBytes = valueBytes;
  }

  private decodeValue(
    start: ByteString,
    trailer: bigint,
    valueStart: number,
    valueEnd: number,
    into: Span[],
  ): void {
    const kind = Number(trailer & 0xffn);
    const seqNum = trailer >> 8n;
    const value = this.bytes.subarray(valueStart, valueEnd);
    if (kind === KIND.RANGEDEL || kind === KIND.RANGEKEYDEL) {
      into.push({ start, end: toByteString(value), kind, seqNum, suffix: '', value: NOTHING });
      return;
    }
    if (kind !== KIND.RANGEKEYSET && kind !== KIND.RANGEKEYUNSET) {
      throw this.malformed(valueStart, `span of kind ${kind}`);
    }
    const cursor = new Cursor(value, this.path);
    try {
      const end = toByteString(cursor.varstring('end key'));
      while (cursor.left > 0) {
        const suffix = toByteString(cursor.varstring('suffix'));
        const setTo = kind === KIND.RANGEKEYSET ? cursor.varstring('value') : NOTHING;
        into.push({ start, end, kind, seqNum, suffix, value: setTo });
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      throw this.malformed(valueStart, `range key: ${error.detail}`);
    }
  }
}

const COLUMNS = [COLUMN.BYTES, COLUMN.UINT, COLUMN.UINT, COLUMN.BYTES, COLUMN.BYTES] as const;

export class ColumnSpanBlock extends ColumnarBlock implements SpanBlock {
  readonly spans: readonly Span[];
  readonly rawKeyBytes: number;
  readonly rawValueBytes: number;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 4, COLUMNS);
    const boundaries = u32le(bytes, 0);
    if (boundaries > bytes.length) throw this.malformed(0, `${boundaries} boundaries`);
    const keys = this.bytesColumn(0, boundaries);
    const starts = this.uintColumn(1, boundaries);
    const trailers = this.uintColumn(2);
    const suffixes = this.bytesColumn(3);
    const values = this.bytesColumn(4);
    const spans: Span[] = [];
    let rawKeyBytes = 0;
    let row = boundaries === 0 ? 0 : starts.low(0);
    for (let j = 0; j + 1 < boundaries; j++) {
      const from = starts.low(j);
      const until = starts.low(j + 1);
      if (from !== row || until < from || until > this.rows) {
        throw this.malformed(0, `boundary ${j} has rows [${from}, ${until}) of ${this.rows}`);
      }
      if (from === until) continue;
      const start = toByteString(bytes.subarray(keys.start(j), keys.stop(j)));
      const end = toByteString(bytes.subarray(keys.start(j + 1), keys.stop(j + 1)));
      rawKeyBytes += start.length + end.length;
      for (; row < until; row++) {
        const low = trailers.low(row);
        const seqNum = (BigInt(trailers.high(row)) << 24n) | BigInt(low >>> 8);
        const kind = low & 0xff;
        if (kind !== KIND.RANGEDEL && (kind < KIND.RANGEKEYDEL || kind > KIND.RANGEKEYSET)) {
          throw this.malformed(0, `span of kind ${kind}, row ${row}`);
        }
        const suffix = toByteString(bytes.subarray(suffixes.start(row), suffixes.stop(row)));
        const value = bytes.subarray(values.start(row), values.stop(row));
        spans.push({ start, end, kind, seqNum, suffix, value });
      }
    }
    if (row !== this.rows) throw this.malformed(0, `${this.rows - row} rows outside all intervals`);
    this.spans = spans;
    this.rawKeyBytes = rawKeyBytes;
    this.rawValueBytes = 0;
  }
}
