/**
 * Verifies one table (spec/pebble.md §8). `checksum` reads every block and compares its checksum;
 * `full` also decodes all of them, checks the order of points, separators and spans, and recounts
 * the properties. A fault is a finding, and the work goes on with whatever can still be reached.
 */
import { compareBytes } from '../../bytes/byte-string.js';
import { hex } from '../../bytes/hex.js';
import { ToolError } from '../../core/errors.js';
import { findingOf, type Finding, type FindingSink } from '../../core/finding.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { NO_PACE, type Pace } from '../../core/pace.js';
import type { ByteSource } from '../../io/byte-source.js';
import { MAX_ROWS, PointRows } from '../base/point-rows.js';
import { decodeBlobHandle, type BlobResolver } from './blob-file.js';
import { Block } from './block.js';
import { BlockCache } from './block-cache.js';
import { BLOCK_TRAILER_BYTES, type BlockHandle } from './block-handle.js';
import { BlockReader, type BlockClass } from './block-reader.js';
import { Coverage, type CoveredBytes } from './coverage.js';
import { FindingTally } from './finding-tally.js';
import { readFooter, type Footer } from './footer.js';
import type { IndexBlock, IndexRows } from './index-block.js';
import { readMetaindex, type Metaindex } from './metaindex.js';
import { VALUE_PLACE, type PointDecoder } from './point-decoder.js';
import { readProperties, type CountName, type Properties } from './properties.js';
import { Recount, type PointBound } from './recount.js';
import type { SpanBlock } from './span-block.js';
import { blockClasses, newPointDecoder } from './table-classes.js';
import { decodeValueHandle, ValueBlocks } from './value-blocks.js';

export interface VerifyTableOptions {
  readonly level: 'checksum' | 'full';
  readonly report: FindingSink;
  readonly pace?: Pace | undefined;
  readonly limits?: Limits | undefined;
  /** With it, `full` also looks up every value in a blob file. */
  readonly blobs?: BlobResolver | undefined;
}

/** The bytes add up to the file's size. Counts and bounds are those found, as stored. */
export interface TableVerdict extends CoveredBytes {
  readonly blocks: number;
  readonly badBlocks: number;
  /** `full` only: whether all points were seen, so that bounds and counts mean something. */
  readonly isComplete: boolean;
  readonly points: number;
  readonly rangeDels: number;
  readonly rangeKeys: number;
  readonly smallestPoint: PointBound | undefined;
  readonly largestPoint: PointBound | undefined;
  readonly smallestSeqNum: bigint | undefined;
  readonly largestSeqNum: bigint | undefined;
}

/** @throws {IoError} when the file cannot be read; whatever its bytes say is a finding */
export async function verifyTable(
  source: ByteSource,
  options: VerifyTableOptions,
): Promise<TableVerdict> {
  const verifier = new TableVerifier(source, options);
  await verifier.run();
  return verifier.verdict();
}

class TableVerifier {
  private readonly source: ByteSource;
  private readonly options: VerifyTableOptions;
  private readonly isFull: boolean;
  private readonly pace: Pace;
  private readonly coverage = new Coverage();
  private readonly recount = new Recount();
  private readonly tally: FindingTally;
  private reader: BlockReader | undefined;
  private gapReason: string | undefined;
  private blocks = 0;
  private badBlocks = 0;
  private missesPoints = false;
  /** Uncompressed sizes of the value blocks, -1 for unreadable ones. */
  private readonly valueBlockSizes: number[] = [];
  private separator: Uint8Array | undefined;
  private readonly rows = new PointRows();

  constructor(source: ByteSource, options: VerifyTableOptions) {
    this.source = source;
    this.options = options;
    this.isFull = options.level === 'full';
    this.pace = options.pace ?? NO_PACE;
    this.tally = new FindingTally(options.report);
  }

