import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { InternalIterator, Span } from '../base/internal-iterator.js';
import type { BlobResolver } from './blob-file.js';
import type { BlockCache } from './block-cache.js';
import { Exposure, type ExposureOptions } from './exposure.js';
import type { Properties } from './properties.js';
import { TableBlocks } from './table-blocks.js';
import type { TableFormat } from './table-format.js';
import { TableIterator } from './table-iterator.js';

export interface TableOptions extends ExposureOptions {
  /** Shared by all tables of a database. */
  readonly cache: BlockCache;
  readonly limits?: Limits | undefined;
  /** Needed where values are separated into blob files (tables v6, v7 of FMV 24). */
  readonly blobs?: BlobResolver | undefined;
}

/** A sorted table, open for reading (spec/pebble.md §6), as the version shows it. */
export interface Table {
  readonly path: string;
  readonly size: number;
  readonly format: TableFormat;
  readonly properties: Properties;
  /** A new iterator over the points, standing nowhere. */
  points(): InternalIterator;
  /** Range tombstones by start; those of equal bounds newest first. */
  rangeDels(): readonly Span[];
  /** Range keys, one span a suffix, in the same order. */
  rangeKeys(): readonly Span[];
  /** Takes back the memory of scans that were not walked to their end; nobody may go on with them. */
  endScans(): void;
  /** Gives up cached blocks and closes the source. */
  close(): void;
}

/**
 * Reads the footer, the metaindex and the properties; index and data blocks when they are needed.
 *
 * @param source  stays open until `close`; closed here when opening fails
 * @throws {CorruptionError | UnsupportedError} codes `sst-…`
 */
export function openTable(source: ByteSource, options: TableOptions): Table {
  try {
    return new OpenTable(source, options);
  } catch (error) {
    source.close();
    throw error;
  }
}

class OpenTable implements Table {
  private readonly blocks: TableBlocks;
  private readonly exposure: Exposure;
  private shownRangeDels: readonly Span[] | undefined;
  private shownRangeKeys: readonly Span[] | undefined;

  constructor(source: ByteSource, options: TableOptions) {
    const { cache, limits = DEFAULT_LIMITS, blobs } = options;
    this.blocks = new TableBlocks(source, cache, limits, blobs);
    this.exposure = new Exposure(options);
  }

  get path(): string {
    return this.blocks.source.path;
  }

  get size(): number {
    return this.blocks.source.size;
  }

  get format(): TableFormat {
    return this.blocks.footer.format;
  }

  get properties(): Properties {
    return this.blocks.properties;
  }

  points(): InternalIterator {
    return new TableIterator(this.blocks, this.exposure);
  }

  rangeDels(): readonly Span[] {
    this.shownRangeDels ??= this.exposure.spans(this.blocks.rangeDelBlock()?.spans ?? []);
    return this.shownRangeDels;
  }

  rangeKeys(): readonly Span[] {
    this.shownRangeKeys ??= this.exposure.spans(this.blocks.rangeKeyBlock()?.spans ?? []);
    return this.shownRangeKeys;
  }

  endScans(): void {
    this.blocks.reader.releaseRooms();
  }

  close(): void {
    this.blocks.reader.releaseCache();
    this.blocks.source.close();
  }
}
