import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { KeyFilter } from '../../../src/lib/kv/key-filter.js';
import { OverlayStore } from '../../../src/lib/kv/overlay.js';
import { MemoryView } from '../../../src/lib/kv/memory-view.js';
import { VersionReader } from '../../../src/lib/mvcc/version-reader.js';

const keys = fc.uniqueArray(fc.uint8Array({ maxLength: 24 }), {
  maxLength: 40,
  selector: toByteString,
});

describe('kv: key filter', () => {
  it('never denies a raw key or its user key, added as bytes or as a string', () => {
    fc.assert(
      fc.property(keys, fc.boolean(), fc.constantFrom(0, 1, 9e7, 1e15), (added, asBytes, size) => {
        const filter = new KeyFilter(size);
        for (const key of added) {
          if (asBytes) filter.addBytes(key);
          else filter.add(toByteString(key));
        }
        for (const key of added) {
          const raw = toByteString(key);
          expect(filter.mayHold(raw)).to.equal(true);
          if (raw.length < 8) continue;
          expect(filter.mayHoldVersionsOf(raw.slice(0, -8))).to.equal(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('denies nearly every key that was not added', () => {
    const filter = new KeyFilter(100_000 * 250);
    for (let i = 0; i < 100_000; i++) filter.add(`user/${i}/profile12345678`);
    let wrong = 0;
    for (let i = 100_000; i < 200_000; i++) {
      if (filter.mayHoldVersionsOf(`user/${i}/profile`)) wrong++;
      if (filter.mayHold(`user/${i}/profile12345678`)) wrong++;
    }
    expect(wrong).to.be.lessThan(1000);
  });

  it('changes no answer of a reader, before and after puts', () => {
    const version = fc.tuple(fc.constantFrom('', 'a', 'ab', 'abc', 'b\0', '_c', 'lock'), fc.nat(3));
    fc.assert(
      fc.property(fc.array(version), fc.array(version), (base, puts) => {
        const raw = ([key, n]: [string, number]): string => `${key}\0\0\0\0\0\0\0${String(n)}`;
        const view = new MemoryView(base.map((each) => [raw(each), Uint8Array.of(0)] as const));
        const plain = new OverlayStore(view);
        const filtered = new OverlayStore(view);
        const filter = new KeyFilter();
        for (const key of view.keys) filter.add(key);
        for (const [i, each] of puts.entries()) {
          if (i === puts.length >> 1) filtered.useFilter(filter);
          plain.put(raw(each), Uint8Array.of(1));
          filtered.put(raw(each), Uint8Array.of(1));
        }
        const a = new VersionReader(plain, null);
        const b = new VersionReader(filtered, null);
        const probes = ['', 'a', 'ab', 'abc', 'abcd', 'b\0', '_c', 'lock', 'c'];
        for (const startTs of ['\0\0\0\0\0\0\0' + '0', '\0\0\0\0\0\0\0' + '2', '\xff'.repeat(8)]) {
          for (const key of probes) {
            const found = a.latest(key);
            if (found === null || found >= startTs) continue;
            expect(filtered.mayHoldLater([key], startTs), key).to.equal(true);
          }
        }
        for (const key of ['', 'a', 'ab', 'abc', 'abcd', 'b\0', 'b', 'lock', 'c']) {
          expect(b.latest(key)).to.equal(a.latest(key));
          for (let n = 0; n < 4; n++) {
            const suffix = `\0\0\0\0\0\0\0${String(n)}`;
            expect(b.hasExactly(key, suffix)).to.equal(a.hasExactly(key, suffix));
          }
        }
      }),
    );
  });
});
