/** `ekv compare`: members of one group side by side, and which of them to keep. */
import { MEMBER } from './shared-parts.js';
import { anyOf, count, flag, list, nullable, object, oneOf, text, u64 } from './declare.js';

const RELATION = anyOf(
  object({ kind: oneOf(['nothing-in-common']) }),
  object({ kind: oneOf(['same']), from: u64(), to: u64() }),
  object({
    kind: oneOf(['differs']),
    at: u64('The first index that differs.'),
    terms: list(u64(), 'There: of the newest log, of this one.'),
  }),
);

export const COMPARE = object({
  keep: nullable(text('The dir whose log is the newest among those that boot.')),
  newest: nullable(text('The dir whose log is the newest of all that can be read.')),
  committed: nullable(u64('The highest commit that any of them knows.')),
  missing: u64('Of these, how many entries the one to keep does not have.'),
  voters: object({ total: count(), seen: count('Of these, how many were compared.') }),
  members: list(
    object({
      path: text(),
      raftId: nullable(text()),
      verdict: text('Of the dry run, without the encryption guards.'),
      refusal: nullable(text('Why it would not start.')),
      term: nullable(u64('Of the hard state.')),
      commit: nullable(u64()),
      snapshotIndex: nullable(u64()),
      lastTerm: nullable(u64('Of the last entry.')),
      lastIndex: nullable(u64()),
      appliedIndex: nullable(u64('In fsm.db.')),
      storeSha256: nullable(text('With --store-digest.')),
      behind: nullable(u64('Entries up to the end of the newest log.')),
      relation: nullable(RELATION),
      damaged: flag('Its log ends in damage.'),
      members: list(MEMBER),
    }),
    'In the order they were named.',
  ),
});
