/**
 * `EKVSSTI1`, the SST ingest bundle (spec/snapshot-files.md §5.2, pebble.md §0 and §5.5).
 *
 * ```
 * magic (8)  manifestLen i64 BE, 1 to 64 MiB  sha256 of the manifest (32)  manifest JSON
 * then each file's bytes in manifest order; no padding, nothing behind
 * ```
 *
 * The files are Pebble sstables with stored sequence numbers 0. The metadata numbers of the manifest
 * are written over them; then the metadata must read back equal.
 */
import { createHash } from 'node:crypto';
import { equalBytes } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import { hex } from '../../bytes/hex.js';
import { u64be } from '../../bytes/read.js';
import { SubSource } from '../../io/byte-source.js';
import { APPLIED_INDEX_KEY, readMeta } from '../../mvcc/meta-keys.js';
import { FsmFault } from '../fsm-fault.js';
import { BundleTables } from '../view/bundle-tables.js';
import { withMeta, type RestoredPayload, type StorePayloadOptions } from './restored-payload.js';
import { RowTally } from './row-tally.js';
import {
  MANIFEST_MAX_BYTES,
  parseBundleManifest,
  type BundleFile,
  type BundleManifest,
} from './sst-manifest.js';
import { STORE_MAGIC_BYTES } from './store-magic.js';
import type { StoreMeta } from './store-meta.js';
import type { StoreReader } from './store-reader.js';

const SHA256_BYTES = 32;

/**
 * Reads the bundle from its magic to the end of the window.
 * @throws {FsmFault} stage `payload`, what a restore reports
 */
export async function readSstBundle(
  reader: StoreReader,
  options: StorePayloadOptions,
): Promise<RestoredPayload> {
  const manifest = readManifest(reader);
  const sources: SubSource[] = [];
  for (const file of manifest.files) sources.push(await readFile(reader, file));
  if (reader.window.left > 0) {
    throw new FsmFault('fsm-bundle-trailing', `${reader.window.left} B behind the last file`, {
      site: reader.site(),
      stage: 'payload',
    });
  }
  const tables = await BundleTables.open(sources, manifest.files, options.pace);
  const meta = readBack(manifest, tables, reader);
  const tally = options.count ? await countRows(tables, options) : undefined;
  return {
    kind: 'sst-bundle',
    meta,
    rows: tally?.counts,
    highestTs: tally?.highestTs,
    unorderedOffset: undefined,
    view: options.view ? withMeta(tables, meta, META_OF_MANIFEST) : undefined,
    filter: undefined,
  };
}

const META_OF_MANIFEST = [
  'lastCommitTs',
  'minRetainedTs',
  'pendingMinRetainedTs',
  'appliedIndex',
] as const;

function readManifest(reader: StoreReader): BundleManifest {
  const window = reader.window;
  reader.need(STORE_MAGIC_BYTES, 'magic');
  window.pos += STORE_MAGIC_BYTES;
  reader.need(8, 'manifestLen');
  const length = BigInt.asIntN(64, u64be(window.bytes, window.pos));
  if (length < 1n || length > BigInt(MANIFEST_MAX_BYTES)) {
    throw new FsmFault(
      'fsm-bundle-manifest',
      `manifestLen is ${length}, must be 1 to ${MANIFEST_MAX_BYTES}`,
      { site: reader.site(), stage: 'payload' },
    );
  }
  window.pos += 8;
  reader.need(SHA256_BYTES, 'manifest sha256');
  const site = reader.site();
  const stated = copyOf(window.bytes.subarray(window.pos, window.pos + SHA256_BYTES));
  window.pos += SHA256_BYTES;
  reader.need(Number(length), 'manifest');
  const offset = window.offset;
  const json = window.bytes.subarray(window.pos, window.pos + Number(length));
  const computed = createHash('sha256').update(json).digest();
  if (!equalBytes(stated, computed)) {
    throw new FsmFault(
      'fsm-bundle-sha256',
      `manifest sha256 ${hex(stated)}, computed ${hex(computed)}`,
      { site, stage: 'payload' },
    );
  }
  const manifest = parseBundleManifest(json, window.source.path, offset);
  window.pos += Number(length);
  return manifest;
}

async function readFile(reader: StoreReader, file: BundleFile): Promise<SubSource> {
  const { source, offset } = reader.window;
  const sha256 = createHash('sha256');
  await reader.skip(file.size, file.name, (piece) => sha256.update(piece));
  const computed = sha256.digest('hex');
  if (computed !== file.sha256) {
    throw new FsmFault(
      'fsm-bundle-sha256',
      `${file.name}: sha256 ${file.sha256} in the manifest, computed ${computed}`,
      { site: { path: source.path, offset }, stage: 'payload' },
    );
  }
  return new SubSource(source, offset, file.size, `${source.path}:${file.name}`);
}

/** The metadata after the manifest's numbers have been written over the tables'. */
function readBack(manifest: BundleManifest, tables: BundleTables, reader: StoreReader): StoreMeta {
  const inTables = readMeta(tables, APPLIED_INDEX_KEY);
  if (manifest.appliedIndex === undefined && inTables !== null) {
    throw new FsmFault(
      'fsm-bundle-meta',
      `the manifest has no applied_index, the tables say ${inTables}`,
      { site: reader.site(), stage: 'payload' },
    );
  }
  return {
    lastCommitTs: manifest.lastCommitTs,
    minRetainedTs: manifest.minRetainedTs,
    pendingMinRetainedTs: manifest.pendingMinRetainedTs,
    appliedIndex: manifest.appliedIndex,
  };
}

const PAIRS_PER_PACE = 1 << 12;

async function countRows(tables: BundleTables, options: StorePayloadOptions): Promise<RowTally> {
  const tally = new RowTally();
  const cursor = tables.cursor();
  let since = 0;
  for (let more = cursor.first(); more; more = cursor.next()) {
    tally.addPair(cursor.key, cursor.value);
    if (++since < PAIRS_PER_PACE) continue;
    since = 0;
    await options.pace.step(0);
  }
  return tally;
}
