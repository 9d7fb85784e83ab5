/**
 * The metaindex names the blocks that the index does not (spec/pebble.md §6.7). It is never
 * compressed. A value is a block handle and nothing else, but for `pebble.value_index`, where three
 * widths follow.
 */
import { Cursor } from '../../bytes/cursor.js';
import { CorruptionError, ToolError } from '../../core/errors.js';
import { decodeBlockHandle, type BlockHandle } from './block-handle.js';
import type { BlockClass, BlockReader } from './block-reader.js';
import type { Footer } from './footer.js';
import { ColumnNameBlock, RowNameBlock } from './name-block.js';

/** The value index and the byte widths of its fields: block number, offset, length. */
export interface ValueIndexHandle {
  readonly handle: BlockHandle;
  readonly numberWidth: number;
  readonly offsetWidth: number;
  readonly lengthWidth: number;
}

export interface Metaindex {
  readonly properties: BlockHandle;
  readonly rangeDel: BlockHandle | undefined;
  readonly rangeKey: BlockHandle | undefined;
  readonly valueIndex: ValueIndexHandle | undefined;
  /** Blocks that are verified but not read: the blob reference index, filters. */
  readonly others: readonly { readonly name: string; readonly handle: BlockHandle }[];
}

/** @throws {CorruptionError} `sst-properties`, or what reading the block throws */
export function readMetaindex(reader: BlockReader, footer: Footer): Metaindex {
  const type: BlockClass<RowNameBlock | ColumnNameBlock> = footer.format.columnarMetaindex
    ? ColumnNameBlock
    : RowNameBlock;
  const block = reader.uncached(footer.metaindex, type, 'metaindex');
  if (block.bytes.length !== footer.metaindex.length) {
    throw block.malformed(0, 'the metaindex is compressed');
  }
  const refuse = (message: string, cause?: unknown): CorruptionError =>
    new CorruptionError('sst-properties', message, {
      site: { path: reader.path, offset: footer.metaindex.offset },
      cause,
    });
  const handles = new Map<string, BlockHandle>();
  let valueIndex: ValueIndexHandle | undefined;
  for (const [name, value] of block.values) {
    if (!HANDLE_NAMES.has(name) && !name.startsWith('fullfilter.')) continue;
    const cursor = new Cursor(value, reader.path);
    try {
      const handle = decodeBlockHandle(cursor, name);
      if (name === 'pebble.value_index') valueIndex = decodeWidths(cursor, handle);
      else handles.set(name, handle);
    } catch (cause) {
      if (!(cause instanceof ToolError)) throw cause;
      throw refuse(`metaindex entry ${name}: ${cause.detail}`, cause);
    }
    if (cursor.left !== 0) {
      throw refuse(`metaindex entry ${name} has ${cursor.left} bytes behind its handle`);
    }
  }
  const properties = handles.get('rocksdb.properties');
  if (!properties) throw refuse('the metaindex has no rocksdb.properties');
  const rangeDel = handles.get('rocksdb.range_del2');
  if (!rangeDel && handles.has('rocksdb.range_del')) {
    throw refuse('range tombstones only in the old form rocksdb.range_del; Pebble v2 refuses it');
  }
  return {
    properties,
    rangeDel,
    rangeKey: handles.get('pebble.range_key'),
    valueIndex,
    others: [...handles]
      .filter(([name]) => !READ_NAMES.has(name))
      .map(([name, handle]) => ({ name, handle })),
  };
}

/** Other names are not known to hold handles, and are ignored. */
const HANDLE_NAMES: ReadonlySet<string> = new Set([
  'rocksdb.properties',
  'rocksdb.range_del2',
  'rocksdb.range_del',
  'pebble.range_key',
  'pebble.value_index',
  'pebble.blob_ref_index',
]);

const READ_NAMES: ReadonlySet<string> = new Set([
  'rocksdb.properties',
  'rocksdb.range_del2',
  'pebble.range_key',
]);

function decodeWidths(cursor: Cursor, handle: BlockHandle): ValueIndexHandle {
  return {
    handle,
    numberWidth: cursor.u8('block number width'),
    offsetWidth: cursor.u8('offset width'),
    lengthWidth: cursor.u8('length width'),
  };
}
