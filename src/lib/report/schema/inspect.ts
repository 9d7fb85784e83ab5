/** `ekv inspect`: what a file or directory holds, one form per kind. */
import { STORE } from './boot.js';
import { CONF_STATE, HARD_STATE, PEER, STORE_META, TOKEN } from './shared-parts.js';
import {
  anyOf,
  count,
  flag,
  hexText,
  list,
  maybe,
  named,
  nullable,
  object,
  oneOf,
  text,
  u64,
  word,
  type Declared,
} from './declare.js';

type Fields = Readonly<Record<string, Declared<unknown>>>;

/** A file that breaks off is reported as far as it goes. */
function asFar<F extends Fields>(fields: F): { [Name in keyof F]: Declared<unknown> } {
  const all = Object.entries(fields).map(([name, field]) => [name, maybe(field)]);
  return Object.fromEntries(all) as { [Name in keyof F]: Declared<unknown> };
}

const ROWS = named(
  'rows',
  object({
    pairs: count(),
    meta: count(),
    writers: count('Rows of the writer registry.'),
    short: count(),
    versions: count(),
    userKeys: count(),
    tombstones: count(),
    encrypted: count(),
    unreadable: count(),
    locks: count(),
    keyBytes: u64(),
    valueBytes: u64(),
  }),
);

const BY_PREFIX = named(
  'byPrefix',
  object({
    prefixes: count(),
    list: list(
      object({
        prefixHex: nullable(hexText()),
        special: nullable(text()),
        userKeys: count(),
        versions: count(),
        bytes: u64(),
        liveBytes: u64(),
        oldBytes: u64(),
        tombstoneBytes: u64(),
        encryptedBytes: u64(),
      }),
    ),
  }),
);

const KEY = named(
  'keyVersions',
  object(
    {
      keyHex: hexText(),
      locked: flag('A transaction holds a lock on it.'),
      versions: list(
        object({
          ts: u64('HLC.'),
          tombstone: flag(),
          encrypted: flag(),
          expireAt: u64('HLC; 0: never.'),
          bytes: count('Of the body as it is stored.'),
          fault: nullable(text('Why the value header cannot be read.')),
        }),
        'The newest first.',
      ),
    },
    'With --key.',
  ),
);

const SCANNED = {
  meta: nullable(STORE_META),
  rows: nullable(ROWS),
  highestTs: nullable(u64()),
} as const;

const REGIONS = maybe(
  list(
    object({
      offset: u64(),
      bytesHex: hexText(),
      fields: list(object({ name: text(), offset: u64(), length: count(), value: text() })),
    }),
    'With --hexdump.',
  ),
);

const FSM = {
  size: u64(),
  container: flag('With a footer.'),
  header: nullable(
    object({
      form: word(['v1', 'v2', 'legacy']),
      length: count(),
      ceilingMs: u64(),
      ceilingDate: nullable(text()),
      cutover: u64(),
      extensionHex: hexText(),
    }),
  ),
  oracleCeilingMs: nullable(u64()),
  payload: object({
    kind: word(['pebble-stream', 'sst-bundle', 'mvcc-stream', 'oracle', 'empty', 'unreadable']),
    offset: u64(),
    bytes: u64(),
    readable: flag(),
    ...SCANNED,
    byPrefix: maybe(BY_PREFIX),
  }),
  crc32c: object({
    footer: nullable(hexText()),
    computed: nullable(hexText()),
    matches: nullable(flag()),
  }),
  token: nullable(
    object({ index: u64(), crc32c: hexText(), from: text(), matches: nullable(flag()) }),
  ),
} as const;

const SNAP = {
  size: u64(),
  index: nullable(u64()),
  term: nullable(u64()),
  confState: nullable(CONF_STATE),
  data: word(['token', 'inline', 'empty', 'invalid', 'unread']),
  token: nullable(TOKEN),
  inlineBytes: nullable(u64()),
  crc32c: object({
    stored: nullable(hexText()),
    computed: nullable(hexText()),
    matches: nullable(flag()),
  }),
  inline: maybe(object(FSM, 'The payload, where the .snap holds it.')),
} as const;

const WAL = {
  segments: list(
    object({
      name: text(),
      size: u64(),
      records: object({
        metadata: count(),
        entry: count(),
        state: count(),
        crc: count(),
        snapshot: count(),
        other: count(),
      }),
      firstIndex: nullable(u64()),
      lastIndex: nullable(u64()),
      firstTerm: nullable(u64()),
      lastTerm: nullable(u64()),
      overwrites: count(),
      confChanges: count(),
      logBytes: u64(),
      rest: nullable(
        object({
          offset: u64(),
          bytes: u64(),
          zeros: flag(),
          intactRecords: count(),
          damagedRecords: count(),
        }),
      ),
    }),
  ),
  hardState: nullable(HARD_STATE),
  metadataHex: nullable(hexText()),
  snapshotRecords: object({
    count: count(),
    last: list(object({ index: u64(), term: u64(), confState: nullable(CONF_STATE) })),
  }),
  end: nullable(
    object({
      kind: word(['end-of-file', 'preallocated', 'torn', 'corrupt']),
      segment: text(),
      offset: u64(),
      nodeError: nullable(text()),
    }),
  ),
  others: list(text(), 'Files of the directory that are no segments.'),
} as const;

