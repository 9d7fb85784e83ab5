import type { CodeTable } from './table.js';

const COPY_OR_CUT = {
  next:
    'Take the segment from a copy, or set the dir aside and let the node join again. See what a ' +
    'cut would lose:',
  run: ['ekv repair-wal --data-dir DIR --output NEW --cut last-valid'],
} as const;

/** The raft log: segments, records and the chain of CRCs (spec/etcd-wal.md §1, §2, §4, §9). */
export const RAFT_CODES = {
  'wal-torn': {
    means: 'A WAL segment ends inside a record, or a record holds a piece of zeroed sector.',
    node:
      'In the last segment: copies it to <name>.broken, cuts it there and boots (builds before ' +
      '2026-04-25 refuse). In an older one: refuses, "WAL unrepairable after repair".',
    look: 'The records behind the cut: intact ones are lost by the repair as well.',
    next: 'Copy wal/ before the node starts. See each entry the cut removes:',
    run: ['ekv repair-wal --data-dir DIR --output NEW'],
  },
  'wal-record-malformed': {
    means: 'A WAL record’s bytes are no valid protobuf message and no zeroed sector explains it.',
    node:
      'Refuses to start and repairs nothing. Builds before 2026-07-09 cut the last segment here ' +
      'instead if the record’s bytes run out inside a field.',
    look: 'The frame at the offset: its length field says where the next record should begin.',
    ...COPY_OR_CUT,
  },
  'wal-crc-mismatch': {
    means: 'A WAL record’s stored CRC differs from the one computed over the chain up to it.',
    node: 'Refuses to start, "walpb: crc mismatch", and repairs nothing.',
    look: 'Whether the successor fits the stored CRC: then only this record is damaged.',
    ...COPY_OR_CUT,
  },
  'wal-crc-chain': {
    means: 'The CRC record at the head of a segment does not continue the segment before it.',
    node: 'Refuses to start, "walpb: crc mismatch", and repairs nothing.',
    look:
      'ls wal/: a segment missing in the middle or renamed; or the segment before it, cut behind ' +
      'a record.',
    ...COPY_OR_CUT,
  },
  'wal-message-malformed': {
    means: 'An entry, hard state or snapshot inside a WAL record does not parse, its CRC is right.',
    node: 'The process dies with a panic, "unmarshal should never fail", at every start.',
    look: 'The record’s type byte: no CRC covers it, and a wrong type makes good data unreadable.',
    ...COPY_OR_CUT,
  },
  'wal-unknown-record-type': {
    means: 'A WAL record has a type that no known version writes.',
    node: 'The snapshot scan passes over it, reading the log refuses: "unexpected block type".',
    look: 'The type byte behind the length field: no CRC covers it, so the data may be whole.',
    ...COPY_OR_CUT,
  },
  'wal-entry-gap': {
    means: 'A log entry does not follow the entries before it.',
    node: 'Refuses to start: "wal: slice bounds out of range". Nothing is repaired.',
    look:
      'Whether the .snap that the log begins behind is lost or renamed to .broken: then entries ' +
      'follow a snapshot the node did not choose.',
    next:
      'Bring that .snap back from a copy. See which one the node picks and which the log ' +
      'vouches for:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'wal-snapshot-mismatch': {
    means: 'The WAL’s snapshot record at the wanted index has another term.',
    node: 'Refuses to start: "wal: snapshot mismatch".',
    look: 'Term and index inside the chosen .snap against the log’s snapshot records.',
    next: 'Take .snap and wal/ of one moment. See the records:',
    run: ['ekv replay-wal --raw --data-dir DIR'],
  },
  'wal-snapshot-not-found': {
    means: 'The segments that are read hold no snapshot record at the wanted index.',
    node: 'A boot does not notice; read mode reports it.',
    look: 'The older segments: the record may lie in one that this start does not open.',
    next: 'Nothing to mend for a start. See what vouches for the .snap:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'wal-metadata-conflict': {
    means: 'Two metadata records of one WAL differ.',
    node: 'Refuses to start: "wal: conflicting metadata found".',
    look: 'elastickv writes metadata without data: one with data is damage or a foreign segment.',
    ...COPY_OR_CUT,
  },
  'wal-no-segment': {
    means: 'The WAL directory holds no segment whose name can be parsed.',
    node:
      'With any name in it that ends in .wal: refuses, "wal: file not found". Without: deletes ' +
      'wal/ and begins a new log or joins.',
    look: 'ls -a wal/: renamed segments, .broken copies.',
    next:
      'Do not start it; bring the segments back under their names <seq>-<index>.wal, 16 hex ' +
      'digits each.',
  },
  'wal-no-segment-for-snapshot': {
    means: 'Every WAL segment begins behind the wanted snapshot index.',
    node: 'Refuses to start: "file not found which matches the snapshot index".',
    look: 'Whether the snapshot that belongs to the oldest segment was lost or renamed to .broken.',
    next: 'Bring that .snap (or the oldest segments) back from a copy. See what is there:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'wal-sequence-gap': {
    means: 'The sequence numbers of the WAL segments do not rise by one.',
    node: 'Refuses to start; usually the break in the CRC chain is met first.',
    look: 'ls wal/: the first 16 digits of each name; which number is missing or twice there.',
    next: 'Bring the missing segment back from a copy; otherwise let the node join again.',
  },
  'wal-odd-name': {
    means: 'A WAL segment name is parsable but not 16-16 lower-case hex digits.',
    node: 'Reads it as a segment, in the byte order of the names.',
    look: 'Whether somebody left a copy of a segment in wal/: it is read as part of the log.',
    next: 'In a copy of the dir, move the odd file out of wal/ and compare the two dry runs.',
  },
  'wal-segment-skipped': {
    means: 'A zero length field stands inside a WAL segment that is not the last one.',
    node:
      'Skips the rest of the segment without a word; the head of the next one then usually ' +
      'breaks ' +
      'the CRC chain, and it refuses.',
    look: 'The bytes at the offset: zeros for how long, and whether records follow.',
    next: 'Take the segment from a copy. See what is read:',
    run: ['ekv replay-wal --raw --data-dir DIR'],
  },
  'wal-tail-not-zero': {
    means: 'Bytes that are not zero lie behind the end of the log in the last segment.',
    node: 'Overwrites them with zeros and keeps no copy.',
    look:
      'Whether whole records lie there: then a length field before them was zeroed and the log ' +
      'ends too early.',
    next: 'Copy the segment before any start. See where the log ends:',
    run: ['cp -a DIR COPY', 'ekv replay-wal --raw --data-dir DIR'],
  },
} as const satisfies CodeTable;
