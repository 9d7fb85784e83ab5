/** What a path can be. The words stand in JSON (`inputs[].kind`, `result.kind`) and after `--as`. */

export const FILE_KINDS = [
  'fsm-file',
  'payload-file',
  'snap-file',
  'wal-segment',
  'peers-file',
  'legacy-state',
  'legacy-meta',
  'legacy-entries',
  'sidecar',
  'engine-marker',
  'pebble-table',
  'pebble-blob',
] as const;

export const DIR_KINDS = [
  'pebble-dir',
  'wal-dir',
  'snapshot-files',
  'group-dir',
  'data-dir',
] as const;

export type FileKind = (typeof FILE_KINDS)[number];
export type DirKind = (typeof DIR_KINDS)[number];
export type Kind = FileKind | DirKind;

/** For people: with an article, as it stands in a sentence. */
export const KIND_TEXT: Readonly<Record<Kind, string>> = {
  'fsm-file': 'a .fsm snapshot (payload and CRC footer)',
  'payload-file': 'a bare snapshot payload, without CRC footer',
  'snap-file': 'a .snap raft snapshot',
  'wal-segment': 'a WAL segment',
  'peers-file': 'a peers file',
  'legacy-state': 'legacy raft state (etcd-raft-state.bin)',
  'legacy-meta': 'legacy raft metadata (etcd-raft-meta.bin)',
  'legacy-entries': 'legacy raft entries (etcd-raft-entries.bin)',
  sidecar: 'an encryption sidecar (keys.json)',
  'engine-marker': 'the raft-engine marker',
  'pebble-table': 'a Pebble sstable',
  'pebble-blob': 'a Pebble blob file',
  'pebble-dir': 'a Pebble database',
  'wal-dir': 'a WAL',
  'snapshot-files': 'a directory of snapshot files',
  'group-dir': 'a raft group',
  'data-dir': 'a data dir',
};
