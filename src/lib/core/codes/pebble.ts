import type { CodeTable } from './table.js';

const REBUILD = {
  next:
    'Set fsm.db aside and let the node restore it from its snapshot and log, or rejoin it. ' +
    'First see whether a snapshot is sound:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const WHOSE = {
  next: 'Find out whose database it is; the node’s own can be restored from a sound snapshot:',
  run: ['ekv snapshots --data-dir DIR'],
} as const;

const REFUSES = 'Pebble refuses to open the database, so the node does not start.';

/** The Pebble directory: markers, MANIFEST, OPTIONS, files of a version (spec/pebble.md §1, §3). */
const DIRECTORY_CODES = {
  'pebble-no-database': {
    means: 'The directory holds no marker.manifest.* file: there is no Pebble database in it.',
    node:
      'Creates a new, empty database there and restores from the snapshot; from 2026-07-19 it ' +
      'first ' +
      'renames a single fsm.db-restore-backup-* into place.',
    look: 'A sibling fsm.db-restore-backup-*: start-up renames a single one into place.',
    next:
      'If fsm.db should hold data, look where it went before any start; else the restore fills ' +
      'it:',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'pebble-marker-malformed': {
    means: 'A file name begins with "marker." and does not parse as a marker.',
    node: REFUSES,
    look: 'The name: marker.NAME.NUMBER.VALUE; a copy or sync tool may have added a suffix.',
    next: 'Move that file out of a copy of the directory and look again.',
  },
  'pebble-format-too-new': {
    means: 'The format major version is newer than any this reader knows.',
    node: 'A node with a Pebble that does not know the version refuses to open.',
    look: 'The number at the end of marker.format-version.*: elastickv writes 016.',
    next:
      'Use a newer ekv, and start the build that wrote it. Whose database is it, if not ' +
      'elastickv’s?',
  },
  'pebble-format-too-old': {
    means: 'The database was written before Pebble v2: its format major version is below 13.',
    node: REFUSES,
    look: 'The number at the end of marker.format-version.* and the build that ran here last.',
    ...REBUILD,
  },
  'pebble-v1-layout': {
    means: 'A CURRENT file and no format marker: the layout of Pebble v1 or RocksDB.',
    node: REFUSES,
    look:
      'Whether marker.* files were lost in a copy: a v2 database may keep a CURRENT file as ' +
      'well.',
    next:
      'Take the markers from a complete copy. Else set fsm.db aside and let the node restore ' +
      'it; first see whether a snapshot is sound:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'pebble-remote-objects': {
    means: 'A remote object catalog is present: tables lie in remote storage.',
    node: 'elastickv configures no remote storage; Pebble refuses to open.',
    look: 'marker.remote-obj-catalog.* and REMOTE-OBJ-CATALOG-*: no elastickv build writes them.',
    ...WHOSE,
  },
  'pebble-creation-cut-short': {
    means: 'A manifest marker without a format marker: the first open did not finish.',
    node: 'Pebble opens it at its lowest format version; no user write was ever in it.',
    look: 'Whether tables are there all the same: then the marker was lost in a copy.',
    next: 'Without tables nothing is lost. See what the boot restores:',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'pebble-manifest-missing': {
    means: 'The manifest marker names a MANIFEST that does not exist.',
    node: REFUSES,
    look: 'A predecessor MANIFEST shows an older version of the database.',
    next:
      'Bring the named MANIFEST back from a copy of the same moment. Else set fsm.db aside and ' +
      'let the node restore it, if a snapshot is sound:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'pebble-manifest-ends-early': {
    means: 'Reading the MANIFEST stopped before its last byte; later edits are not seen.',
    node: 'Pebble uses the edits before that place, and mostly fails on tables they name.',
    look:
      'The offset and the bytes left behind it: a torn last edit of a crash, or damage before ' +
      'good ones.',
    next:
      'If the older version misses tables, let the node restore fsm.db from its snapshot. See ' +
      'which it misses:',
    run: ['ekv verify-crc DIR'],
  },
  'pebble-manifest-edit': {
    means: 'A MANIFEST record is framed soundly and does not decode as a version edit.',
    node: REFUSES,
    look: 'Its checksum is right: it was written so, by a faulty or foreign writer.',
    ...REBUILD,
  },
  'pebble-manifest-tag': {
    means:
      'A version edit holds a tag or field this reader does not know, so its length is unknown.',
    node: 'Pebble v2.1 refuses to open it as well; a newer Pebble may know the tag.',
    look: 'The tag and offset in the finding, and the number in marker.format-version.*.',
    next:
      'Start the build that wrote it, and use a newer ekv; nothing here says that the data is ' +
      'damaged.',
  },
  'pebble-version-inconsistent': {
    means: 'The version edits contradict each other or the rules of a version.',
    node: 'Pebble refuses to open where its own checks see it.',
    look: 'The tables or numbers named in the finding, and whether files of two copies were mixed.',
    ...REBUILD,
  },
  'pebble-comparer-unknown': {
    means: 'Keys are ordered by a comparer other than leveldb.BytewiseComparator.',
    node: REFUSES,
    look: 'The comparer’s name: it tells which program the database belongs to.',
    ...WHOSE,
  },
  'pebble-merger-unknown': {
    means: 'Values are merged by something other than pebble.concatenate.',
    node: REFUSES,
    look: 'The merger’s name in OPTIONS: it tells which program the database belongs to.',
    ...WHOSE,
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
    look: 'The .sst number in a copy, in lost+found, or in a sibling fsm.db-restore-backup-*.',
    ...REBUILD,
  },
  'pebble-table-size': {
    means: 'A table or blob file has another size than the MANIFEST records.',
    node: REFUSES,
    look:
      'Both sizes: shorter is a cut copy or a full disk; longer is another file under that ' +
      'number.',
    next:
      'Bring back that file alone, if a copy has the right size. Else set fsm.db aside and let ' +
      'the node restore it, if a snapshot is sound:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'pebble-blob-missing': {
    means: 'A blob file of the live version does not exist: the values in it are lost.',
    node: REFUSES,
    look: 'The .blob number in a copy. elastickv configures no blob files: whose database is it?',
    ...REBUILD,
  },
  'pebble-orphan-file': {
    means: 'A table, blob, WAL or MANIFEST that the live version does not use.',
    node: 'Pebble deletes or recycles it after opening.',
    look:
      'After a crash a few with high numbers are normal; many mean a MANIFEST older than the ' +
      'files.',
    next: 'Copy it away first if it may be evidence; otherwise nothing.',
    run: ['cp -a DIR COPY'],
  },
} as const satisfies CodeTable;

/** Write-ahead logs of Pebble and the entries behind them (spec/pebble.md §2, §4, §5). */
const LOG_CODES = {
  'pebble-wal-torn-tail': {
    means: 'The newest WAL ends without a clean end, as after a crash; no later record is in it.',
    node: 'Pebble takes the place for the end and opens.',
    look: 'fsm.appliedIndex against the raft log: what was not synced is replayed from there.',
    next: 'Nothing: this is how a killed node looks. See what follows:',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'pebble-wal-records-lost': {
    means: 'The newest WAL is damaged, and sound records lie behind the damage.',
    node: 'Pebble opens without a word and drops those records.',
    look: 'The durable applied index against the raft log: entries may be applied twice or lost.',
    next: 'Keep a copy of the WAL before the node is started. See how much is behind the damage:',
    run: ['cp -a DIR COPY', 'ekv verify-crc DIR'],
  },
  'pebble-wal-damaged': {
    means: 'A WAL that must be whole is cut or damaged.',
    node: REFUSES,
    look:
      'Only the newest WAL may end anywhere; this one is older. Was a newer file copied in ' +
      'later?',
    ...REBUILD,
  },
  'pebble-wal-synced-lost': {
    means: 'A WAL is damaged below an offset that a later chunk says was durable.',
    node: REFUSES,
    look: 'The disk: these bytes were reported as synced and have changed since.',
    ...REBUILD,
  },
  'pebble-wal-chunk-order': {
    means: 'Chunks of a WAL or MANIFEST are sound one by one and out of order.',
    node: 'Pebble does not notice; it skips or joins them.',
    look:
      'The chunk types at the offset: blocks of two files may have been mixed, in units of 32 ' +
      'KiB.',
    ...REBUILD,
  },
  'pebble-wal-batch': {
    means: 'A WAL record is sound and does not decode as a batch.',
    node: REFUSES,
    look:
      'Its checksum is right: it was written so. The operation count in its head, and the kind ' +
      'byte.',
    ...REBUILD,
  },
  'pebble-wal-gap': {
    means:
      'Sequence numbers are missing between two batches: a WAL is missing, or an ingest took them.',
    node: 'Pebble does not notice.',
    look: 'The numbers of the .log files: one that is left out holds the missing writes.',
    next:
      'Bring the missing .log back from a copy. If there is none, let the node restore from its ' +
      'snapshot.',
  },
  'pebble-wal-order': {
    means: 'A batch begins below the number behind the batch before it.',
    node: 'Pebble skips it within one WAL, and applies it otherwise.',
    look: 'The two batches’ files: a .log of an older copy of this database lies among the others.',
    ...REBUILD,
  },
  'pebble-wal-after-ingest': {
    means: 'Records follow an ingest record in its WAL; the writer puts it there alone.',
    node: 'Pebble does not read them.',
    look: 'elastickv ingests into empty databases only and leaves no such WAL: where is it from?',
    next: 'Keep a copy of the WAL before the node is started; what follows the ingest is lost then.',
    run: ['cp -a DIR COPY'],
  },
  'pebble-wal-elsewhere': {
    means: 'The OPTIONS file names another directory for WALs, which was not given.',
    node: 'Reads them there.',
    look: 'wal_dir and secondary_dir in the OPTIONS file; elastickv leaves both empty.',
    next:
      'Copy those .log files into a copy of fsm.db and read that; without them the newest ' +
      'writes are missing.',
  },
  'pebble-wal-twice': {
    means: 'The same WAL segment exists in two directories.',
    node: REFUSES,
    look: 'Size and end of both: cmp shows whether one continues the other.',
    next: 'Work on a copy that holds only the longer of the two.',
  },
  'pebble-ingest-missing': {
    means: 'A WAL names a table for ingestion that does not exist.',
    node: REFUSES,
    look: 'The .sst number in a copy; the table’s whole content is missing without it.',
    ...REBUILD,
  },
  'pebble-entry-order': {
    means: 'Entries of a table or of two layers are not in the order that Pebble keeps.',
    node: 'Pebble does not notice when it opens; reads may return an older value or miss a key.',
    look: 'A table written wrongly, or a table of another database in this directory.',
    ...REBUILD,
  },
  'pebble-entry-twice': {
    means: 'Two entries have the same key, sequence number and kind, and different values.',
    node: 'Pebble does not notice; which of the two a read returns is left to chance.',
    look: 'The two files named: one of them is most likely of an older copy of this database.',
    next: 'Restore the node from a snapshot or a peer.',
  },
  'pebble-range-key': {
    means: 'A range key or range tombstone does not decode.',
    node: 'Pebble reports corruption when it reads the span.',
    look: 'elastickv writes no range keys: the table comes from elsewhere.',
    ...REBUILD,
  },
} as const satisfies CodeTable;

export const PEBBLE_CODES = {
  ...DIRECTORY_CODES,
  ...LOG_CODES,
} as const satisfies CodeTable;
