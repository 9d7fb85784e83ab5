/**
 * Verifies a database directory without stopping at the first fault (spec/pebble.md §8).
 *
 * | level | looks at |
 * |---|---|
 * | quick | names, MANIFEST, sizes, and the WALs that a node would replay |
 * | structure | also every table's footer, metaindex, properties and index |
 * | checksum | also every block of every table and blob file |
 * | full | also decodes them all: order, counts, bounds, order across layers |
 *
 * Every byte of every file in the directory is counted as checked, skipped or unreadable.
 */
import { ToolError } from '../../core/errors.js';
import { findingOf, type FindingSink } from '../../core/finding.js';
import { NO_PACE, type Pace } from '../../core/pace.js';
import { SubSource } from '../../io/byte-source.js';
import type { DirEntry, DirSource } from '../../io/dir-source.js';
import { blobName } from '../base/filename.js';
import { openBlobFile, BLOB_FOOTER_BYTES } from '../sstable/blob-file.js';
import { BlockCache } from '../sstable/block-cache.js';
import { BLOCK_TRAILER_BYTES } from '../sstable/block-handle.js';
import { verifyTable, type TableVerdict } from '../sstable/verify-table.js';
import type { LayerTable } from './layer-table.js';
import { pebbleOpenVerdict } from './refusal.js';
import { PebbleDb, readState, type PebbleOptions } from './pebble-db.js';
import { compareWithManifest } from './verify-bounds.js';
import { verifyOrder } from './verify-order.js';
import { unusedFiles, verifyVersion } from './verify-version.js';

export type VerifyLevel = 'quick' | 'structure' | 'checksum' | 'full';

export interface VerifyOptions extends Omit<PebbleOptions, 'findings' | 'salvage'> {
  readonly report: FindingSink;
  readonly pace?: Pace | undefined;
}

export interface VerifiedBytes {
  readonly checkedBytes: number;
  readonly skippedBytes: number;
  readonly unreadableBytes: number;
}

export interface VerifiedFile extends VerifiedBytes {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface VerifyReport extends VerifiedBytes {
  readonly level: VerifyLevel;
  /** Why Pebble would refuse to open the directory, if it would. */
  readonly refusal: ToolError | undefined;
  readonly files: readonly VerifiedFile[];
  /** `full` only: entries whose order across layers was checked. */
  readonly entriesCompared: number;
}

/** @throws {IoError} when the directory or a file cannot be read at all */
export async function verifyPebble(
  dir: DirSource,
  level: VerifyLevel,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const verifier = new Verifier(dir, level, options);
  return verifier.run();
}

class Verifier {
  private readonly dir: DirSource;
  private readonly level: VerifyLevel;
  private readonly options: VerifyOptions;
  private readonly report: FindingSink;
  private readonly pace: Pace;
  private readonly done = new Map<string, VerifiedBytes>();
  private refusal: ToolError | undefined;
  private entriesCompared = 0;
  private errors = 0;

  constructor(dir: DirSource, level: VerifyLevel, options: VerifyOptions) {
    this.dir = dir;
    this.level = level;
    this.options = options;
    this.pace = options.pace ?? NO_PACE;
    this.report = (finding) => {
      if (finding.severity === 'error') this.errors++;
      options.report(finding);
    };
  }

  async run(): Promise<VerifyReport> {
    const entries = this.dir.list();
    const db = this.attempt(
      () => this.open(),
      (error) => {
        if (pebbleOpenVerdict(error) === 'refuses') this.refusal ??= error;
      },
    );
    if (db) {
      try {
        this.countLogs(db);
        verifyVersion(db.manifest.version, db.manifest.path, this.report);
        for (const finding of unusedFiles(db.state)) this.report(finding);
        if (this.level !== 'quick') await this.tables(db);
      } finally {
        db.close();
      }
    }
    return this.finish(entries);
  }

  private open(): PebbleDb {
    const options = { ...this.options, findings: this.report, salvage: true };
    const state = readState(this.dir, options);
    this.refusal = state.refusal;
    return new PebbleDb(state, options);
  }

  /** MANIFEST, OPTIONS and WALs were read by opening. */
  private countLogs(db: PebbleDb): void {
    const { manifest, state } = db;
    const name = state.directory.manifest;
    const rest = manifest.sizeBytes - manifest.ending.offset;
    this.done.set(name, {
      checkedBytes: manifest.ending.offset,
      skippedBytes: 0,
      unreadableBytes: rest,
    });
    const { options } = state.directory;
    if (options !== undefined) this.done.set(options, allChecked(this.sizeOf(options)));
    for (const wal of db.wals) {
      // Behind the live end lie an earlier life's records, zeroes, or what damage has cut off.
      const tail = wal.sizeBytes - wal.parsedBytes;
      const isDamaged = (wal.lost?.chunks ?? 0) > 0;
      this.done.set(baseName(wal.path), {
        checkedBytes: wal.parsedBytes,
        skippedBytes: isDamaged ? 0 : tail,
        unreadableBytes: isDamaged ? tail : 0,
      });
    }
  }

