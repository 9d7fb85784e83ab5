/**
 * The blocks of one table by what they are for (spec/pebble.md §6.1): what the footer, the
 * metaindex and the properties say of them, and how each is decoded. Knows the file, not how a
 * version shows it.
 */
import { CorruptionError } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { Limits } from '../../core/limits.js';
import { decodeBlobHandle, type BlobResolver } from './blob-file.js';
import type { Block } from './block.js';
import type { BlockCache } from './block-cache.js';
import type { BlockHandle } from './block-handle.js';
import { BlockReader } from './block-reader.js';
import { readFooter, type Footer } from './footer.js';
import type { IndexBlock } from './index-block.js';
import { readMetaindex, type Metaindex } from './metaindex.js';
import { VALUE_PLACE, type PointDecoder, type ValuePlace } from './point-decoder.js';
import { readProperties, type Properties } from './properties.js';
import type { SpanBlock } from './span-block.js';
import { blockClasses, newPointDecoder, type BlockClasses } from './table-classes.js';
import { decodeValueHandle, ValueBlocks } from './value-blocks.js';

export class TableBlocks {
  readonly source: ByteSource;
  readonly footer: Footer;
  readonly reader: BlockReader;
  readonly metaindex: Metaindex;
  readonly properties: Properties;
  readonly hasTwoLevelIndex: boolean;
  private readonly classes: BlockClasses;
  private readonly blobs: BlobResolver | undefined;
  private valueBlocks: ValueBlocks | undefined;

  /** Reads footer, metaindex and properties, and nothing else. */
  constructor(source: ByteSource, cache: BlockCache, limits: Limits, blobs?: BlobResolver) {
    this.source = source;
    this.footer = readFooter(source);
    const { checksumType, offset } = this.footer;
    this.reader = new BlockReader(source, checksumType, offset, cache.file(), limits);
    this.metaindex = readMetaindex(this.reader, this.footer);
    this.properties = readProperties(this.reader, this.footer, this.metaindex);
    this.hasTwoLevelIndex = this.properties.hasTwoLevelIndex;
    this.classes = blockClasses(this.footer.format);
    this.blobs = blobs;
  }

  /** The index block the footer names: of two levels the top. */
  topIndex(): IndexBlock {
    const { offset, length } = this.footer.index;
    return this.reader.block(offset, length, this.classes.indexClass, 'index');
  }

  /** An index block below the top. */
  leafIndex(offset: number, length: number): IndexBlock {
    return this.reader.block(offset, length, this.classes.indexClass, 'index');
  }

  pointDecoder(prefix: Uint8Array): PointDecoder {
    return newPointDecoder(this.footer.format, prefix);
  }

  /** The range tombstones, or undefined when the table has none. */
  rangeDelBlock(): SpanBlock | undefined {
    return this.spanBlock(this.metaindex.rangeDel, 'range-del');
  }

  rangeKeyBlock(): SpanBlock | undefined {
    return this.spanBlock(this.metaindex.rangeKey, 'range-key');
  }

  /** The value behind the handle at [start, end) of a data block, borrowed. */
  externalValue(block: Block, place: ValuePlace, start: number, end: number): Uint8Array {
    if (place === VALUE_PLACE.VALUE_BLOCK) {
      return this.loadValueBlocks().value(decodeValueHandle(block, start, end));
    }
    const handle = decodeBlobHandle(block, start, end);
    const file = this.blobs?.blobFile(handle.reference);
    if (file) return file.value(handle);
    throw new CorruptionError(
      'sst-value-handle',
      `value of ${handle.length} bytes lies in blob file reference ${handle.reference},` +
        ' which is not at hand',
      { site: { path: block.path, offset: block.handle.offset } },
    );
  }

  loadValueBlocks(): ValueBlocks {
    if (this.valueBlocks) return this.valueBlocks;
    const { valueIndex } = this.metaindex;
    if (!valueIndex) {
      throw new CorruptionError(
        'sst-value-handle',
        'a value lies in a value block, but the metaindex has no pebble.value_index',
        { site: { path: this.source.path, offset: this.footer.metaindex.offset } },
      );
    }
    this.valueBlocks = new ValueBlocks(this.reader, valueIndex);
    return this.valueBlocks;
  }

  private spanBlock(handle: BlockHandle | undefined, what: string): SpanBlock | undefined {
    return handle && this.reader.uncached(handle, this.classes.spanClass, what);
  }
}
