/**
 * A Pebble v2 database directory opened for looking: no lock is taken, LOCK is never touched, and
 * nothing is written (spec/pebble.md §1.4). What Pebble would refuse to open is thrown; what it
 * opens with loss is opened with a finding that says so.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { CorruptionError, UnsupportedError, type ToolError } from '../../core/errors.js';
import { findingOf, type FindingSink } from '../../core/finding.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { ByteSource } from '../../io/byte-source.js';
import { readRange } from '../../io/byte-source.js';
import type { DirSource } from '../../io/dir-source.js';
import type { KvView } from '../../kv/kv-view.js';
import {
  KNOWN_COMPARER,
  KNOWN_MERGERS,
  malformedLine,
  parseOptionsFile,
  type OptionsFile,
} from '../base/options-file.js';
import { readManifest, type Manifest } from '../manifest/read-manifest.js';
import { BlockCache } from '../sstable/block-cache.js';
import { replayWals, type Replay } from '../wal/replay.js';
import { groupWals, type LogicalWal } from '../wal/wal-files.js';
import type { WalSummary } from '../wal/wal-summary.js';
import { DbCursor } from './db-cursor.js';
import { EntryWalk } from './entry-walk.js';
import { readDirectory, type Directory } from './directory.js';
import { TableFiles } from './layer-table.js';
import { makeLayers, type Layers } from './layers.js';
import { PointGet } from './point-get.js';
import { resolveRangeKeys, type RangeKey } from './range-keys.js';
import { missingFiles } from './references.js';

export const DEFAULT_CACHE_BYTES = 64 << 20;
/** An OPTIONS file is a few kilobytes of text. */
const MAX_OPTIONS_BYTES = 1 << 20;
const MAX_SHOWN_CHARS = 50;

export interface PebbleOptions {
  readonly limits?: Limits | undefined;
  /** Bound on decoded blocks that are kept. */
  readonly cacheBytes?: number | undefined;
  readonly findings?: FindingSink | undefined;
  /** Where WALs lie when OPTIONS names another directory; searched beside the database's own. */
  readonly walDir?: DirSource | undefined;
  /**
   * Goes on where Pebble would refuse and reading can: what is read is then not what a node would
   * see, and `refusal` says why.
   */
  readonly salvage?: boolean | undefined;
}

/** Parts of an open that need no table: what `openPebble` and verification both begin with. */
export interface PebbleState {
  readonly directory: Directory;
  readonly options: OptionsFile;
  readonly manifest: Manifest;
  /** All logical WALs there are; those below the MANIFEST's minimum are obsolete. */
  readonly allWals: readonly LogicalWal[];
  readonly replay: Replay;
  /** With salvage: the first reason for which Pebble would refuse. */
  readonly refusal: ToolError | undefined;
}

/**
 * Opens a database: names, MANIFEST, OPTIONS, file sizes and WALs are read, tables when needed.
 *
 * @throws {ToolError} where Pebble refuses to open: see `isPebbleRefusal` for telling these from
 *   limits of this reader
 */
export function openPebble(dir: DirSource, options: PebbleOptions = {}): PebbleDb {
  return new PebbleDb(readState(dir, options), options);
}

export function readState(dir: DirSource, options: PebbleOptions): PebbleState {
  const { findings, limits = DEFAULT_LIMITS, salvage = false } = options;
  let refusal: ToolError | undefined;
  const refuse = (error: ToolError): void => {
    if (!salvage) throw error;
    refusal ??= error;
    findings?.(findingOf(error));
  };
  const directory = readDirectory(dir, findings, salvage);
  refusal = directory.refusal;
  const manifest = withSource(dir.open(directory.manifest), (source) =>
    readManifest(source, limits),
  );
  reportManifest(manifest, findings);
  const optionsFile = readOptions(directory, refuse);
  checkOptions(directory, optionsFile, options);
  const allWals = groupWals(walListings(directory, options));
  const { version } = manifest;
  for (const error of missingFiles(directory, version, [])) refuse(error);
  const live = allWals.filter((wal) => wal.number >= version.minUnflushedLogNum);
  const replay = replayWals(live, { limits, findings, salvage });
  if (replay.refusal) refusal ??= replay.refusal;
  const nothing = { ...version, levels: [], blobs: new Map() };
  for (const error of missingFiles(directory, nothing, replay.ingested)) refuse(error);
  return { directory, options: optionsFile, manifest, allWals, replay, refusal };
}

function withSource<T>(source: ByteSource, use: (source: ByteSource) => T): T {
  try {
    return use(source);
  } finally {
    source.close();
  }
}

