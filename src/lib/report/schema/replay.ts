/** What `replay-wal` prints: its records, line by line, and the sums behind them. */
import { BOOT, DISPOSITION_WORDS, GENERATION_WORDS, REQUEST, STORE } from './boot.js';
import {
  anyOf,
  count,
  flag,
  hexText,
  list,
  mapOf,
  maybe,
  named,
  nullable,
  object,
  oneOf,
  text,
  u64,
  word,
} from './declare.js';
import { MEMBER } from './shared-parts.js';

const CHANGE = object({
  transition: word(['auto', 'jointImplicit', 'jointExplicit']),
  changes: list(
    object({
      type: word(['addNode', 'removeNode', 'updateNode', 'addLearnerNode']),
      nodeId: u64(),
    }),
  ),
});

const MEMBERS = list(MEMBER, 'In force after the change; null where it is not applied.');

const ENCRYPTION = object(
  {
    kind: word(['registration', 'bootstrap', 'rotate', 'enable-storage', 'enable-raft']),
    purpose: nullable(word(['storage', 'raft', 'both'])),
    dekIds: list(count()),
    registrations: count('Writers it registers; node and epoch are those of the first.'),
    nodeId: nullable(u64()),
    localEpoch: nullable(count()),
  },
  'Of a registration, bootstrap or rotation.',
);

const VALUE = object({
  request: count('Position of its request in the entry.'),
  op: word(['put', 'del', 'del-prefix']),
  keyHex: hexText(),
  valueLength: count(),
  valueHex: hexText('Its beginning, as far as --values asks.'),
});

export const REPLAY_ENTRY = named(
  'replayEntry',
  object(
    {
      type: oneOf(['entry']),
      index: u64(),
      term: u64(),
      file: nullable(text('Segment or legacy file; null for an entry this boot would make.')),
      offset: nullable(u64()),
      entryType: word(['normal', 'confChange', 'confChangeV2', 'unknown']),
      committed: nullable(flag('Null where no state record says it.')),
      disposition: nullable(
        word(DISPOSITION_WORDS, 'Null where nothing that is known decides it.'),
      ),
      told: flag('The state machine is told the index.'),
      applied: flag('The state machine applies it.'),
      tag: nullable(
        text('single, batch, lease, registration, bootstrap, rotation, reserved, legacy, empty.'),
      ),
      proposalId: nullable(u64()),
      wrapped: flag('In a raft envelope.'),
      payloadLength: nullable(count()),
      payloadSha256: nullable(hexText('The first 16 digits.')),
      requests: list(REQUEST),
      error: nullable(text()),
      errorNames: maybe(list(text())),
      ceilingMs: nullable(u64('After this entry; null where the boot does not handle it.')),
      confChange: maybe(CHANGE),
      members: maybe(nullable(MEMBERS)),
      encryption: maybe(ENCRYPTION),
      overwrittenBy: maybe(object({ file: text(), offset: u64() }, 'Of a superseded record.')),
      values: maybe(list(VALUE, 'With --values.')),
    },
    'One record of the log and what becomes of it.',
  ),
);

const SHARE = object({ entries: count(), bytes: u64(), first: u64(), last: u64() });

const STATS = object(
  {
    entries: count(),
    bytes: u64('Of payloads in clear.'),
    first: nullable(u64()),
    last: nullable(u64()),
    commitTs: nullable(object({ min: u64(), max: u64() })),
    types: mapOf(SHARE, 'By payload tag, or what an entry without payload is.'),
    dispositions: mapOf(SHARE),
    phases: mapOf(object({ requests: count(), mutations: count(), failed: count() })),
    errors: mapOf(count(), 'By the node’s name, or a code of ours.'),
  },
  'Of the entries that fit the filters.',
);

const SUMS = {
  entries: mapOf(count(), 'How many records per disposition; undecided: without one.'),
  inLog: count('Records in the log, older ones included.'),
  made: count('Entries the boot would append itself.'),
  matched: count('Those that fit the filters.'),
  shown: count(),
  overwrites: maybe(count('Records that cut the log behind their index.')),
  ending: object(
    {
      kind: word(['end-of-file', 'preallocated', 'torn', 'corrupt', 'no-wal']),
      file: nullable(text()),
      offset: nullable(u64()),
    },
    'How reading the log ended.',
  ),
  stats: STATS,
} as const;

const NODE_SUMS = {
  generation: word(GENERATION_WORDS),
  boot: BOOT,
  ...SUMS,
  store: maybe(nullable(STORE)),
} as const;

const LOG_SUMS = {
  hardState: nullable(object({ term: u64(), vote: u64(), commit: u64() })),
  log: nullable(object({ first: u64(), last: u64(), segments: count() })),
  ...SUMS,
} as const;

const ENTRY_LIST = maybe(list(REPLAY_ENTRY, 'At most 10,000; --format ndjson has no such limit.'));

const RAW_SEGMENT = object({
  type: oneOf(['segment']),
  file: text(),
  size: u64(),
  ending: word(['sealed', 'preallocated', 'rest-not-zero', 'torn', 'corrupt', 'not-reached']),
  endOffset: nullable(u64('Where the node’s reading of it ends.')),
  nodeError: nullable(text()),
  frames: count(),
  damaged: count(),
  bytes: object({ frames: u64(), zeros: u64(), unreadable: u64() }, 'They add up to the size.'),
});

const RAW_SUMS = {
  frames: count('Gaps included.'),
  damaged: count(),
  shown: count(),
  segments: list(RAW_SEGMENT),
} as const;

const TYPES = { types: mapOf(list(text()), 'The words that --type takes.') } as const;

const FRAME = object({
  type: oneOf(['frame']),
  file: text(),
  offset: u64(),
  length: u64('Length field and padding included.'),
  recBytes: u64(),
  padBytes: count(),
  crcState: word(['ok', 'crc-mismatch', 'unverified', 'malformed']),
  storedCrc: nullable(hexText()),
  computedCrc: nullable(hexText()),
  recordType: word(['metadata', 'entry', 'state', 'crc', 'snapshot', 'unknown', 'malformed']),
  dataOffset: u64(),
  dataLength: u64(),
  index: maybe(u64()),
  term: maybe(u64()),
  entryType: maybe(word(['normal', 'confChange', 'confChangeV2', 'unknown'])),
  overwrites: maybe(nullable(object({ from: u64(), to: u64() }))),
  vote: maybe(u64()),
  commit: maybe(u64()),
});

const GAP = object({
  type: oneOf(['gap']),
  file: text(),
  offset: u64(),
  length: u64(),
  kind: word(['zeros', 'no-frame']),
});

export const REPLAY_RESULT = anyOf(
  object({ ...NODE_SUMS, entryList: ENTRY_LIST }),
  object({ ...LOG_SUMS, entryList: ENTRY_LIST }),
  object(RAW_SUMS),
  object(TYPES),
);

export const REPLAY_RECORDS = [REPLAY_ENTRY, FRAME, GAP, RAW_SEGMENT] as const;

/** Further fields of the summary record. */
export const REPLAY_SUMMARY = object({ ...NODE_SUMS, ...LOG_SUMS, ...RAW_SUMS, ...TYPES });