  async run(): Promise<void> {
    const footer = this.attempt(() => readFooter(this.source));
    if (!footer) {
      this.gapReason = 'the footer does not lead anywhere';
      this.missesPoints = true;
      return;
    }
    this.coverage.add(footer.offset, footer.format.footerLength, 'checked', 'footer');
    const limits = this.options.limits ?? DEFAULT_LIMITS;
    const cache = new BlockCache(0).file();
    const reader = new BlockReader(this.source, footer.checksumType, footer.offset, cache, limits);
    this.reader = reader;
    const metaindex = this.tracked(footer.metaindex, 'metaindex', () =>
      readMetaindex(reader, footer),
    );
    if (!metaindex) this.gapReason = 'the metaindex is unreadable';
    const properties =
      metaindex &&
      this.tracked(metaindex.properties, 'properties', () =>
        readProperties(reader, footer, metaindex),
      );
    if (metaindex) await this.metaBlocks(metaindex, footer, reader);
    await this.index(footer, properties);
    this.recount.finish();
    if (this.isFull && properties && !this.missesPoints) this.compareCounts(properties);
  }

  verdict(): TableVerdict {
    const { recount } = this;
    const { path, size } = this.source;
    const covered = this.coverage.finish(path, size, this.gapReason, (finding) =>
      this.tally.report(finding),
    );
    this.tally.finish(path);
    return {
      ...covered,
      blocks: this.blocks,
      badBlocks: this.badBlocks,
      isComplete: this.isFull && !this.missesPoints,
      points: recount.points,
      rangeDels: recount.rangeDels,
      rangeKeys: recount.rangeKeys,
      smallestPoint: recount.smallestPoint,
      largestPoint: recount.largestPoint,
      smallestSeqNum: recount.smallestSeqNum,
      largestSeqNum: recount.largestSeqNum,
    };
  }

  /** Everything the metaindex names. */
  private async metaBlocks(
    metaindex: Metaindex,
    footer: Footer,
    reader: BlockReader,
  ): Promise<void> {
    const { rangeDel, rangeKey, valueIndex, others } = metaindex;
    const { spanClass } = blockClasses(footer.format);
    const dels = rangeDel && this.decoded(rangeDel, spanClass, 'range-del');
    if (dels) this.recount.addRangeDels(dels);
    else if (rangeDel) this.missesPoints = true;
    const keys = rangeKey && this.decoded(rangeKey, spanClass, 'range-key');
    if (keys) this.recount.addRangeKeys(keys);
    else if (rangeKey) this.missesPoints = true;
    if (this.isFull && dels) this.checkSpans(dels, 'range-del');
    if (this.isFull && keys) this.checkSpans(keys, 'range-key');
    for (const { name, handle } of others) this.checksum(handle, name);
    if (!valueIndex) return;
    const values = this.tracked(
      valueIndex.handle,
      'value index',
      () => new ValueBlocks(reader, valueIndex),
    );
    if (!values) this.gapReason = 'the value index is unreadable';
    for (const handle of values?.handles ?? []) {
      const block = this.isFull
        ? this.decoded(handle, Block, 'value')
        : (this.checksum(handle, 'value'), undefined);
      this.valueBlockSizes.push(block?.bytes.length ?? -1);
      this.recount.add('pebble.num.value-blocks', 1);
      await this.step(handle);
    }
  }

  private async index(footer: Footer, properties: Properties | undefined): Promise<void> {
    const { indexClass } = blockClasses(footer.format);
    const top = this.decoded(footer.index, indexClass, 'index');
    if (!top) {
      this.gapReason = 'the index is unreadable';
      this.missesPoints = true;
      return;
    }
    const decoder = newPointDecoder(footer.format, new Uint8Array(0));
    if (!properties) {
      // Without them it is unknown whether these are data blocks or index blocks.
      this.missesPoints = true;
      this.gapReason ??= 'the properties, which tell the levels of the index, are unreadable';
      for (let i = 0; i < top.index.count; i++) this.checksum(top.index.handle(i), 'data or index');
      return;
    }
    if (!properties.hasTwoLevelIndex) {
      await this.dataBlocks(top, decoder);
      return;
    }
    for (let i = 0; i < top.index.count; i++) {
      const handle = top.index.handle(i);
      const leaf = this.decoded(handle, indexClass, 'index');
      this.recount.add('rocksdb.index.partitions', 1);
      if (leaf) await this.dataBlocks(leaf, decoder);
      else {
        this.gapReason = 'an index block is unreadable';
        this.missesPoints = true;
      }
      this.checkTopSeparator(top, i, leaf?.index);
      await this.step(handle);
    }
  }