function reportManifest(manifest: Manifest, findings: FindingSink | undefined): void {
  const { ending, sizeBytes, path, editCount } = manifest;
  if (ending.offset < sizeBytes) {
    findings?.({
      code: 'pebble-manifest-ends-early',
      severity: 'warning',
      file: path,
      offset: ending.badOffset,
      message:
        `MANIFEST unreadable from offset ${ending.offset} of ${sizeBytes} (${ending.reason}); ` +
        `${editCount} edits used. The version may be stale`,
    });
  }
  for (const { offset, message } of manifest.oddities) {
    findings?.({
      code: 'pebble-wal-chunk-order',
      severity: 'warning',
      file: path,
      offset,
      message,
    });
  }
}

function readOptions(directory: Directory, refuse: (error: ToolError) => void): OptionsFile {
  const { dir, options } = directory;
  if (options === undefined) return new Map();
  return withSource(dir.open(options), (source) => {
    const length = Math.min(source.size, MAX_OPTIONS_BYTES);
    const bytes = readRange(source, 0, length);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
    const line = malformedLine(text)?.slice(0, MAX_SHOWN_CHARS);
    if (line !== undefined) {
      const message = `${JSON.stringify(line)} is no key=value: Pebble refuses to open with it`;
      refuse(
        new CorruptionError('pebble-options-malformed', message, { site: { path: source.path } }),
      );
    }
    return parseOptionsFile(text);
  });
}

function checkOptions(directory: Directory, values: OptionsFile, options: PebbleOptions): void {
  const site = { path: `${directory.dir.path}/${directory.options ?? ''}` };
  const comparer = values.get('Options.comparer');
  if (comparer !== undefined && comparer !== KNOWN_COMPARER) {
    const message = `keys are ordered by ${comparer}; only ${KNOWN_COMPARER} is known`;
    throw new UnsupportedError('pebble-comparer-unknown', message, { site });
  }
  const merger = values.get('Options.merger');
  if (merger !== undefined && !KNOWN_MERGERS.includes(merger)) {
    const message = `values are merged by ${merger}; only ${KNOWN_MERGERS.join(', ')} are known`;
    throw new UnsupportedError('pebble-merger-unknown', message, { site });
  }
  if (options.walDir !== undefined) return;
  for (const key of ['Options.wal_dir', 'WAL Failover.secondary_dir']) {
    const elsewhere = values.get(key) ?? '';
    if (elsewhere === '') continue;
    const message = `${key} is ${JSON.stringify(elsewhere)}: WALs lie there, and it was not given`;
    throw new UnsupportedError('pebble-wal-elsewhere', message, { site });
  }
}

function walListings(
  directory: Directory,
  options: PebbleOptions,
): Parameters<typeof groupWals>[0] {
  const { dir, entries } = directory;
  const own = { dir, entries };
  const { walDir } = options;
  return walDir === undefined ? [own] : [own, { dir: walDir, entries: walDir.list() }];
}

export class PebbleDb implements KvView {
  readonly path: string;
  readonly state: PebbleState;
  readonly files: TableFiles;
  readonly layers: Layers;
  private readonly getter: PointGet;

  constructor(state: PebbleState, options: PebbleOptions) {
    const { directory, manifest, replay } = state;
    this.path = directory.dir.path;
    this.state = state;
    const cache = new BlockCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES);
    const limits = options.limits ?? DEFAULT_LIMITS;
    this.files = new TableFiles(directory.dir, manifest.version.blobs, cache, limits);
    this.layers = makeLayers(this.files, manifest.version, replay);
    this.getter = new PointGet(this.layers);
  }

  get formatVersion(): number {
    return this.state.directory.formatVersion;
  }

  get manifest(): Manifest {
    return this.state.manifest;
  }

  get wals(): readonly WalSummary[] {
    return this.state.replay.wals;
  }

  /** The highest sequence number recorded or replayed. */
  get lastSeqNum(): bigint {
    const recorded = this.manifest.version.lastSeqNum;
    const { nextSeqNum } = this.state.replay;
    return nextSeqNum !== undefined && nextSeqNum - 1n > recorded ? nextSeqNum - 1n : recorded;
  }

  /** With salvage: why Pebble would refuse this database. */
  get refusal(): ToolError | undefined {
    return this.state.refusal;
  }

  get(key: ByteString): Uint8Array | undefined {
    return this.getter.get(key);
  }

  cursor(): DbCursor {
    return new DbCursor(this.layers);
  }

  walk(): EntryWalk {
    return new EntryWalk(this.layers);
  }

  rangeKeys(): RangeKey[] {
    const spans = [...this.layers.memSpans];
    for (const table of this.layers.tables) {
      if (table.hasRangeKeys) for (const span of table.table().rangeKeys()) spans.push(span);
    }
    return resolveRangeKeys(spans);
  }

  /** Cursors end here, and what was borrowed of them. */
  close(): void {
    for (const table of this.layers.tables) table.endScans();
    this.files.close();
  }
}
