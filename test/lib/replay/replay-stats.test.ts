import { expect } from 'chai';
import fc from 'fast-check';
import { DISPOSITIONS } from '../../../src/lib/engine/boot-report.js';
import type { ReplayRecord } from '../../../src/lib/replay/replay-record.js';
import { ReplayStats } from '../../../src/lib/replay/replay-stats.js';

const small = fc.bigInt({ min: 0n, max: 50n });

const record: fc.Arbitrary<ReplayRecord> = fc.record({
  index: small,
  term: small,
  file: fc.constant('wal/x'),
  offset: fc.nat(),
  entryType: fc.constantFrom('normal', 'confChange'),
  committed: fc.constant(true),
  disposition: fc.option(fc.constantFrom(...DISPOSITIONS)),
  told: fc.boolean(),
  applied: fc.boolean(),
  tag: fc.option(fc.constantFrom('single', 'batch')),
  proposalId: fc.option(small),
  wrapped: fc.boolean(),
  payloadLength: fc.option(fc.nat(900)),
  payloadSha256: fc.constant(null),
  requests: fc.array(
    fc.record({
      phase: fc.constantFrom('raw', 'prepare', 'commit'),
      ts: small,
      commitTs: fc.option(small),
      mutations: fc.nat(5),
      error: fc.option(fc.constantFrom('ErrTxnLocked', 'ErrWriteConflict')),
      errorNames: fc.constant([]),
      errorKeyHex: fc.constant(null),
      keyHex: fc.constant(null),
    }),
    { maxLength: 3 },
  ),
  error: fc.option(fc.constantFrom('ErrX', 'ErrTxnLocked')),
  errorNames: fc.constant([]),
  ceilingMs: fc.constant(0n),
});

function statsOf(records: readonly ReplayRecord[]): ReplayStats {
  const stats = new ReplayStats();
  for (const one of records) stats.add(one);
  return stats;
}

/** Maps in an order of their own. */
function plain({ types, dispositions, phases, errors, ...sums }: ReplayStats): object {
  const maps = [types, dispositions, phases, errors] as ReadonlyMap<string, unknown>[];
  return { sums, maps: maps.map((map) => Object.fromEntries([...map].sort())) };
}

describe('replay: sums', () => {
  it('of two parts are those of the whole, as they come from another thread', () => {
    fc.assert(
      fc.property(fc.array(record), fc.array(record), (some, more) => {
        const merged = statsOf(some);
        merged.merge(structuredClone({ ...statsOf(more) }));
        expect(plain(merged)).to.deep.equal(plain(statsOf([...some, ...more])));
      }),
      { numRuns: 300 },
    );
  });
});