  private checkTopSeparator(top: IndexBlock, i: number, leaf: IndexRows | undefined): void {
    if (!this.isFull || !leaf || leaf.count === 0) return;
    const last = leaf.separator(leaf.count - 1);
    if (compareBytes(last, top.index.separator(i)) <= 0) return;
    this.find('sst-separator', top.handle.offset, `top index entry ${i} sorts before its block`);
  }

  private async dataBlocks(indexBlock: IndexBlock, decoder: PointDecoder): Promise<void> {
    const { index } = indexBlock;
    for (let i = 0; i < index.count; i++) {
      const handle = index.handle(i);
      this.recount.add('rocksdb.num.data.blocks', 1);
      const end = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
      const before = this.recount.counts.get('rocksdb.data.size') ?? 0;
      this.recount.counts.set('rocksdb.data.size', Math.max(before, end));
      if (this.isFull) this.dataBlock(handle, index.separator(i), decoder);
      else this.checksum(handle, 'data');
      await this.step(handle);
    }
  }

  private dataBlock(handle: BlockHandle, separator: Uint8Array, decoder: PointDecoder): void {
    const block = this.decoded(handle, decoder.blockClass, 'data');
    const lost = (): void => {
      this.missesPoints = true;
    };
    if (!block) lost();
    else if (!this.attempt(() => this.points(block, decoder))) lost();
    const { separator: previous } = this;
    if (previous && compareBytes(previous, separator) > 0) {
      this.find('sst-separator', handle.offset, 'separators descend');
    }
    if (block && this.recount.points > 0 && compareBytes(this.recount.lastUserKey, separator) > 0) {
      const last = hex(this.recount.lastUserKey);
      this.find('sst-separator', handle.offset, `separator ${hex(separator)} < last key ${last}`);
    }
    this.separator = separator;
  }

  /** @returns true, so that `attempt` tells success */
  private points(block: Block, decoder: PointDecoder): true {
    const { rows } = this;
    decoder.load(block);
    let isFirst = true;
    while (decoder.decodePoints(rows, MAX_ROWS)) {
      for (let row = 0; row < rows.count; row++) {
        this.point(block, row, isFirst);
        isFirst = false;
      }
    }
    return true;
  }

  private point(block: Block, row: number, isFirst: boolean): void {
    const inOrder = this.recount.addPoint(this.rows, row, this.valueLength(block, row));
    const { lastUserKey } = this.recount;
    const { offset } = block.handle;
    if (!inOrder) {
      const message = `point ${hex(lastUserKey)} does not sort behind its forerunner`;
      this.find('sst-order', offset, message);
    }
    if (isFirst && this.separator && compareBytes(this.separator, lastUserKey) > 0) {
      const before = `the separator ${hex(this.separator)} of the block before`;
      this.find('sst-separator', offset, `first key ${hex(lastUserKey)} sorts before ${before}`);
    }
  }

  /** True length of the value, wherever it lies; checks its handle. */
  private valueLength(block: Block, row: number): number {
    const valueStart = this.rows.valueStart(row);
    const valueEnd = this.rows.valueEnd(row);
    const valuePlace = this.rows.valuePlace(row);
    if (valuePlace === VALUE_PLACE.INLINE) return valueEnd - valueStart;
    if (valuePlace === VALUE_PLACE.BLOB) {
      const handle = decodeBlobHandle(block, valueStart, valueEnd);
      this.recount.add('pebble.num.values.in.blob-files', 1);
      const { blobs } = this.options;
      if (blobs) {
        const file = blobs.blobFile(handle.reference);
        if (file) this.attempt(() => file.value(handle));
        else {
          this.find('sst-value-handle', block.handle.offset, `no blob file ${handle.reference}`);
        }
      }
      return handle.length;
    }
    const handle = decodeValueHandle(block, valueStart, valueEnd);
    this.recount.add('pebble.num.values.in.value-blocks', 1);
    const size = this.valueBlockSizes[handle.block];
    if (size === undefined || (size >= 0 && handle.offset + handle.length > size)) {
      this.find(
        'sst-value-handle',
        block.handle.offset,
        `value of ${handle.length} bytes at ${handle.offset} of value block ${handle.block}` +
          (size === undefined ? ', which does not exist' : `, which has ${size}`),
      );
    }
    return handle.length;
  }

