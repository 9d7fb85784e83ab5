import type { CodeTable } from './table.js';

const REFUSES = 'Pebble refuses to open the database, so the node does not start.';

export const PEBBLE_CODES = {
  'pebble-no-database': {
    means: 'The directory holds no marker.manifest.* file: there is no Pebble database in it.',
    node: 'Pebble creates a new, empty database there.',
    look: 'A sibling fsm.db-restore-backup-*: start-up renames a single one into place.',
  },
  'pebble-marker-malformed': {
    means: 'A file name begins with "marker." and does not parse as a marker.',
    node: REFUSES,
    next: 'Move that file out of a copy of the directory and look again.',
  },
  'pebble-format-too-new': {
    means: 'The format major version is newer than any this reader knows.',
    node: 'A node with a Pebble that does not know the version refuses to open.',
  },
  'pebble-format-too-old': {
    means: 'The database was written before Pebble v2: its format major version is below 13.',
    node: REFUSES,
  },
  'pebble-v1-layout': {
    means: 'A CURRENT file and no format marker: the layout of Pebble v1 or RocksDB.',
    node: REFUSES,
  },
  'pebble-remote-objects': {
    means: 'A remote object catalog is present: tables lie in remote storage.',
    node: 'elastickv configures no remote storage; Pebble refuses to open.',
  },
  'pebble-creation-cut-short': {
    means: 'A manifest marker without a format marker: the first open did not finish.',
    node: 'Pebble opens it at its lowest format version; no user write was ever in it.',
  },
  'pebble-manifest-missing': {
    means: 'The manifest marker names a MANIFEST that does not exist.',
    node: REFUSES,
    look: 'A predecessor MANIFEST shows an older version of the database.',
  },
  'pebble-manifest-ends-early': {
    means: 'Reading the MANIFEST stopped before its last byte; later edits are not seen.',
    node: 'Pebble uses the edits before that place, and mostly fails on tables they name.',
  },
  'pebble-manifest-edit': {
    means: 'A MANIFEST record is framed soundly and does not decode as a version edit.',
    node: REFUSES,
  },
  'pebble-manifest-tag': {
    means:
      'A version edit holds a tag or field this reader does not know, so its length is unknown.',
    node: REFUSES,
  },
  'pebble-version-inconsistent': {
    means: 'The version edits contradict each other or the rules of a version.',
    node: 'Pebble refuses to open where its own checks see it.',
  },
  'pebble-comparer-unknown': {
    means: 'Keys are ordered by a comparer other than leveldb.BytewiseComparator.',
    node: REFUSES,
  },
  'pebble-merger-unknown': {
    means: 'Values are merged by something other than pebble.concatenate.',
    node: REFUSES,
  },
  'pebble-options-malformed': {
    means: 'A line of the OPTIONS file is neither a section, a comment nor key=value.',
    node: REFUSES,
    look: 'The OPTIONS file is text: less shows where it stops making sense.',
    next: 'In a copy: put the OPTIONS file of another node of the same build in its place.',
  },
  'pebble-table-missing': {
    means: 'A table of the live version has no file: its key range is incomplete.',
    node: REFUSES,
  },
  'pebble-table-size': {
    means: 'A table or blob file has another size than the MANIFEST records.',
    node: REFUSES,
  },
  'pebble-blob-missing': {
    means: 'A blob file of the live version does not exist: the values in it are lost.',
    node: REFUSES,
  },
  'pebble-wal-torn-tail': {
    means: 'The newest WAL ends without a clean end, as after a crash; no later record is in it.',
    node: 'Pebble takes the place for the end and opens.',
  },
  'pebble-wal-records-lost': {
    means: 'The newest WAL is damaged, and sound records lie behind the damage.',
    node: 'Pebble opens without a word and drops those records.',
    look: 'The durable applied index against the raft log: entries may be applied twice or lost.',
    next: 'Keep a copy of the WAL before the node is started.',
  },
  'pebble-wal-damaged': {
    means: 'A WAL that must be whole is cut or damaged.',
    node: REFUSES,
  },
  'pebble-wal-synced-lost': {
    means: 'A WAL is damaged below an offset that a later chunk says was durable.',
    node: REFUSES,
  },
  'pebble-wal-chunk-order': {
    means: 'Chunks of a WAL or MANIFEST are sound one by one and out of order.',
    node: 'Pebble does not notice; it skips or joins them.',
  },
  'pebble-wal-batch': {
    means: 'A WAL record is sound and does not decode as a batch.',
    node: REFUSES,
  },
  'pebble-wal-gap': {
    means:
      'Sequence numbers are missing between two batches: a WAL is missing, or an ingest took them.',
    node: 'Pebble does not notice.',
  },
  'pebble-wal-order': {
    means: 'A batch begins below the number behind the batch before it.',
    node: 'Pebble skips it within one WAL, and applies it otherwise.',
  },
  'pebble-wal-after-ingest': {
    means: 'Records follow an ingest record in its WAL; the writer puts it there alone.',
    node: 'Pebble does not read them.',
  },
  'pebble-wal-elsewhere': {
    means: 'The OPTIONS file names another directory for WALs, which was not given.',
    node: 'The node reads them there.',
  },
  'pebble-wal-twice': {
    means: 'The same WAL segment exists in two directories.',
    node: REFUSES,
  },
  'pebble-ingest-missing': {
    means: 'A WAL names a table for ingestion that does not exist.',
    node: REFUSES,
  },
  'pebble-entry-order': {
    means: 'Entries of a table or of two layers are not in the order that Pebble keeps.',
    look: 'A table written wrongly, or a table of another database in this directory.',
  },
  'pebble-entry-twice': {
    means: 'Two entries have the same key, sequence number and kind, and different values.',
    node: 'Pebble does not notice; which of the two a read returns is left to chance.',
    next: 'Restore the node from a snapshot or a peer.',
  },
  'pebble-range-key': {
    means: 'A range key or range tombstone does not decode.',
    node: 'Pebble reports corruption when it reads the span.',
    look: 'elastickv writes no range keys: the table comes from elsewhere.',
  },
  'pebble-orphan-file': {
    means: 'A table, blob, WAL or MANIFEST that the live version does not use.',
    node: 'Pebble deletes or recycles it after opening.',
  },
} as const satisfies CodeTable;
