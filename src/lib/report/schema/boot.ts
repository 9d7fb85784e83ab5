/** The dry run’s `result` and the record of one entry (spec/output.md §3, §4). */
import {
  anyOf,
  count,
  flag,
  hexText,
  i64,
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

const BOOT_VERDICTS = [
  'boots-skip',
  'boots-restore',
  'boots-after-repair',
  'boots-new-cluster',
  'refuses',
  'inconclusive',
] as const;

export const DISPOSITION_WORDS = [
  'fresh',
  'volatile-replay',
  'duplicate-volatile',
  'duplicate-dropped',
  'not-delivered',
  'empty',
  'not-a-proposal',
  'conf-change',
  'halt',
  'uncommitted',
  'in-snapshot',
  'superseded',
] as const;

export const GENERATION_WORDS = ['always-restore', 'committed-tail', 'snapshot-pointer'] as const;

export const REQUEST = object({
  phase: word(['raw', 'none', 'prepare', 'commit', 'abort', 'unknown']),
  ts: u64(),
  commitTs: nullable(u64()),
  mutations: count(),
  error: nullable(text('The node’s name, or a lower-case code of ours.')),
  errorNames: maybe(list(text(), 'All identities, where there are several.')),
  errorKeyHex: maybe(hexText('The key the error names.')),
  keyHex: nullable(hexText('The first mutated key.')),
});

export const ENTRY = named(
  'entry',
  object(
    {
      type: oneOf(['entry']),
      index: u64(),
      term: u64(),
      file: nullable(text('Segment or legacy file; null for an entry this boot would make.')),
      offset: nullable(u64()),
      entryType: word(['normal', 'confChange', 'confChangeV2', 'unknown']),
      committed: flag(),
      disposition: word(DISPOSITION_WORDS),
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
      ceilingMs: u64('After this entry.'),
    },
    'One log entry and what becomes of it.',
  ),
);

export const STORE = named(
  'store',
  object(
    {
      keys: count('Raw keys.'),
      sha256: hexText('SHA-256 over `P <key hex> <value hex>` lines in key order.'),
      meta: mapOf(hexText(), 'The metadata keys that exist.'),
    },
    'Digest of a store.',
  ),
);

const GAP_ENTRIES = object(
  {
    entries: count('Those of the gap that the log still holds.'),
    requests: count('They write to the store unless they fail.'),
    leases: count(),
    confChanges: count(),
    encryption: count(),
    empty: count(),
    sealed: count('Wrapped, and no key to look inside.'),
  },
  'The entries between have and threshold.',
);

const GATE = object(
  {
    outcome: word(['skipped', 'executed', 'fallback', 'none']),
    reason: nullable(word(['not_reader', 'missing_meta', 'read_err'])),
    snapshotIndex: nullable(u64()),
    have: nullable(u64('The durable applied index of fsm.db.')),
    threshold: nullable(u64()),
    gap: nullable(i64()),
    between: maybe(GAP_ENTRIES),
  },
  'May the body restore be skipped?',
);

const COUNTERS = object({
  appliedIndex: u64(),
  raftApplied: u64(),
  commitIndex: u64(),
  lastIndex: u64(),
  term: u64(),
  ceilingMs: u64(),
  hlcLast: u64(),
  restoredCutover: u64(),
  lastSnapshotIndex: u64(),
});

const FSM = anyOf(
  object({ absent: oneOf([true]) }),
  object({
    appliedIndex: nullable(u64()),
    lastCommitTs: nullable(u64()),
    keys: nullable(count()),
    sha256: maybe(hexText()),
  }),
);

export const BOOT = named(
  'boot',
  object(
    {
      generation: word(GENERATION_WORDS),
      verdict: word(BOOT_VERDICTS),
      snapshot: nullable(
        object({
          index: u64(),
          term: u64(),
          file: nullable(text()),
          token: nullable(object({ index: u64(), crc32c: hexText() })),
          inline: flag('The payload lies in the .snap itself.'),
        }),
      ),
      hardState: nullable(object({ term: u64(), vote: u64(), commit: u64() })),
      log: nullable(object({ first: u64(), last: u64(), segments: count() })),
      fsm: FSM,
      gate: GATE,
      refusal: nullable(
        object({
          step: count('The boot’s step, 1 to 12.'),
          errors: list(text(), 'The node’s names, sorted.'),
          panic: flag('The process dies instead of reporting.'),
          message: text(),
          index: nullable(u64()),
        }),
      ),
      counters: COUNTERS,
      entries: mapOf(count(), 'How many entries per disposition.'),
      entryList: maybe(list(ENTRY, 'With --entries.')),
      store: maybe(nullable(STORE)),
      actions: list(
        object({
          kind: word(['delete', 'rename', 'truncate', 'rewrite', 'create', 'restore']),
          path: text(),
          size: nullable(u64()),
          detail: text(),
          lossy: flag('Bytes are gone afterwards that no copy keeps.'),
          sha256: maybe(hexText('Of the result, where it does not depend on time or chance.')),
        }),
        'What the boot would do to the disk, in order.',
      ),
      members: list(MEMBER, 'The raft configuration in force after the boot.'),
    },
    'One group under one generation.',
  ),
);

export const DRY_RUN = anyOf(
  BOOT,
  object({
    generations: list(BOOT),
    differences: list(object({ field: text(), values: mapOf(text()), sentence: text() })),
  }),
);