  private checkSpans(block: SpanBlock, what: string): void {
    for (const [i, span] of block.spans.entries()) {
      const { offset } = block.handle;
      if (span.start >= span.end) this.find('sst-order', offset, `${what} span ${i} is empty`);
      const previous = block.spans[i - 1];
      if (!previous) continue;
      const isSame = previous.start === span.start && previous.end === span.end;
      if (isSame ? previous.seqNum < span.seqNum : previous.end > span.start) {
        this.find('sst-order', offset, `${what} span ${i} is out of order or overlaps`);
      }
    }
  }

  private compareCounts(properties: Properties): void {
    const names: readonly CountName[] = COMPARED_COUNTS;
    for (const name of names) {
      const stated = this.attempt(() => ({ count: properties.count(name) }));
      const found = this.recount.counts.get(name) ?? 0;
      if (!stated || stated.count === found) continue;
      this.find('sst-count-mismatch', undefined, `${name} is ${stated.count}, counted ${found}`);
    }
  }

  /** Reads and decodes one block and accounts for it. */
  private decoded<T extends Block>(
    handle: BlockHandle,
    type: BlockClass<T>,
    what: string,
  ): T | undefined {
    return this.tracked(handle, what, () => this.reader?.uncached(handle, type, what));
  }

  private checksum(handle: BlockHandle, what: string): void {
    this.tracked(handle, what, () => this.reader?.readStored(handle, what));
  }

  /** Runs what reads the block at `handle`, and accounts for its bytes by how that ends. */
  private tracked<T>(handle: BlockHandle, what: string, read: () => T): T | undefined {
    this.blocks++;
    let isReadable = true;
    const result = this.attempt(read, (error) => {
      isReadable = error.code !== 'sst-block-checksum' && error.code !== 'limit-exceeded';
      this.badBlocks++;
    });
    const { offset, length } = handle;
    const fits = offset + length + BLOCK_TRAILER_BYTES <= (this.reader?.end ?? 0);
    if (fits) {
      const state = isReadable ? 'checked' : 'unreadable';
      this.coverage.add(offset, length + BLOCK_TRAILER_BYTES, state, what);
    }
    return result;
  }

  /** The result, or undefined when the bytes were at fault, which is reported. */
  private attempt<T>(work: () => T, onError?: (error: ToolError) => void): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ToolError) || error.exitCode === 1) throw error;
      onError?.(error);
      this.tally.report(findingOf(error));
      return undefined;
    }
  }

  private find(code: Finding['code'], offset: number | undefined, message: string): void {
    this.tally.report({ code, severity: 'error', file: this.source.path, offset, message });
  }

  private step(handle: BlockHandle): void | Promise<void> {
    return this.pace.step(handle.length + BLOCK_TRAILER_BYTES);
  }
}

const COMPARED_COUNTS: readonly CountName[] = [
  'rocksdb.num.entries',
  'rocksdb.deleted.keys',
  'rocksdb.num.range-deletions',
  'rocksdb.merge.operands',
  'rocksdb.num.data.blocks',
  'rocksdb.index.partitions',
  'rocksdb.data.size',
  'rocksdb.raw.key.size',
  'rocksdb.raw.value.size',
  'pebble.num.deletions.sized',
  'pebble.num.range-key-sets',
  'pebble.num.range-key-unsets',
  'pebble.num.range-key-dels',
  'pebble.num.value-blocks',
  'pebble.num.values.in.value-blocks',
  'pebble.num.values.in.blob-files',
];
