/**
 * A table as a member of a layer: known from the MANIFEST or from an ingest record, opened when
 * something in it is asked for.
 */
import { IoError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { SubSource, type ByteSource } from '../../io/byte-source.js';
import type { DirSource } from '../../io/dir-source.js';
import { blobName, tableName } from '../base/filename.js';
import type { InternalIterator } from '../base/internal-iterator.js';
import {
  globalSeqNumOf,
  isExclusiveSentinel,
  type KeyRange,
  type TableMeta,
} from '../manifest/table-meta.js';
import type { BlobFileMeta } from '../manifest/version-edit.js';
import type { BlockCache } from '../sstable/block-cache.js';
import { openBlobFile, type BlobFile, type BlobResolver } from '../sstable/blob-file.js';
import { openTable, type Table } from '../sstable/table.js';
import type { IngestedTable } from '../wal/ingest.js';
import { Tombstones } from './tombstones.js';

/** Opens table and blob files once and keeps them open, so that a live database cannot pull them away. */
export class TableFiles {
  readonly limits: Limits;
  readonly cache: BlockCache;
  private readonly dir: DirSource;
  private readonly blobs: ReadonlyMap<number, BlobFileMeta>;
  private readonly sources = new Map<string, ByteSource>();
  private readonly blobFiles = new Map<number, BlobFile>();

  constructor(
    dir: DirSource,
    blobs: ReadonlyMap<number, BlobFileMeta>,
    cache: BlockCache,
    limits: Limits,
  ) {
    this.dir = dir;
    this.blobs = blobs;
    this.cache = cache;
    this.limits = limits;
  }

  source(name: string): ByteSource {
    const known = this.sources.get(name);
    if (known) return known;
    let source: ByteSource;
    try {
      source = this.dir.open(name);
    } catch (error) {
      if (!(error instanceof IoError) || error.code !== 'io-not-found') throw error;
      throw new IoError(
        'io-changed',
        'the directory changed while being read; stop the process or read a copy',
        { site: error.site, errno: error.errno, cause: error },
      );
    }
    this.sources.set(name, source);
    return source;
  }

  /** The blob files that the references of `table` stand for. */
  resolver(table: TableMeta): BlobResolver {
    return {
      blobFile: (reference) => {
        const id = table.blobReferences[reference]?.blobFileId;
        return id === undefined ? undefined : this.blobFile(id);
      },
    };
  }

  blobFile(id: number): BlobFile | undefined {
    const known = this.blobFiles.get(id);
    if (known) return known;
    const meta = this.blobs.get(id);
    if (!meta) return undefined;
    const source = this.source(blobName(meta.number));
    const file = openBlobFile(new SubSource(source, 0, source.size), this.cache, this.limits);
    this.blobFiles.set(id, file);
    return file;
  }

  close(): void {
    for (const source of this.sources.values()) source.close();
    this.sources.clear();
    this.blobFiles.clear();
  }
}

export class LayerTable {
  readonly number: number;
  /** Undefined for a table that an ingest record names: it has no MANIFEST entry yet. */
  readonly meta: TableMeta | undefined;
  private readonly files: TableFiles;
  private readonly globalSeqNum: bigint | undefined;
  private opened: Table | undefined;
  private deletions: Tombstones | undefined;
  private getter: InternalIterator | undefined;

  private constructor(
    files: TableFiles,
    number: number,
    meta: TableMeta | undefined,
    globalSeqNum: bigint | undefined,
  ) {
    this.files = files;
    this.number = number;
    this.meta = meta;
    this.globalSeqNum = globalSeqNum;
  }

  static live(files: TableFiles, meta: TableMeta): LayerTable {
    return new LayerTable(files, meta.number, meta, globalSeqNumOf(meta));
  }

  static ingested(files: TableFiles, table: IngestedTable): LayerTable {
    return new LayerTable(files, table.number, undefined, table.seqNum);
  }

  /** Where its points and range tombstones lie; undefined means anywhere. */
  get points(): KeyRange | undefined {
    return this.meta?.points;
  }

  /** False when the MANIFEST says that it holds range keys only. */
  get hasPoints(): boolean {
    return this.meta === undefined || this.meta.points !== undefined;
  }

  get hasRangeKeys(): boolean {
    return this.meta === undefined || this.meta.rangeKeys !== undefined;
  }

  get fileName(): string {
    return tableName(this.meta?.backing ?? this.number);
  }

  table(): Table {
    this.opened ??= this.open();
    return this.opened;
  }

  tombstones(): Tombstones {
    this.deletions ??= new Tombstones(this.table().rangeDels());
    return this.deletions;
  }

  /** An iterator for point gets, reused from one to the next. */
  getIterator(): InternalIterator {
    this.getter ??= this.table().points();
    return this.getter;
  }

  endScans(): void {
    this.opened?.endScans();
  }

  private open(): Table {
    const { files, meta, globalSeqNum } = this;
    // Shared by virtual tables over one backing, so no table may close it.
    const shared = files.source(this.fileName);
    const source = new SubSource(shared, 0, shared.size);
    const { cache, limits } = files;
    if (!meta) return openTable(source, { cache, limits, globalSeqNum });
    const { largest } = meta.bounds;
    return openTable(source, {
      cache,
      limits,
      globalSeqNum,
      bounds: meta.virtual
        ? {
            lower: meta.bounds.smallest.userKey,
            upper: largest.userKey,
            upperInclusive: !isExclusiveSentinel(largest),
          }
        : undefined,
      syntheticPrefix: meta.syntheticPrefix,
      syntheticSuffix: meta.syntheticSuffix,
      blobs: meta.blobReferences.length > 0 ? files.resolver(meta) : undefined,
    });
  }
}
