/**
 * What changes from table format to table format (spec/pebble.md §6.3). Always dispatched on the
 * footer: a database holds tables of every format it ever wrote.
 */
export interface TableFormat {
  /** As Pebble prints it. */
  readonly name: string;
  /** Row blocks below v5, columnar blocks from there on. */
  readonly columnar: boolean;
  /** v3, v4: the value of a SET begins with a prefix byte. */
  readonly valuePrefix: boolean;
  /** v4: bit 6 of the kind byte flags an obsolete entry. */
  readonly obsoleteBit: boolean;
  /** v6 on; v5 is columnar but for its metaindex and properties. */
  readonly columnarMetaindex: boolean;
  /** v7 on. */
  readonly columnarProperties: boolean;
  readonly footerLength: number;
  /** Position of the footer's own checksum, or undefined below v6. */
  readonly footerChecksumPos: number | undefined;
  /** Position of the attributes, v7 on. */
  readonly attributesPos: number | undefined;
}

function rowFormat(name: string, footerLength: number, version: number): TableFormat {
  return {
    name,
    columnar: false,
    valuePrefix: version >= 3,
    obsoleteBit: version >= 4,
    columnarMetaindex: false,
    columnarProperties: false,
    footerLength,
    footerChecksumPos: undefined,
    attributesPos: undefined,
  };
}

function columnarFormat(version: number, footerLength: number): TableFormat {
  return {
    name: `(Pebble,v${version})`,
    columnar: true,
    valuePrefix: false,
    obsoleteBit: false,
    columnarMetaindex: version >= 6,
    columnarProperties: version >= 7,
    footerLength,
    footerChecksumPos: version === 6 ? 41 : version === 7 ? 45 : undefined,
    attributesPos: version === 7 ? 41 : undefined,
  };
}

export const LEVELDB_FORMAT = rowFormat('(LevelDB)', 48, 0);
export const ROCKSDB_V2_FORMAT = rowFormat('(RocksDB,v2)', 53, 0);

/** By version, 1 to 7. */
export const PEBBLE_FORMATS: ReadonlyMap<number, TableFormat> = new Map([
  [1, rowFormat('(Pebble,v1)', 53, 1)],
  [2, rowFormat('(Pebble,v2)', 53, 2)],
  [3, rowFormat('(Pebble,v3)', 53, 3)],
  [4, rowFormat('(Pebble,v4)', 53, 4)],
  [5, columnarFormat(5, 53)],
  [6, columnarFormat(6, 57)],
  [7, columnarFormat(7, 61)],
]);
