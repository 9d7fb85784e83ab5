import type { CodeTable } from './table.js';

const WAL_CODES = {
  'wal-torn': {
    means: 'A WAL segment ends inside a record, or a record holds a piece of zeroed sector.',
    node: 'Opening reports "unexpected EOF"; in the last segment the node cuts the file there.',
    look: 'The records behind the cut: intact ones are lost by the repair as well.',
    next: 'Keep a copy of the segment before the node starts; the repair keeps only <name>.broken.',
  },
  'wal-record-malformed': {
    means: "A WAL record's bytes are no valid protobuf message and no zeroed sector explains it.",
    node: 'It refuses to start and repairs nothing.',
    next: 'Take the segment from a copy, or rebuild the node from a peer.',
  },
  'wal-crc-mismatch': {
    means: "A WAL record's stored CRC differs from the one computed over the chain up to it.",
    node: 'It refuses to start and repairs nothing.',
    look: 'Whether the successor fits the stored CRC: then only this record is damaged.',
    next: 'Take the segment from a copy, or rebuild the node from a peer.',
  },
  'wal-crc-chain': {
    means: 'The CRC record at the head of a segment does not continue the segment before it.',
    node: 'It refuses to start: "walpb: crc mismatch".',
    look: 'A segment missing in the middle, renamed, or cut behind a record.',
  },
  'wal-message-malformed': {
    means: 'An entry, hard state or snapshot inside a WAL record does not parse, its CRC is right.',
    node: 'The process dies with a panic.',
  },
  'wal-unknown-record-type': {
    means: 'A WAL record has a type that no known version writes.',
    node: 'The snapshot scan passes over it, reading the log refuses.',
  },
  'wal-entry-gap': {
    means: 'A log entry does not follow the entries before it.',
    node: 'It refuses to start: "wal: slice bounds out of range". Nothing is repaired.',
  },
  'wal-snapshot-mismatch': {
    means: "The WAL's snapshot record at the wanted index has another term.",
    node: 'It refuses to start.',
  },
  'wal-snapshot-not-found': {
    means: 'The WAL has no snapshot record at the wanted index.',
    node: 'A boot does not notice; read mode reports it.',
  },
  'wal-metadata-conflict': {
    means: 'Two metadata records of one WAL differ.',
    node: 'It refuses to start: "wal: conflicting metadata found".',
  },
  'wal-no-segment': {
    means: 'The WAL directory holds no segment whose name can be parsed.',
    node: 'With a name that ends in .wal there it refuses to start; without, it makes a new WAL.',
  },
  'wal-no-segment-for-snapshot': {
    means: 'Every WAL segment begins behind the wanted snapshot index.',
    node: 'It refuses to start.',
    look: 'Whether the snapshot that belongs to the oldest segment was lost or renamed.',
  },
  'wal-sequence-gap': {
    means: 'The sequence numbers of the WAL segments do not rise by one.',
    node: 'It refuses to start.',
  },
  'wal-odd-name': {
    means: 'A WAL segment name is parsable but not 16-16 lower-case hex digits.',
    node: 'It is read as a segment, in the byte order of the names.',
  },
  'wal-segment-skipped': {
    means: 'A zero length field stands inside a WAL segment that is not the last one.',
    node: 'It skips the rest of the segment without a word.',
  },
  'wal-tail-not-zero': {
    means: 'Bytes that are not zero lie behind the end of the log in the last segment.',
    node: 'The boot overwrites them with zeros and keeps no copy.',
    next: 'Copy the segment first if the bytes may matter.',
  },
} as const satisfies CodeTable;

const SNAP_CODES = {
  'snap-empty': {
    means: 'A .snap file is empty, or its data or checksum field is.',
    node: 'The boot renames it to .broken and tries the next older one.',
  },
  'snap-crc-mismatch': {
    means: "A .snap file's data does not have the CRC stored beside it.",
    node: 'The boot renames it to .broken and tries the next older one.',
  },
  'snap-malformed': {
    means: 'A .snap file, or the raft snapshot inside it, is no valid protobuf message.',
    node: 'The boot renames it to .broken and tries the next older one.',
  },
  'snap-unreadable': {
    means: 'A .snap file cannot be opened or read.',
    node: 'The boot renames it to .broken and tries the next older one.',
  },
} as const satisfies CodeTable;

const STATE_CODES = {
  'proto-malformed': {
    means: 'Bytes that should be a protobuf message are not one.',
    look: 'The file and offset of the message: whose checksum covers it says whether it was damaged or written so.',
  },
  'peers-bad-magic': {
    means: 'The peers file does not begin with EKVP.',
    node: 'It refuses to start.',
  },
  'peers-unsupported-version': {
    means: 'The peers file has a version that the build does not read.',
    node: 'It refuses to start. An older build refuses what a newer one wrote.',
  },
  'peers-truncated': {
    means: 'The peers file ends before its last field.',
    node: 'It refuses to start.',
  },
  'peers-malformed': {
    means: 'A count, length, suffrage or flag in the peers file is outside its range.',
    node: 'It refuses to start.',
  },
  'legacy-bad-magic': {
    means: 'A legacy raft state file does not begin with its magic.',
    node: 'Without a WAL it refuses to start; with one the file is never read.',
  },
  'legacy-unsupported-version': {
    means: 'A legacy raft state file has a version other than 1.',
    node: 'Without a WAL it refuses to start.',
  },
  'legacy-truncated': {
    means: 'A legacy raft state file ends inside a field.',
    node: 'Without a WAL it refuses to start.',
  },
  'legacy-over-limit': {
    means: 'A message or count in a legacy raft state file exceeds its limit.',
    node: 'Without a WAL it refuses to start.',
  },
} as const satisfies CodeTable;

export const RAFT_CODES = {
  ...WAL_CODES,
  ...SNAP_CODES,
  ...STATE_CODES,
} as const satisfies CodeTable;
