/** Parts that several commands print. */
import { count, flag, hexText, list, named, nullable, object, text, u64, word } from './declare.js';

export const HARD_STATE = named(
  'hardState',
  object({ term: u64(), vote: u64(), commit: u64() }, 'Term, vote and commit as saved.'),
);

export const CONF_STATE = named(
  'confState',
  object({
    voters: list(u64()),
    learners: list(u64()),
    votersOutgoing: list(u64()),
    learnersNext: list(u64()),
    autoLeave: flag(),
  }),
);

export const TOKEN = object({ index: u64(), crc32c: hexText() }, 'What ties a .snap to its .fsm.');

export const MEMBER = object({ id: text(), address: text(), suffrage: word(['voter', 'learner']) });

export const PEER = object({
  id: text(),
  address: text(),
  suffrage: word(['voter', 'learner']),
  nodeId: u64(),
});

/** A snapshot header as a rewrite reads and writes it. */
export const HEADER = named(
  'header',
  object({
    form: word(['v1', 'v2', 'legacy']),
    ceilingMs: u64(),
    cutover: u64('Entries with a greater index are wrapped; 0: none.'),
    extensionHex: hexText(),
    length: count('Bytes.'),
  }),
);

export const STORE_META = named(
  'storeMeta',
  object(
    {
      appliedIndex: nullable(u64('The durable applied index.')),
      lastCommitTs: nullable(u64()),
      minRetainedTs: nullable(u64()),
      pendingMinRetainedTs: nullable(u64()),
    },
    'The metadata keys of a store.',
  ),
);