const PEERS = {
  version: count(),
  index: u64(),
  peers: list(PEER),
  seed: nullable(object({ active: flag(), peers: list(PEER) })),
} as const;

const PEBBLE = {
  size: u64(),
  files: count(),
  formatVersion: count(),
  comparer: nullable(text()),
  merger: nullable(text()),
  manifest: object({ name: text(), size: u64(), edits: count() }),
  nextFileNum: count(),
  minUnflushedLogNum: count(),
  lastSeqNum: u64(),
  levels: list(object({ level: count(), tables: count(), virtual: count(), bytes: u64() })),
  blobFiles: count(),
  rangeKeys: count(),
  unusedFiles: count(),
  wals: list(
    object({
      name: text(),
      size: u64(),
      parsedBytes: u64(),
      batches: count(),
      operations: count(),
      firstSeqNum: nullable(u64()),
      lastSeqNum: nullable(u64()),
      ending: object({ kind: text(), offset: u64() }),
    }),
  ),
  isStore: flag('Rows of an elastickv store.'),
  ...SCANNED,
  refused: flag('Pebble would refuse to open it.'),
  store: STORE,
  byPrefix: BY_PREFIX,
  key: KEY,
} as const;

const GROUP = object({
  path: text(),
  groupId: nullable(u64()),
  raftId: nullable(text()),
  marker: nullable(text()),
  hashicorp: list(text()),
  legacy: list(text()),
  peers: nullable(object(asFar(PEERS))),
  snapshots: list(
    object({
      snap: nullable(text()),
      fsm: nullable(text()),
      fsmPresent: nullable(flag()),
      tokenCrc32c: nullable(hexText()),
      snapFile: nullable(object(SNAP)),
      fsmFile: nullable(object(FSM)),
    }),
  ),
  wal: nullable(object(WAL)),
  fsmDb: nullable(object(asFar(PEBBLE))),
});

function kindOf<F extends Fields>(kinds: readonly string[], fields: F): Declared<unknown> {
  const head = {
    path: text('As given.'),
    kind: oneOf(kinds),
    recognisedBy: word(['content', 'name', 'flag']),
  };
  return object({ ...head, ...asFar(fields), regions: REGIONS });
}

const LEGACY = {
  size: u64(),
  hardState: nullable(HARD_STATE),
  snapshot: nullable(
    object({ index: u64(), term: u64(), confState: nullable(CONF_STATE), dataBytes: u64() }),
  ),
  entries: nullable(
    object({ count: count(), firstIndex: nullable(u64()), lastIndex: nullable(u64()) }),
  ),
  inline: object(FSM),
} as const;

const SIDECAR = {
  size: u64(),
  version: count(),
  raftAppliedIndex: u64(),
  storageEnvelopeActive: flag(),
  storageEnvelopeCutoverIndex: u64(),
  raftEnvelopeCutoverIndex: u64(),
  active: object({ storage: count(), raft: count() }),
  keys: list(
    object({
      id: count(),
      purpose: word(['storage', 'raft']),
      created: text(),
      localEpoch: count(),
      active: flag(),
      unwraps: nullable(flag()),
    }),
  ),
} as const;

const TABLE = {
  size: u64(),
  bytes: object({ checked: u64(), skipped: u64(), unreadable: u64() }),
  blocks: count(),
  badBlocks: count(),
  complete: flag(),
  points: count(),
  rangeDels: count(),
  rangeKeys: count(),
  smallestKeyHex: nullable(hexText()),
  largestKeyHex: nullable(hexText()),
  smallestSeqNum: nullable(u64()),
  largestSeqNum: nullable(u64()),
} as const;

const BLOB = {
  size: u64(),
  bytes: object({ checked: u64(), skipped: u64(), unreadable: u64() }),
  blocks: count(),
  badBlocks: count(),
  values: count(),
} as const;

const KNOWN = [
  kindOf(['data-dir', 'group-dir'], { groups: list(GROUP) }),
  kindOf(['fsm-file', 'payload-file'], FSM),
  kindOf(['snap-file'], SNAP),
  kindOf(['wal-segment', 'wal-dir'], WAL),
  kindOf(['pebble-dir'], PEBBLE),
  kindOf(['pebble-table'], TABLE),
  kindOf(['pebble-blob'], BLOB),
  kindOf(['engine-marker'], { size: u64(), engine: nullable(text()) }),
  kindOf(['snapshot-files'], {
    files: list(
      anyOf(
        object({ name: text(), kind: oneOf(['fsm-file']), ...asFar(FSM) }),
        object({ name: text(), kind: oneOf(['snap-file']), ...asFar(SNAP) }),
      ),
    ),
  }),
  kindOf(['peers-file'], { size: u64(), ...PEERS }),
  kindOf(['legacy-state', 'legacy-meta', 'legacy-entries'], LEGACY),
  kindOf(['sidecar'], SIDECAR),
] as const;

const ITEM = named('inspected', anyOf(...KNOWN));

export const INSPECT = anyOf(ITEM, object({ items: list(ITEM, 'One per path.') }));
