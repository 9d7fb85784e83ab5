/**
 * Table properties (spec/pebble.md §6.7): names and values, most of them uvarint counts that are
 * absent when 0, some text, and the index type a u32 LE.
 */
import { toByteString } from '../../bytes/byte-string.js';
import { u32le } from '../../bytes/read.js';
import { CorruptionError, UnsupportedError } from '../../core/errors.js';
import type { Site } from '../../core/site.js';
import type { BlockClass, BlockReader } from './block-reader.js';
import type { Footer } from './footer.js';
import type { Metaindex } from './metaindex.js';
import { ColumnNameBlock, RowNameBlock, type NamedValues } from './name-block.js';

const COMPARER = 'leveldb.BytewiseComparator';
const MERGERS = ['', 'nullptr', 'pebble.concatenate'];
const KEY_SCHEMA = `DefaultKeySchema(${COMPARER},16)`;

const INDEX_TYPE = { SINGLE: 0, TWO_LEVEL: 2 } as const;

/** Counts by their names on disk. */
export type CountName =
  | 'rocksdb.num.entries'
  | 'rocksdb.deleted.keys'
  | 'rocksdb.num.range-deletions'
  | 'rocksdb.merge.operands'
  | 'rocksdb.num.data.blocks'
  | 'rocksdb.index.partitions'
  | 'rocksdb.data.size'
  | 'rocksdb.raw.key.size'
  | 'rocksdb.raw.value.size'
  | 'pebble.num.deletions.sized'
  | 'pebble.num.range-key-sets'
  | 'pebble.num.range-key-unsets'
  | 'pebble.num.range-key-dels'
  | 'pebble.num.value-blocks'
  | 'pebble.num.values.in.value-blocks'
  | 'pebble.value-blocks.size'
  | 'pebble.num.values.in.blob-files';

export class Properties {
  /** Every entry, raw. */
  readonly values: NamedValues;
  readonly hasTwoLevelIndex: boolean;
  private readonly site: Site;

  /** @throws {UnsupportedError} for an index type that is neither single-level nor two-level */
  constructor(values: NamedValues, site: Site) {
    this.values = values;
    this.site = site;
    this.hasTwoLevelIndex = this.decodeIndexType() === INDEX_TYPE.TWO_LEVEL;
  }

  /** Empty when absent. */
  text(name: string): string {
    const value = this.values.get(name);
    return value ? toByteString(value) : '';
  }

  /** 0 when absent. @throws {CorruptionError} `sst-properties` when it is not one uvarint */
  count(name: CountName): number {
    const value = this.values.get(name);
    if (!value) return 0;
    let count = 0;
    let scale = 1;
    for (let i = 0; i < value.length && i < 8; i++) {
      const byte = value[i] ?? 0;
      count += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80 && i === value.length - 1 && Number.isSafeInteger(count)) return count;
    }
    throw new CorruptionError('sst-properties', `property ${name} is not a count`, {
      site: this.site,
    });
  }

  private decodeIndexType(): number {
    const value = this.values.get('rocksdb.block.based.table.index.type');
    if (!value) return INDEX_TYPE.SINGLE;
    const type = value.length === 4 ? u32le(value, 0) : -1;
    if (type === INDEX_TYPE.SINGLE || type === INDEX_TYPE.TWO_LEVEL) return type;
    throw new UnsupportedError('sst-unsupported-format', `index type ${type}`, { site: this.site });
  }

  /** What v7 repeats in its footer. */
  get attributes(): number {
    const bits = [
      this.count('pebble.num.value-blocks') > 0 ||
        this.count('pebble.num.values.in.value-blocks') > 0,
      this.count('pebble.num.range-key-sets') > 0,
      this.count('pebble.num.range-key-unsets') > 0,
      this.count('pebble.num.range-key-dels') > 0,
      this.count('rocksdb.num.range-deletions') > 0,
      this.hasTwoLevelIndex,
      this.count('pebble.num.values.in.blob-files') > 0,
      this.count('rocksdb.num.data.blocks') > 0,
    ];
    return bits.reduce((sum, isSet, bit) => (isSet ? sum | (1 << bit) : sum), 0);
  }
}

/**
 * Reads the properties and refuses what they say about order and meaning if it is not elastickv's.
 *
 * @throws {UnsupportedError} `sst-foreign-order`, `sst-unsupported-format`
 * @throws {CorruptionError} when they contradict the footer
 */
export function readProperties(
  reader: BlockReader,
  footer: Footer,
  metaindex: Metaindex,
): Properties {
  const type: BlockClass<RowNameBlock | ColumnNameBlock> = footer.format.columnarProperties
    ? ColumnNameBlock
    : RowNameBlock;
  const block = reader.uncached(metaindex.properties, type, 'properties');
  const site: Site = { path: reader.path, offset: metaindex.properties.offset };
  const properties = new Properties(block.values, site);
  const comparer = properties.text('rocksdb.comparator');
  if (comparer !== '' && comparer !== COMPARER) throw foreign('comparer', comparer, COMPARER, site);
  const merger = properties.text('rocksdb.merge.operator');
  if (!MERGERS.includes(merger)) throw foreign('merger', merger, 'pebble.concatenate', site);
  const schema = properties.text('pebble.colblk.schema');
  if (footer.format.columnar && schema !== KEY_SCHEMA) {
    throw foreign('key schema', schema, KEY_SCHEMA, site);
  }
  if (footer.format.attributesPos !== undefined && footer.attributes !== properties.attributes) {
    throw new CorruptionError(
      'sst-bad-footer',
      `footer attributes ${footer.attributes.toString(2)}, properties say` +
        ` ${properties.attributes.toString(2)} (binary)`,
      { site: { path: reader.path, offset: footer.offset + footer.format.attributesPos } },
    );
  }
  return properties;
}

function foreign(what: string, found: string, expected: string, site: Site): UnsupportedError {
  return new UnsupportedError(
    'sst-foreign-order',
    `${what} is ${JSON.stringify(found)}; only ${expected} is known`,
    { site },
  );
}
