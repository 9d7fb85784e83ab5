/**
 * A Pebble database (spec/pebble.md): what its names and MANIFEST say, what its WALs hold, and what a
 * reader of it sees. Where Pebble would refuse, the reading goes on as far as it can.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { DirSource } from '../io/dir-source.js';
import { openPebble, type PebbleDb } from '../pebble/db/pebble-db.js';
import { pebbleOpenVerdict } from '../pebble/db/refusal.js';
import { unusedFiles } from '../pebble/db/verify-version.js';
import type { WalSummary } from '../pebble/wal/wal-summary.js';
import type { StoreMeta } from '../snapshot/payload/store-meta.js';
import { readStoreMeta, scanStore, type StoreScan } from './store-scan.js';

export interface LevelSummary {
  readonly level: number;
  readonly tables: number;
  readonly virtual: number;
  readonly bytes: bigint;
}

export interface PebbleReport {
  readonly path: string;
  readonly formatVersion: number;
  readonly manifest: { readonly name: string; readonly size: number; readonly edits: number };
  readonly comparer: string | undefined;
  readonly merger: string | undefined;
  readonly nextFileNum: number;
  readonly minUnflushedLogNum: number;
  readonly lastSeqNum: bigint;
  readonly levels: readonly LevelSummary[];
  readonly blobFiles: number;
  readonly wals: readonly WalSummary[];
  readonly files: number;
  readonly fileBytes: bigint;
  readonly unused: number;
  readonly rangeKeys: number | undefined;
  /** Whether the keys are those of an elastickv store. */
  readonly isStore: boolean;
  readonly meta: StoreMeta;
  readonly scan: StoreScan;
  /** Pebble, and so the node, would not open it. */
  readonly refused: boolean;
}

export interface PebbleInspectOptions {
  readonly depth?: number | undefined;
  readonly key?: Uint8Array | undefined;
  readonly digest: boolean;
  readonly pace: Pace;
}

export interface PebbleInspection {
  /** Undefined where nothing of it can be read. */
  readonly report: PebbleReport | undefined;
  readonly refused: boolean;
  readonly findings: readonly Finding[];
}

/** A scan reads every block once: keeping many of them gains nothing. */
const CACHE_BYTES = 8 << 20;

/** @throws {IoError} the directory cannot be listed */
export async function inspectPebble(
  dir: DirSource,
  options: PebbleInspectOptions,
): Promise<PebbleInspection> {
  dir.list();
  const findings: Finding[] = [];
  let db: PebbleDb;
  try {
    db = openPebble(dir, {
      salvage: true,
      cacheBytes: CACHE_BYTES,
      findings: (finding) => findings.push(finding),
    });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error));
    return { report: undefined, refused: pebbleOpenVerdict(error) === 'refuses', findings };
  }
  try {
    const report = await describe(db, options, findings);
    return { report, refused: report.refused, findings };
  } finally {
    db.close();
  }
}

async function describe(
  db: PebbleDb,
  { depth, digest, key, pace }: PebbleInspectOptions,
  findings: Finding[],
): Promise<PebbleReport> {
  const { state, manifest } = db;
  const { version } = manifest;
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      findings.push(findingOf(error));
      return undefined;
    }
  };
  const unused = [...unusedFiles(state)];
  findings.push(...unused);
  const files = state.directory.entries.filter(({ kind }) => kind === 'file');
  const meta = attempt(() => readStoreMeta(db));
  const rangeKeys = attempt(() => db.rangeKeys().length);
  const scan = await scanStore(db, { depth, digest, key, count: true, pace });
  if (scan.fault) findings.push(scan.fault);
  return {
    path: db.path,
    formatVersion: db.formatVersion,
    manifest: {
      name: state.directory.manifest,
      size: manifest.sizeBytes,
      edits: manifest.editCount,
    },
    comparer: state.options.get('Options.comparer'),
    merger: state.options.get('Options.merger'),
    nextFileNum: version.nextFileNum,
    minUnflushedLogNum: version.minUnflushedLogNum,
    lastSeqNum: db.lastSeqNum,
    levels: version.levels.map((tables, level) => ({
      level,
      tables: tables.length,
      virtual: tables.filter((table) => table.virtual).length,
      bytes: tables.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n),
    })),
    blobFiles: version.blobs.size,
    wals: db.wals,
    files: files.length,
    fileBytes: files.reduce((sum, { size }) => sum + BigInt(size), 0n),
    unused: unused.length,
    rangeKeys,
    isStore: scan.rows === undefined ? meta?.lastCommitTs !== undefined : scan.rows.meta > 0,
    meta: meta ?? NO_META,
    scan,
    refused: db.refusal !== undefined && pebbleOpenVerdict(db.refusal) === 'refuses',
  };
}

const NO_META: StoreMeta = {
  lastCommitTs: undefined,
  minRetainedTs: undefined,
  pendingMinRetainedTs: undefined,
  appliedIndex: undefined,
};
