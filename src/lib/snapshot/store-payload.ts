/**
 * What a restore makes of a store payload (spec/snapshot-files.md §5, spec/mvcc-store.md §4): the
 * errors of reading it, and what `fsm.db` holds afterwards.
 */
import { concatBytes, u64beBytes } from '../bytes/write.js';
import { size64le } from '../bytes/read.js';
import type { ByteSource } from '../io/byte-source.js';
import { Window } from '../io/window.js';
import type { KvView } from '../kv/kv-view.js';
import { rawValueOf, VERSION_FIXED_BYTES, walkMvccStream } from './payload/mvcc-stream.js';
import { walkPebbleStream, type PebbleStreamWalk } from './payload/pebble-stream.js';
import {
  filterOfWalk,
  metaOf,
  NO_META,
  withMeta,
  type RestoredPayload,
  type StorePayloadOptions,
} from './payload/restored-payload.js';
import type { StoreMeta } from './payload/store-meta.js';
import { readSstBundle } from './payload/sst-bundle.js';
import { sniffStorePayload, STORE_MAGIC_BYTES } from './payload/store-magic.js';
import { StoreReader } from './payload/store-reader.js';
import { EMPTY_VIEW } from './view/empty-view.js';
import { FullIndexBuilder } from './view/full-index.js';
import { PagedReader } from './view/paged-reader.js';
import { SparseIndex } from './view/sparse-index.js';
import { StreamView } from './view/stream-view.js';

/**
 * Reads the rest of the window as a store payload.
 * @throws {FsmFault} stage `payload`, exactly what the node's restore reports
 * @throws {UnsupportedError} a table of a form this tool does not read
 */
export async function readStorePayload(
  window: Window,
  options: StorePayloadOptions,
): Promise<RestoredPayload> {
  const reader = new StoreReader(window, options.pace);
  const site = reader.site();
  const magicLength = Math.min(STORE_MAGIC_BYTES, window.left);
  window.ensure(magicLength);
  const magic = window.bytes.subarray(window.pos, window.pos + magicLength);
  const kind = sniffStorePayload(magic, site);
  switch (kind) {
    case 'empty':
      return emptyStore(options);
    case 'pebble-stream':
      return readPebbleStream(reader, options);
    case 'mvcc-stream':
      return readMvccStream(reader, options);
    case 'sst-bundle':
      return readSstBundle(reader, options);
  }
}

function emptyStore(options: StorePayloadOptions): RestoredPayload {
  const meta: StoreMeta = { ...NO_META, lastCommitTs: 0n, minRetainedTs: 0n };
  const view = options.view ? withMeta(EMPTY_VIEW, meta, META_WRITTEN_BY_MVCC) : undefined;
  return {
    kind: 'empty',
    meta,
    rows: undefined,
    highestTs: 0n,
    unorderedOffset: undefined,
    view,
    filter: options.view ? filterOfWalk(0) : undefined,
  };
}

const META_WRITTEN_BY_MVCC = ['lastCommitTs', 'minRetainedTs'] as const;

async function readPebbleStream(
  reader: StoreReader,
  options: StorePayloadOptions,
): Promise<RestoredPayload> {
  const window = reader.window;
  const start = window.offset;
  const index = new SparseIndex();
  const filter = options.view ? filterOfWalk(window.source.size) : undefined;
  const sink = (offset: number, key: Uint8Array): void => {
    index.add(offset, key);
    filter?.addBytes(key);
  };
  const walk = await walkPebbleStream(reader, options.view ? sink : undefined);
  const meta: StoreMeta = { ...metaOf(walk.tally), lastCommitTs: walk.lastCommitTs };
  return {
    kind: 'pebble-stream',
    meta,
    rows: walk.tally.counts,
    highestTs: walk.tally.highestTs,
    unorderedOffset: walk.unorderedOffset,
    view: options.view
      ? withMeta(await streamView(window, start, walk, index, options), meta, ['lastCommitTs'])
      : undefined,
    filter,
  };
}

async function streamView(
  window: Window,
  start: number,
  walk: PebbleStreamWalk,
  index: SparseIndex,
  options: StorePayloadOptions,
): Promise<KvView> {
  const { source, end } = window;
  if (walk.unorderedOffset === undefined) {
    return new StreamView(source, walk.pairsOffset, end, index);
  }
  // The node sets pair after pair, so the last one of a key stays; only a second pass finds it.
  const full = new FullIndexBuilder(source.path);
  const again = new Window(source, start, end, options.chunkBytes);
  await walkPebbleStream(new StoreReader(again, options.pace), (at, key) => full.add(at, key));
  const paged = new PagedReader(source);
  return full.build((offset) => {
    const valueAt = offset + 16 + size64le(paged.bytes(offset, 8), 0);
    return paged.bytes(valueAt, size64le(paged.bytes(valueAt - 8, 8), 0));
  });
}

async function readMvccStream(
  reader: StoreReader,
  options: StorePayloadOptions,
): Promise<RestoredPayload> {
  const source: ByteSource = reader.window.source;
  const full = new FullIndexBuilder(source.path);
  const filter = options.view ? filterOfWalk(source.size) : undefined;
  const sink = (offset: number, userKey: Uint8Array, ts: bigint): void => {
    const rawKey = concatBytes(userKey, u64beBytes(BigInt.asUintN(64, ~ts)));
    full.add(offset, rawKey);
    filter?.addBytes(rawKey);
  };
  const walk = await walkMvccStream(reader, options.view ? sink : undefined);
  const meta: StoreMeta = {
    ...NO_META,
    lastCommitTs: walk.lastCommitTs,
    minRetainedTs: walk.minRetainedTs,
  };
  const paged = new PagedReader(source);
  const valueAt = (offset: number): Uint8Array => {
    const fixed = paged.bytes(offset, VERSION_FIXED_BYTES);
    const length = size64le(fixed, VERSION_FIXED_BYTES - 8);
    return rawValueOf(paged.bytes(offset, VERSION_FIXED_BYTES + length));
  };
  return {
    kind: 'mvcc-stream',
    meta,
    rows: walk.tally.counts,
    highestTs: walk.tally.highestTs,
    unorderedOffset: undefined,
    view: options.view ? withMeta(full.build(valueAt), meta, META_WRITTEN_BY_MVCC) : undefined,
    filter,
  };
}
