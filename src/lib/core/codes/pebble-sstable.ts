import type { CodeTable } from './table.js';

const WRITTEN_SO = {
  next:
    'Keep the file as evidence, it is not the disk; rebuild fsm.db from a peer or a sound ' +
    'snapshot:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const COMPARE_STORES = {
  next: 'Compare the store’s digest with another member’s:',
  run: ['ekv inspect fsm.db --store-digest'],
} as const;

const REBUILD = 'Restore the node from a snapshot or a peer; do not edit the table.';

/** Sorted tables, blob files and their blocks (spec/pebble.md §6, §9). */
export const PEBBLE_SSTABLE_CODES = {
  'sst-too-small': {
    means: 'The table is shorter than the smallest footer.',
    node: 'Pebble fails to open the table; reads that need it fail.',
    look: 'The size the MANIFEST states for the table.',
    next: REBUILD,
  },
  'sst-bad-magic': {
    means: 'The last eight bytes are not the magic of any known table or blob file format.',
    node: 'Pebble fails to open the file; reads that need it fail.',
    look:
      'The last 8 bytes: zeros mean a tail that never reached the disk; else the file was cut ' +
      'or is foreign.',
    next: REBUILD,
  },
  'sst-bad-footer': {
    means: 'The footer contradicts itself, its checksum, the file size or the properties.',
    node: 'Pebble fails to open the table; reads that need it fail.',
    look: 'The file’s size against the MANIFEST’s, and the field named in the finding.',
    next: REBUILD,
  },
  'sst-unsupported-format': {
    means: 'The table is of a format, checksum type or feature that Pebble v2.1 does not read.',
    node: 'Pebble v2.1 refuses the table.',
    look: 'Magic and version in the footer; elastickv writes Pebble v4 with CRC32C.',
    next:
      'Start the build that wrote it, and use a newer ekv; a single odd table is rather a ' +
      'foreign file.',
  },
  'sst-bad-handle': {
    means: 'A block handle points outside the file, or does not decode.',
    node: 'Pebble fails to read the table.',
    look: 'The file’s size against the MANIFEST’s: in a cut file handles point behind the end.',
    next: REBUILD,
  },
  'sst-block-checksum': {
    means: 'The bytes of a block do not match the checksum stored behind it: they changed on disk.',
    node: 'Reads that touch the block fail with a corruption error; the node panics or stops.',
    look: 'Kernel log and disk health; whether other replicas hold the same data.',
    next: REBUILD,
  },
  'sst-block-malformed': {
    means:
      'The checksum of a block is good but its contents do not decode: it was written wrongly, ' +
      'or this reader has a bug.',
    node: 'Pebble reports corruption, or reads wrong data.',
    look: 'The block’s offset and kind; the disk is not to blame while the checksum holds.',
    ...WRITTEN_SO,
  },
  'sst-compression-unsupported': {
    means: 'A block names a compression that Pebble does not use in tables.',
    node: 'Pebble refuses the block.',
    look: 'Whether the file is a table of this database at all; a RocksDB table looks like this.',
    ...WRITTEN_SO,
  },
  'compressed-data-corrupt': {
    means: 'Compressed bytes do not decompress to the length they state.',
    node: 'Reads that touch the block fail with a corruption error.',
    look: 'If the checksum of the block is good it was written wrongly, not damaged on disk.',
    next:
      'Restore the node from a snapshot or a peer. Whether the disk is to blame, the block’s ' +
      'checksum says:',
    run: ['ekv verify-crc FILE'],
  },
  'sst-properties': {
    means: 'The properties block or the metaindex lacks an entry or has one that does not decode.',
    node: 'Pebble fails to open the table.',
    look: 'The property named in the finding; its block’s checksum was right, so it was written so.',
    next: REBUILD,
  },
  'sst-foreign-order': {
    means:
      'The table names a comparer, merger or key schema other than those elastickv uses, so its ' +
      'order or its values mean something unknown.',
    node: 'Pebble refuses the table.',
    look: 'The name it states: it tells which program wrote the table.',
    next: `The table is another program’s. ${REBUILD}`,
  },
  'sst-value-handle': {
    means: 'A value handle points outside its value block or blob file, or at a file not at hand.',
    node: 'Reading that value fails.',
    look:
      'Whether a .blob file was left out of the copy; else block number and length in the ' +
      'finding.',
    next: REBUILD,
  },
  'sst-order': {
    means: 'Entries of a table are out of order.',
    node: 'Pebble does not notice; reads may miss keys.',
    look: 'The two keys in the finding; the checksum holds, so the table was written so.',
    ...WRITTEN_SO,
  },
  'sst-separator': {
    means: 'An index separator does not separate its block from the next.',
    node: 'Pebble does not notice; reads may miss keys.',
    look: 'The separator and the last key of its block in the finding.',
    ...WRITTEN_SO,
  },
  'sst-count-mismatch': {
    means: 'A property of a table differs from a recount of its contents.',
    node: 'Pebble does not notice.',
    look: 'Which property: entries or sizes that are too small may mean that a block was swapped.',
    ...COMPARE_STORES,
  },
  'sst-block-layout': {
    means: 'Blocks of a table overlap, descend, or leave bytes that nothing refers to.',
    node: 'Pebble does not notice.',
    look: 'The byte range in the finding: nothing covers it with a checksum, and nothing reads it.',
    ...COMPARE_STORES,
  },
} as const satisfies CodeTable;
