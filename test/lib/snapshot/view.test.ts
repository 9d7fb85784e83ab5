import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { IoError, UnsupportedError } from '../../../src/lib/core/errors.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { EMPTY_VIEW } from '../../../src/lib/snapshot/view/empty-view.js';
import { FullIndexBuilder } from '../../../src/lib/snapshot/view/full-index.js';
import { OverrideView } from '../../../src/lib/snapshot/view/override-view.js';
import { PagedReader } from '../../../src/lib/snapshot/view/paged-reader.js';
import { SparseIndex } from '../../../src/lib/snapshot/view/sparse-index.js';
import { hexOf, latin1, pairsOf } from './build.js';

describe('views of a payload', () => {
  it('read the same bytes through pages of any size', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7);
    const ask = fc.tuple(fc.nat(199), fc.nat(60));
    const asks = fc.array(ask, { maxLength: 30 });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 70 }), (asks, pageBytes) => {
        const reader = new PagedReader(new MemorySource('m', bytes), pageBytes, 3);
        const held: [Uint8Array, string][] = [];
        for (const [offset, length] of asks) {
          const n = Math.min(length, 200 - offset);
          held.push([reader.bytes(offset, n), hexOf(bytes.subarray(offset, offset + n))]);
        }
        // What was handed out stays, even when its page has been dropped.
        for (const [got, want] of held) expect(hexOf(got)).to.equal(want);
      }),
    );
  });

  it('do not read past a source that is no longer what was walked', () => {
    const reader = new PagedReader(new MemorySource('m', Buffer.alloc(10)));
    expect(() => reader.bytes(5, 6)).to.throw(IoError, 'no longer holds');
  });

  it('keep a bounded number of marks, and always one at or before a key', () => {
    const index = new SparseIndex(10, 8);
    for (let i = 0; i < 1000; i++) {
      index.add(i * 5, latin1(String(i).padStart(4, '0')));
      expect(index.marks).to.be.at.most(8);
    }
    for (let i = 0; i < 1000; i++) {
      const offset = index.before(String(i).padStart(4, '0'));
      expect(offset).to.be.at.most(i * 5);
      expect(i * 5 - offset!).to.be.at.most(5000 / 3);
    }
    expect(index.before('000')).to.equal(undefined);
  });

  it('refuse to hold more keys than memory should', () => {
    const full = new FullIndexBuilder('f', 200);
    full.add(0, latin1('a'));
    full.add(9, latin1('a'));
    expect(() => {
      for (let i = 0; i < 9; i++) full.add(i, latin1(`b${i}`));
    }).to.throw(UnsupportedError, 'out of order');
  });

  it('override and delete pairs as a map would', () => {
    const key = fc.uint8Array({ maxLength: 2, max: 3 }).map((b) => toByteString(b));
    const base = fc.array(key, { maxLength: 12 });
    const over = fc.array(fc.tuple(key, fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(base, over, fc.array(key), (baseKeys, overrides, targets) => {
        const full = new FullIndexBuilder('f');
        baseKeys.forEach((k) => full.add(0, latin1(k)));
        const values = new Map(overrides.map(([k, keep]) => [k, keep ? latin1('o') : undefined]));
        const view = new OverrideView(
          full.build(() => latin1('b')),
          values,
        );
        const want = new Map(baseKeys.map((k) => [hexOf(latin1(k)), hexOf(latin1('b'))]));
        for (const [k, v] of values) {
          if (v) want.set(hexOf(latin1(k)), hexOf(v));
          else want.delete(hexOf(latin1(k)));
        }
        const sorted = [...want].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(pairsOf(view)).to.deep.equal(sorted);
        const cursor = view.cursor();
        for (const target of targets) {
          const name = hexOf(latin1(target));
          const at = sorted.findIndex(([k]) => k >= name);
          expect(cursor.seek(target)).to.equal(at >= 0);
          if (at >= 0) expect(hexOf(cursor.key)).to.equal(sorted[at]![0]);
          const value = view.get(target);
          expect(value && hexOf(value)).to.equal(want.get(name));
        }
      }),
    );
  });

  it('are empty where there is nothing', () => {
    expect(pairsOf(EMPTY_VIEW)).to.deep.equal([]);
    expect(EMPTY_VIEW.get('a')).to.equal(undefined);
  });
});
