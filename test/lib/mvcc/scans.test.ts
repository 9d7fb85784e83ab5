import { expect } from 'chai';
import fc from 'fast-check';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { firstConflictEach, firstConflictShared } from '../../../src/lib/mvcc/conflict-check.js';
import { Fault } from '../../../src/lib/mvcc/fault.js';
import {
  LastCommitScan,
  raiseLastCommitTs,
  scanLastCommitTs,
} from '../../../src/lib/mvcc/last-commit-scan.js';
import { encodeMetaValue, LAST_COMMIT_TS_KEY, readMeta } from '../../../src/lib/mvcc/meta-keys.js';
import {
  scanPrefix,
  SEEKING_SCAN,
  STEPPING_SCAN,
  type PrefixScanRules,
} from '../../../src/lib/mvcc/prefix-scan.js';
import { suffixOfTs } from '../../../src/lib/mvcc/version-key.js';
import { VersionReader } from '../../../src/lib/mvcc/version-reader.js';
import { TOMBSTONE } from '../../../src/lib/mvcc/version-value.js';

const LIVE = new Uint8Array(9);
const T = 116654080000065536n;

type Row = readonly [key: string, ts: bigint, value?: Uint8Array];

function storeOf(rows: readonly Row[], raw: readonly string[] = []): OverlayStore {
  const versions = rows.map(([key, ts, value]) => [key + suffixOfTs(ts), value ?? LIVE] as const);
  return new OverlayStore(new MemoryView([...versions, ...raw.map((key) => [key, LIVE] as const)]));
}

function doomed(rules: PrefixScanRules, store: OverlayStore, prefix: string, ts: bigint): unknown {
  const keys = scanPrefix(new VersionReader(store, null), rules, prefix, ts);
  return keys instanceof Fault ? keys.label : keys;
}

describe('DEL_PREFIX scan', () => {
  const both = [SEEKING_SCAN, STEPPING_SCAN];

  it('takes live user keys with the prefix, never !txn| keys, tombstones or expired ones', () => {
    const expired = Uint8Array.of(0, 5, 0, 0, 0, 0, 0, 0, 0);
    const store = storeOf(
      [
        ['!txn|other', T],
        ['a', T],
        ['b', T, TOMBSTONE],
        ['c', T, expired],
        ['d', T],
      ],
      [LAST_COMMIT_TS_KEY, 'short'],
    );
    for (const rules of both) {
      expect(doomed(rules, store, '', T)).to.deep.equal(['a', 'd']);
      expect(doomed(rules, store, 'd', T)).to.deep.equal(['d']);
      expect(doomed(rules, store, 'e', T)).to.deep.equal([]);
    }
  });

  it('A: passes by a key between the versions of another and its last place', () => {
    const store = storeOf([
      ['a', T],
      ['a\xff\x01', T],
    ]);
    expect(doomed(SEEKING_SCAN, store, 'a', T)).to.deep.equal(['a']);
    expect(doomed(STEPPING_SCAN, store, 'a', T)).to.deep.equal(['a', 'a\xff\x01']);
  });

  it('B: passes by the key that follows one with newer versions only', () => {
    const store = storeOf([
      ['a', 20n],
      ['b', 5n],
    ]);
    expect(doomed(STEPPING_SCAN, store, '', 10n)).to.deep.equal([]);
    expect(doomed(SEEKING_SCAN, store, '', 10n)).to.deep.equal(['b']);
  });

  it('B: judges that key by its second version when it has one', () => {
    const second = (value: Uint8Array): OverlayStore =>
      storeOf([
        ['a', 20n],
        ['b', 5n],
        ['b', 4n, value],
      ]);
    expect(doomed(STEPPING_SCAN, second(LIVE), '', 10n)).to.deep.equal(['b']);
    expect(doomed(STEPPING_SCAN, second(TOMBSTONE), '', 10n)).to.deep.equal([]);
  });

  it('takes registry rows for versions in A and for rows in B', () => {
    const row = '!encryption|writers|\0\0\0\x05|\xd4\xc0';
    const store = storeOf([['!encryption|writers', T]], [row]);
    expect(doomed(SEEKING_SCAN, store, '!enc', T)).to.deep.equal(['!encryption|writers']);
    expect(doomed(STEPPING_SCAN, store, '!enc', T)).to.deep.equal(['!encryption|writers']);
    const alone = storeOf([], [row]);
    const high = 0x8400_0000_0000_0000n;
    expect(doomed(SEEKING_SCAN, alone, '', high)).to.deep.equal(['!encryption|writers']);
    expect(doomed(STEPPING_SCAN, alone, '', high)).to.deep.equal([]);
  });

  it('fails as a whole on a row that cannot be read', () => {
    const store = storeOf([
      ['a', T],
      ['b', T, Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0)],
    ]);
    for (const rules of both) {
      expect(doomed(rules, store, '', T)).to.equal('ErrEncryptedValueReservedState');
      expect(doomed(rules, store, '', T - 1n)).to.deep.equal([]);
    }
  });
});

