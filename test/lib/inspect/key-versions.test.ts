/** Versions of a key among keys that begin alike or are longer (spec/mvcc-store.md §1). */
import { expect } from 'chai';
import fc from 'fast-check';
import { fromByteString, type ByteString } from '../../../src/lib/bytes/byte-string.js';
import { keyVersions } from '../../../src/lib/inspect/key-versions.js';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import { suffixOfTs } from '../../../src/lib/mvcc/version-key.js';

const PUT = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7);
const TOMBSTONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0);

function viewOf(pairs: ReadonlyMap<ByteString, Uint8Array>): MemoryView {
  return new MemoryView(pairs);
}

describe('versions of a key', () => {
  it('are all there are, the newest first, whatever stands between them', () => {
    const key = fc.string({ unit: fc.constantFrom('a', '\0', '\xff'), maxLength: 11 });
    const rows = fc.array(fc.tuple(key, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })));
    fc.assert(
      fc.property(rows, key, (all, wanted) => {
        const pairs = new Map(all.map(([user, ts]) => [user + suffixOfTs(ts), PUT]));
        const found = keyVersions(viewOf(pairs), fromByteString(wanted)).versions;
        const raw = [...pairs.keys()].filter(
          (each) => each.length === wanted.length + 8 && each.startsWith(wanted),
        );
        expect(found.map(({ ts }) => wanted + suffixOfTs(ts))).to.deep.equal(raw.sort());
      }),
    );
  });

  it('say what is stored, and a value that cannot be read says so', () => {
    const sealed = Uint8Array.of(2, 5, 0, 0, 0, 0, 0, 0, 0, ...new Uint8Array(40));
    const view = viewOf(
      new Map([
        [`k${suffixOfTs(1n)}`, PUT],
        [`k${suffixOfTs(2n)}`, TOMBSTONE],
        [`k${suffixOfTs(3n)}`, sealed],
        [`k${suffixOfTs(4n)}`, Uint8Array.of(8)],
      ]),
    );
    const { versions } = keyVersions(view, fromByteString('k'));
    const shown = versions.map(({ ts, tombstone, encrypted, expireAt, bytes, fault }) =>
      [ts, tombstone, encrypted, expireAt, bytes, fault !== null].join(' '),
    );
    expect(shown).to.deep.equal([
      '4 false false 0 1 true',
      '3 false true 5 40 false',
      '2 true false 0 0 false',
      '1 false false 0 2 false',
    ]);
  });

  it('know a lock by its newest version', () => {
    const lock = `!txn|lock|k${suffixOfTs(5n)}`;
    const released = `!txn|lock|k${suffixOfTs(6n)}`;
    const key = fromByteString('k');
    expect(keyVersions(viewOf(new Map([[lock, PUT]])), key).locked).to.equal(true);
    const after = new Map([
      [lock, PUT],
      [released, TOMBSTONE],
    ]);
    expect(keyVersions(viewOf(after), key).locked).to.equal(false);
    expect(keyVersions(viewOf(new Map()), key).locked).to.equal(false);
  });
});
