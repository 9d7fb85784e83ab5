import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { EMPTY_VIEW, MemoryView } from '../../../src/lib/kv/memory-view.js';
import { OverlayStore, WriteBatch } from '../../../src/lib/kv/overlay.js';

type Model = Map<string, number>;

const value = (n: number): Uint8Array => Uint8Array.of(n);
const sortedKeys = (model: Model): string[] => [...model.keys()].sort((a, b) => (a < b ? -1 : 1));

function storeOver(base: Model): OverlayStore {
  return new OverlayStore(new MemoryView([...base].map(([key, n]) => [key, value(n)])));
}

function scan(store: OverlayStore, from: string | null): [string, number][] {
  const out: [string, number][] = [];
  const cursor = store.cursor();
  for (let on = from === null ? cursor.first() : cursor.seek(from); on; on = cursor.next()) {
    expect(toByteString(cursor.key)).to.equal(cursor.keyString);
    out.push([cursor.keyString, cursor.value[0]!]);
  }
  expect(cursor.valid).to.equal(false);
  return out;
}

/** Short keys over a small alphabet: neighbours, prefixes and repeats are the rule. */
const key = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), maxLength: 4 });
const small = fc.integer({ min: 1, max: 255 });
const model = fc.array(fc.tuple(key, small), { maxLength: 30 }).map((pairs) => new Map(pairs));
const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, n: small }),
  fc.record({ do: fc.constant('delete' as const), key, n: small }),
  fc.record({ do: fc.constant('seek' as const), key, n: small }),
  fc.record({ do: fc.constant('get' as const), key, n: small }),
);

describe('OverlayStore', () => {
  it('behaves as one ordered map, whatever is put, hidden and looked up in which order', () => {
    const sameAsMap = fc.property(model, fc.array(step, { maxLength: 60 }), (base, steps) => {
      const expected: Model = new Map(base);
      const store = storeOver(base);
      for (const { do: what, key, n } of steps) {
        if (what === 'put') {
          store.put(key, value(n));
          expected.set(key, n);
        } else if (what === 'delete') {
          store.delete(key);
          expected.delete(key);
        } else if (what === 'seek') {
          const next = sortedKeys(expected).find((other) => other >= key) ?? null;
          expect(store.seekKey(key)).to.equal(next);
        } else {
          expect(store.get(key)?.[0]).to.equal(expected.get(key));
        }
      }
      const pairs = sortedKeys(expected).map((key) => [key, expected.get(key)]);
      expect(scan(store, null)).to.deep.equal(pairs);
      expect(scan(store, 'a')).to.deep.equal(pairs.filter(([key]) => (key as string) >= 'a'));
    });
    fc.assert(sameAsMap, { numRuns: 500 });
  });

  it('keeps a cursor in place when changes happen around it', () => {
    const staysInOrder = fc.property(model, fc.array(step, { maxLength: 20 }), (base, steps) => {
      const store = storeOver(base);
      const now: Model = new Map(base);
      const cursor = store.cursor();
      cursor.first();
      for (const { do: what, key, n } of steps) {
        if (!cursor.valid) break;
        const at = cursor.keyString;
        if (what === 'put') now.set(key, n);
        if (what === 'put') store.put(key, value(n));
        if (what === 'delete') now.delete(key);
        if (what === 'delete') store.delete(key);
        cursor.next();
        const next = sortedKeys(now).find((other) => other > at);
        expect(cursor.valid ? cursor.keyString : undefined).to.equal(next);
      }
    });
    fc.assert(staysInOrder, { numRuns: 300 });
  });

  it('leaves the base as it was', () => {
    const base = new MemoryView([['k', value(1)]]);
    const store = new OverlayStore(base);
    store.put('k', value(2));
    store.delete('k');
    expect(base.get('k')).to.deep.equal(value(1));
    expect(store.get('k')).to.equal(undefined);
    expect(new OverlayStore(base).get('k')).to.deep.equal(value(1));
  });

  it('tells an empty value from a hidden key', () => {
    const store = new OverlayStore(EMPTY_VIEW);
    store.put('k', new Uint8Array(0));
    expect(store.get('k')).to.have.length(0);
    expect(store.seekKey('')).to.equal('k');
  });

  it('applies a batch in order, the later value of a key last', () => {
    const store = new OverlayStore(EMPTY_VIEW);
    const batch = new WriteBatch();
    batch.put('k', value(1));
    batch.put('j', value(2));
    batch.put('k', value(3));
    expect(store.get('k')).to.equal(undefined);
    store.apply(batch);
    expect(scan(store, null)).to.deep.equal([
      ['j', 2],
      ['k', 3],
    ]);
  });
});

describe('MemoryView', () => {
  it('orders by bytes and lets the later of two equal keys count', () => {
    const view = new MemoryView([
      ['\xff', value(1)],
      ['a', value(2)],
      ['\xff', value(3)],
    ]);
    expect(view.keys).to.deep.equal(['a', '\xff']);
    expect(view.get('\xff')).to.deep.equal(value(3));
    expect(view.get('b')).to.equal(undefined);
    const cursor = view.cursor();
    expect(cursor.valid).to.equal(false);
    expect(cursor.seek('b')).to.equal(true);
    expect(cursor.key).to.deep.equal(Buffer.of(0xff));
    expect(cursor.next()).to.equal(false);
  });
});
