import { expect } from 'chai';
import fc from 'fast-check';
import { DISPOSITIONS, type RequestRecord } from '../../../src/lib/engine/boot-report.js';
import {
  EntryPacker,
  EntryUnpacker,
  PIECE_BYTES,
  type PackedEntries,
} from '../../../src/lib/replay/packed-entries.js';
import type { DraftDetail, DraftRecord } from '../../../src/lib/replay/replay-record.js';

type Entry = readonly [DraftRecord, DraftDetail];

/** As between two threads: pieces are cloned, and their memory comes back. */
function roundTrip(entries: readonly Entry[]): { arrived: Entry[]; pieces: number } {
  const arrived: Entry[] = [];
  const spare: ArrayBuffer[] = [];
  let pieces = 0;
  const unpacker = new EntryUnpacker({
    take: (record, detail) => {
      arrived.push([record, { ...detail, payload: detail.payload && detail.payload.slice() }]);
    },
  });
  const packer = new EntryPacker((piece: PackedEntries) => {
    pieces++;
    const there = structuredClone(piece, { transfer: [piece.memory] });
    expect(piece.memory.byteLength, 'the memory has gone').to.equal(0);
    unpacker.unpack(there);
    new Uint8Array(there.memory).fill(0xee);
    spare.push(there.memory);
    return pieces % 3 === 0 ? spare.pop() : undefined;
  });
  for (const [record, detail] of entries) packer.take({ ...record }, { ...detail });
  packer.finish();
  packer.finish();
  return { arrived, pieces };
}

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const word = fc.constantFrom('ErrTxnLocked', 'ErrInvalidRequest', 'a"b\n', 'ü');
/** Mostly null: what is not null takes another way. */
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 2, nil: null });

const request: fc.Arbitrary<RequestRecord> = fc.record({
  phase: fc.constantFrom('raw', 'none', 'prepare', 'commit', 'abort', 'unknown'),
  ts: u64,
  commitTs: orNull(u64),
  mutations: fc.integer({ min: 0, max: 0xffff_ffff }),
  error: seldom(word),
  errorNames: fc.constantFrom([], ['ErrTxnLocked', 'codes.Aborted']),
  errorKeyHex: seldom(fc.constant('6b')),
  keyHex: orNull(fc.uint8Array({ maxLength: 70 }).map((key) => Buffer.from(key).toString('hex'))),
});

const record: fc.Arbitrary<DraftRecord> = fc.record({
  index: u64,
  term: u64,
  file: orNull(fc.constantFrom('wal/a.wal', 'wal/b.wal', 'entries ü "')),
  offset: orNull(fc.maxSafeNat()),
  entryType: fc.constantFrom('normal', 'confChange', 'confChangeV2', 'unknown'),
  committed: orNull(fc.boolean()),
  disposition: orNull(fc.constantFrom(...DISPOSITIONS)),
  told: fc.boolean(),
  applied: fc.boolean(),
  tag: orNull(fc.constantFrom('single', 'batch', 'lease', 'legacy')),
  proposalId: orNull(u64),
  wrapped: fc.boolean(),
  payloadLength: fc.constant(null),
  payloadSha256: fc.constant(null),
  requests: fc.array(request, { maxLength: 4 }),
  error: seldom(word),
  errorNames: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.constant(['ErrX'])),
  ceilingMs: orNull(fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), u64)),
});

const detail: fc.Arbitrary<DraftDetail> = fc.record({
  payload: orNull(fc.uint8Array({ maxLength: 50 })),
  change: seldom(
    fc.constant({ transition: 1, changes: [{ type: 0, nodeId: 7n }], context: undefined }),
  ),
  members: seldom(fc.constant([{ id: 'n1', address: 'n1:1', suffrage: 'voter' as const }])),
  encryption: fc.constant(null),
  overwrittenBy: seldom(fc.constant({ segment: 's', offset: 5 })),
  onlyRead: fc.boolean(),
  unreadable: seldom(fc.constant('does not unwrap')),
});

const entry: fc.Arbitrary<Entry> = fc
  .tuple(record, detail)
  .map(([r, d]) => [{ ...r, payloadLength: d.payload?.length ?? null }, d]);

describe('replay: packed entries', () => {
  it('arrive as they were packed', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        expect(roundTrip(entries).arrived).to.deep.equal(entries);
      }),
      { numRuns: 500 },
    );
  });

  it('arrive in order, piece behind piece, whatever their size', () => {
    const [first] = fc.sample(entry, { numRuns: 1, seed: 1 });
    const [plain, rest] = first!;
    const sizes = [0, 1, 7, 8, 9, 70_000, PIECE_BYTES - 65, PIECE_BYTES, 3 * PIECE_BYTES + 5];
    const entries = Array.from({ length: 300 }, (_, i): Entry => {
      const payload = new Uint8Array(sizes[i % sizes.length]!).fill(i);
      return [
        { ...plain, index: BigInt(i), payloadLength: payload.length },
        { ...rest, payload },
      ];
    });
    const { arrived, pieces } = roundTrip(entries);
    expect(arrived.length).to.equal(entries.length);
    for (const [i, [was, { payload }]] of arrived.entries()) {
      expect(was.index).to.equal(BigInt(i));
      expect(Buffer.compare(payload!, entries[i]![1].payload!), `entry ${i}`).to.equal(0);
    }
    expect(pieces).to.be.greaterThan(90);
  });

  it('a conf change leaves its borrowed context behind', () => {
    const [first] = fc.sample(entry, { numRuns: 1, seed: 1 });
    const change = { transition: 0, changes: [], context: new Uint8Array(4) };
    const { arrived } = roundTrip([[first![0], { ...first![1], change }]]);
    expect(arrived[0]![1].change).to.deep.equal({ ...change, context: undefined });
  });
});