  private async tables(db: PebbleDb): Promise<void> {
    const verdicts = new Map<string, TableVerdict>();
    for (const table of db.layers.tables) {
      const name = table.fileName;
      if (this.dir.stat(name)?.kind !== 'file') continue;
      if (this.level === 'structure') {
        this.structure(table);
      } else if (!verdicts.has(name)) {
        const verdict = await this.table(db, table);
        if (verdict) verdicts.set(name, verdict);
      }
      const verdict = verdicts.get(name);
      if (verdict && table.meta && this.level === 'full') {
        compareWithManifest(table.meta, verdict, `${this.dir.path}/${name}`, this.report);
      }
    }
    if (this.level === 'structure') return;
    for (const blob of db.manifest.version.blobs.values()) {
      await this.blob(db, blobName(blob.number));
    }
    if (this.level === 'full') await this.order(db);
  }

  /** Opening reads footer, metaindex and properties; a seek behind the end reads the index. */
  private structure(table: LayerTable): void {
    this.attempt(() => {
      const opened = table.table();
      opened.rangeDels();
      opened.rangeKeys();
      opened.points().seek('\xff'.repeat(64));
      return opened;
    });
  }

  private async table(db: PebbleDb, table: LayerTable): Promise<TableVerdict | undefined> {
    const source = db.files.source(table.fileName);
    const verdict = await verifyTable(new SubSource(source, 0, source.size), {
      level: this.level === 'full' ? 'full' : 'checksum',
      report: this.report,
      pace: this.pace,
      limits: this.options.limits,
      blobs: table.meta && db.files.resolver(table.meta),
    });
    this.done.set(table.fileName, {
      checkedBytes: verdict.bytesChecked,
      skippedBytes: verdict.bytesSkipped,
      unreadableBytes: verdict.bytesUnreadable,
    });
    return verdict;
  }

  private async blob(db: PebbleDb, name: string): Promise<void> {
    if (this.dir.stat(name)?.kind !== 'file') return;
    const source = db.files.source(name);
    const { size } = source;
    let checkedBytes = 0;
    let unreadableBytes = 0;
    const file = this.attempt(() =>
      openBlobFile(new SubSource(source, 0, size), new BlockCache(0), this.options.limits),
    );
    const blocks = file && this.attempt(() => file.blocks());
    if (file && blocks) {
      checkedBytes = BLOB_FOOTER_BYTES + file.indexHandle.length + BLOCK_TRAILER_BYTES;
      for (const handle of blocks) {
        const length = handle.length + BLOCK_TRAILER_BYTES;
        const values = this.attempt(() => file.verifyBlock(handle));
        if (values === undefined) unreadableBytes += length;
        else checkedBytes += length;
        await this.pace.step(length);
      }
    }
    const skippedBytes = Math.max(0, size - checkedBytes - unreadableBytes);
    this.done.set(name, { checkedBytes, skippedBytes, unreadableBytes });
  }

  /** Only over tables that were found sound: a bad block would end the merge at once. */
  private async order(db: PebbleDb): Promise<void> {
    if (this.errors > 0) return;
    try {
      this.entriesCompared = await verifyOrder(db.layers, this.report, this.pace);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.report(findingOf(error));
    }
  }

  private attempt<T>(work: () => T, onError?: (error: ToolError) => void): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      onError?.(error);
      this.report(findingOf(error));
      return undefined;
    }
  }

  private sizeOf(name: string): number {
    return this.dir.stat(name)?.size ?? 0;
  }

  private finish(entries: readonly DirEntry[]): VerifyReport {
    const files: VerifiedFile[] = [];
    const sums = { checkedBytes: 0, skippedBytes: 0, unreadableBytes: 0 };
    for (const { name, kind, size } of entries) {
      if (kind !== 'file') continue;
      const bytes = this.done.get(name) ?? {
        checkedBytes: 0,
        skippedBytes: size,
        unreadableBytes: 0,
      };
      files.push({ name, sizeBytes: size, ...bytes });
      sums.checkedBytes += bytes.checkedBytes;
      sums.skippedBytes += bytes.skippedBytes;
      sums.unreadableBytes += bytes.unreadableBytes;
    }
    const { level, refusal, entriesCompared } = this;
    return { level, refusal, files, entriesCompared, ...sums };
  }
}

function allChecked(size: number): VerifiedBytes {
  return { checkedBytes: size, skippedBytes: 0, unreadableBytes: 0 };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
