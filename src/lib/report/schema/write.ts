/** The commands that write something new: what would be written, what was, and what a node does. */
import { HARD_STATE, HEADER, PEER } from './shared-parts.js';
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
  text,
  u64,
  word,
  type Declared,
} from './declare.js';

const VERDICT = nullable(
  object({
    verdict: text(),
    refusal: nullable(
      object({
        step: count(),
        errors: list(text()),
        panic: flag(),
        message: text(),
        index: nullable(u64()),
      }),
    ),
  }),
);

const WRITTEN = {
  written: flag('False: the plan alone, --yes writes.'),
  output: text('As given.'),
} as const;

const FILES = {
  files: list(
    object({
      path: text(),
      size: u64(),
      how: word(['write', 'copy', 'link', 'written', 'copied', 'linked']),
      sha256: nullable(hexText('Of what was written.')),
    }),
  ),
  predictions: list(
    object({ generation: text(), original: VERDICT, result: VERDICT }),
    'What a node would do with the original and with the result.',
  ),
} as const;

const CLEANED = object(
  { removed: list(text()), unfinished: list(text()) },
  'With --clean: what a killed run left.',
);

const CHANGE = {
  header: object({ from: HEADER, to: HEADER }),
  footer: object({ from: nullable(hexText()), to: nullable(hexText()) }),
  payloadKind: text(),
} as const;

function orCleaned<T>(result: Declared<T>): Declared<unknown> {
  return anyOf(result, CLEANED);
}

export const EXTRACT_PAYLOAD = orCleaned(
  object({
    ...WRITTEN,
    ...CHANGE,
    size: u64(),
    undo: text('The command that makes the source again.'),
    ...FILES,
  }),
);

export const WRAP_PAYLOAD = orCleaned(object({ ...WRITTEN, ...CHANGE, size: u64(), ...FILES }));

export const UPGRADE_HEADER = orCleaned(
  object({
    ...WRITTEN,
    index: nullable(u64()),
    fsm: text(),
    ...CHANGE,
    tokens: list(object({ file: text(), index: u64(), from: hexText(), to: hexText() })),
    ...FILES,
  }),
);

export const RESTORE = orCleaned(
  object({
    ...WRITTEN,
    payload: object({
      path: text(),
      kind: text(),
      size: u64(),
      header: HEADER,
      appliedIndex: nullable(u64()),
      lastCommitTs: nullable(u64()),
      pairs: count(),
      encryptedRows: count(),
    }),
    snapshot: object({ index: u64(), term: u64(), crc32c: hexText() }),
    hardState: HARD_STATE,
    members: list(PEER),
    membershipKept: flag(),
    ...FILES,
  }),
);

const LOST_ENTRY = object({
  index: u64(),
  term: nullable(u64()),
  file: nullable(text()),
  offset: nullable(u64()),
  entryType: text(),
  intact: flag(),
  committed: flag(),
  inStore: flag(),
  tag: nullable(text()),
  wrapped: flag(),
  requests: list(
    object({ phase: text(), ts: u64(), commitTs: nullable(u64()), keysHex: list(hexText()) }),
  ),
  note: nullable(text()),
});

const LOST = object(
  {
    entries: count(),
    committed: count(),
    committedInStore: count(),
    records: count(),
    bytes: u64(),
    unreadableBytes: u64(),
    segments: list(text()),
    hardState: nullable(HARD_STATE),
    snapshots: list(object({ index: u64(), term: u64() })),
    sentence: text(),
    entryList: list(LOST_ENTRY),
  },
  'What a cut there takes.',
);

const CUT = named(
  'cut',
  object({
    kind: word(['node', 'last-valid', 'index']),
    possible: flag(),
    code: maybe(text()),
    why: maybe(text()),
    cut: maybe(object({ segment: text(), offset: u64() })),
    lastIndex: maybe(u64()),
    hardState: maybe(nullable(HARD_STATE)),
    hardStateWritten: maybe(flag()),
    lost: maybe(LOST),
  }),
);

const LOG_END = object({
  kind: text(),
  segment: maybe(nullable(text())),
  offset: u64(),
  why: maybe(text()),
  code: maybe(text()),
  nodeError: maybe(nullable(text())),
  panic: maybe(flag()),
});

const SURVEYED = {
  logEnd: LOG_END,
  lastIndex: u64(),
  commit: u64(),
  storeAppliedIndex: nullable(u64()),
  chosen: text(),
  options: list(CUT),
} as const;

export const REPAIR_WAL = orCleaned(
  anyOf(
    object({ ...WRITTEN, ...SURVEYED, ...FILES }),
    object({ written: WRITTEN.written, ...SURVEYED }, 'There is nothing to cut.'),
  ),
);
