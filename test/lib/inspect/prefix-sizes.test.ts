import { expect } from 'chai';
import fc from 'fast-check';
import { PrefixSizes } from '../../../src/lib/inspect/prefix-sizes.js';

interface Row {
  readonly userKey: string;
  readonly ts: number;
  readonly flags: number;
  readonly body: number;
}

const rows = fc.array(
  fc.record({
    userKey: fc.stringMatching(/^[a-c|:/]{0,6}$/),
    ts: fc.integer({ min: 0, max: 5 }),
    flags: fc.constantFrom(0, 1, 2),
    body: fc.integer({ min: 0, max: 20 }),
  }),
);

function rawOf({ userKey, ts }: Row): Buffer {
  const suffix = Buffer.alloc(8, 0xff);
  suffix[7] = 0xff - ts;
  return Buffer.concat([Buffer.from(userKey), suffix]);
}

function prefixOf(userKey: string, depth: number): string {
  const parts = userKey.match(/[^|:/]*[|:/]/g) ?? [];
  return parts.slice(0, depth).join('');
}

describe('inspect: bytes by prefix', () => {
  it('agrees with a plain model, and every byte is in exactly one place', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3 }), (list, depth) => {
        const pairs = new Map<string, Row>();
        for (const row of list) pairs.set(rawOf(row).toString('latin1'), row);
        const sorted = [...pairs.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
        const sizes = new PrefixSizes(depth);
        const model = new Map<string, { bytes: number; live: number; keys: Set<string> }>();
        const seen = new Set<string>();
        for (const [raw, row] of sorted) {
          const value = Buffer.alloc(9 + row.body);
          value[0] = row.flags;
          sizes.add(Buffer.from(raw, 'latin1'), value);
          const prefix = prefixOf(row.userKey, depth);
          const entry = model.get(prefix) ?? { bytes: 0, live: 0, keys: new Set() };
          entry.bytes += raw.length + value.length;
          const isNewest = !seen.has(row.userKey);
          if (isNewest && row.flags !== 1) entry.live += raw.length + value.length;
          entry.keys.add(row.userKey);
          seen.add(row.userKey);
          model.set(prefix, entry);
        }
        const found = sizes.list();
        expect(found.length).to.equal(model.size);
        for (const size of found) {
          const entry = model.get(Buffer.from(size.prefix).toString('latin1'))!;
          expect([size.bytes, size.liveBytes, size.userKeys]).to.deep.equal([
            entry.bytes,
            entry.live,
            entry.keys.size,
          ]);
          expect(size.liveBytes + size.oldBytes + size.tombstoneBytes).to.equal(size.bytes);
        }
      }),
    );
  });

  it('keeps store metadata and the writer registry apart', () => {
    const sizes = new PrefixSizes(1);
    sizes.add(Buffer.from('!encryption|writers|\0\0\0\x01|\0\x02', 'latin1'), Buffer.alloc(10));
    sizes.add(Buffer.from('_meta_applied_index'), Buffer.alloc(8));
    expect(sizes.list().map(({ special }) => special)).to.deep.equal([
      'writer registry',
      'store metadata',
    ]);
  });
});