describe('conflict check', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
  const rows = fc.array(fc.tuple(text, fc.bigInt({ min: T, max: T + 8n })), { maxLength: 25 });

  it('gives the same with the shared cursor, as long as no key embeds a timestamp', () => {
    const same = fc.property(rows, fc.array(text, { maxLength: 12 }), (versions, keys) => {
      const reader = new VersionReader(storeOf(versions), null);
      const start = suffixOfTs(T + 3n);
      expect(firstConflictShared(reader, keys, start)).to.equal(
        firstConflictEach(reader, keys, start),
      );
    });
    fc.assert(same, { numRuns: 500 });
  });

  it('reports the first key of the request, not of the order', () => {
    const reader = new VersionReader(
      storeOf([
        ['a', T + 9n],
        ['z', T + 9n],
      ]),
      null,
    );
    for (const check of [firstConflictEach, firstConflictShared]) {
      expect(check(reader, ['z', 'm', 'a'], suffixOfTs(T))).to.equal('z');
      expect(check(reader, ['m', 'a', 'z'], suffixOfTs(T))).to.equal('a');
      expect(check(reader, ['a', 'z'], suffixOfTs(T + 9n))).to.equal(null);
      expect(check(reader, [], suffixOfTs(T))).to.equal(null);
    }
  });

  it('differs where the walk steps over raw keys of a proper prefix', () => {
    // Versions of `k` whose inverted timestamps make them sort between `kx`'s first place and `kx`.
    const store = storeOf([
      ['k', 0x87ff_ffff_ffff_ffffn - 0x0000_0100_0000_0000n],
      ['kx', T],
    ]);
    const reader = new VersionReader(store, null);
    expect(firstConflictEach(reader, ['kx'], suffixOfTs(0n))).to.equal(null);
    expect(firstConflictShared(reader, ['kx'], suffixOfTs(0n))).to.equal(null);
    expect(firstConflictShared(reader, ['k', 'kx'], suffixOfTs(0xf000_0000_0000_0000n))).to.equal(
      null,
    );
    expect(firstConflictShared(reader, ['kx', 'k'], suffixOfTs(5n))).to.equal('kx');
    expect(firstConflictEach(reader, ['kx', 'k'], suffixOfTs(5n))).to.equal('k');
  });

  for (const [listed, steps] of [
    [1023, 64],
    [1024, 16],
  ] as const) {
    it(`walks at most ${steps} raw keys with ${listed} keys listed`, () => {
      // k@s sort between the first place of kx and its version; `between` of them are stepped over.
      const conflictWith = (between: number): string | null => {
        const rows: Row[] = [['kx', T]];
        const top = 0x87ff_ffff_ffff_ff00n;
        for (let i = 0; i < between; i++) rows.push(['k', top - BigInt(i)]);
        const keys = ['kx', 'k', ...Array<string>(listed - 2).fill('k')];
        const reader = new VersionReader(storeOf(rows), null);
        const found = firstConflictShared(reader, keys, suffixOfTs(5n));
        return found;
      };
      expect(conflictWith(steps - 1)).to.equal('kx');
      expect(conflictWith(steps)).to.equal('k');
    });
  }
});

describe('opening scan', () => {
  it('finds the highest timestamp, operational, auxiliary and short keys left out', async () => {
    const store = storeOf(
      [
        ['a', 7n],
        ['b', 9n],
        ['b', 3n],
        ['!s3|chunkblob|x', 50n],
        ['!s3|chunk', 8n],
        ['!txn|lock|a', 6n],
      ],
      [LAST_COMMIT_TS_KEY, '!encryption|writers|\0\0\0\x05|\xd4\xc0', 'short', '_meta_'],
    );
    const seen: number[] = [];
    const pace = { step: (bytes: number) => void seen.push(bytes) };
    expect(await scanLastCommitTs(store, pace)).to.equal(9n);
    const lengths = 9 * 3 + 23 + 17 + 19 + 20 + 27 + 5 + 6;
    expect(seen).to.deep.equal([lengths]);
  });

  it('counts keys that only begin like operational ones', () => {
    const scan = new LastCommitScan(storeOf([], [`${LAST_COMMIT_TS_KEY}\0`]));
    while (scan.step(1) >= 0);
    expect(scan.highest).to.not.equal(0n);
  });

  it('does not depend on the batches', () => {
    const key = fc.string({ unit: fc.constantFrom('!', '_', 'm', '\xff'), maxLength: 12 });
    const rows = fc.array(fc.tuple(key, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })));
    const independent = fc.property(rows, fc.integer({ min: 1, max: 9 }), (versions, batch) => {
      const highest = versions.reduce((max, [, ts]) => (ts > max ? ts : max), 0n);
      const scan = new LastCommitScan(storeOf(versions));
      while (scan.step(batch) >= 0);
      expect(scan.highest).to.equal(highest);
    });
    fc.assert(independent);
  });

  it('raises the metadata, also where absent, and never lowers it', () => {
    const store = storeOf([]);
    expect(raiseLastCommitTs(store, 0n)).to.equal(false);
    expect(store.get(LAST_COMMIT_TS_KEY)).to.equal(undefined);
    expect(raiseLastCommitTs(store, 9n)).to.equal(true);
    expect(readMeta(store, LAST_COMMIT_TS_KEY)).to.equal(9n);
    store.put(LAST_COMMIT_TS_KEY, encodeMetaValue(20n));
    expect(raiseLastCommitTs(store, 19n)).to.equal(false);
  });
});
