import { expect } from 'chai';
import fc from 'fast-check';
import { fromByteString, toByteString } from '../../../src/lib/bytes/byte-string.js';
import type { KvView } from '../../../src/lib/kv/kv-view.js';
import { checkFsm, type FsmCheck } from '../../../src/lib/snapshot/crc-check.js';
import {
  be64,
  expectedPairs,
  hexOf,
  latin1,
  le64,
  mvccBody,
  mvccStream,
  pairsOf,
  pebblePair,
  pebbleStream,
  sourceOf,
  type Pair,
} from './build.js';

const LAST = '_meta_last_commit_ts';

function restore(payload: Uint8Array, chunkBytes?: number): Promise<FsmCheck> {
  const size = chunkBytes === undefined ? {} : { chunkBytes };
  return checkFsm(sourceOf(payload), { mode: 'restore', container: false, ...size });
}

async function failureOf(payload: Uint8Array): Promise<string> {
  const { failure, restored } = await restore(payload);
  expect(restored === undefined).to.equal(failure !== undefined);
  return failure === undefined ? 'passes' : `${failure.nodeErrors.join()}|${failure.text}`;
}

/** Every way of looking at a view must agree with the expected pairs. */
function expectView(view: KvView, pairs: readonly [string, string][]): void {
  expect(pairsOf(view)).to.deep.equal(pairs);
  const cursor = view.cursor();
  expect(cursor.valid).to.equal(false);
  for (const [i, [key, value]] of pairs.entries()) {
    const name = toByteString(Buffer.from(key, 'hex'));
    expect(hexOf(view.get(name)!)).to.equal(value);
    expect(view.get(`${name}\0`) === undefined).to.equal(pairs[i + 1]?.[0] !== `${key}00`);
    expect(cursor.seek(name)).to.equal(true);
    expect(hexOf(cursor.key)).to.equal(key);
    expect(hexOf(cursor.value)).to.equal(value);
    expect(cursor.seek(`${name}\0`)).to.equal(i + 1 < pairs.length);
    if (cursor.valid) expect(hexOf(cursor.key)).to.equal(pairs[i + 1]![0]);
  }
  expect(cursor.seek('\xff'.repeat(60))).to.equal(false);
  expect(cursor.valid).to.equal(false);
}

const pairArb = fc.tuple(
  fc.uint8Array({ maxLength: 12 }).map((b) => toByteString(b)),
  fc.uint8Array({ maxLength: 20 }),
);

describe('store payload', () => {
  describe('magic', () => {
    it('is an empty store when nothing is left', async () => {
      const { restored } = await restore(Buffer.alloc(0));
      expect(restored).to.deep.include({ kind: 'empty' });
      expect(restored?.meta).to.deep.include({ lastCommitTs: 0n, minRetainedTs: 0n });
      expectView(restored!.view!, [
        [hexOf(latin1(LAST)), '00'.repeat(8)],
        [hexOf(latin1('_meta_min_retained_ts')), '00'.repeat(8)],
      ]);
    });

    it('is partial with 1 to 7 bytes', async () => {
      for (let n = 1; n < 8; n++) {
        const failure = await failureOf(latin1('EKVPBBL1').subarray(0, n));
        expect(failure).to.equal('|truncated snapshot: partial magic header');
      }
    });

    it('is unknown when it is none of three', async () => {
      for (const magic of ['EKVPBBL2', 'EKVMVCC1', 'EKVSSTI0', 'xxxxxxxxxxxx']) {
        const failure = await failureOf(latin1(magic));
        expect(failure).to.equal('|unrecognized snapshot format: unknown magic header');
      }
    });
  });

  describe('EKVPBBL1', () => {
    const first = pebbleStream([['key', latin1('value')]]);

    it('may end at the border of a pair only, and names every other end', async () => {
      // magic 8, lastCommitTS 8, keyLen 8, key 3, valueLen 8, value 5
      const borders = [8, 24, 27, 35];
      const whole = [16, first.length];
      for (let n = 8; n <= first.length; n++) {
        const want = whole.includes(n)
          ? 'passes'
          : borders.includes(n)
            ? '|EOF'
            : 'UnexpectedEOF|unexpected EOF';
        expect(await failureOf(first.subarray(0, n)), `${n} bytes`).to.equal(want);
      }
    });

    it('limits keys to 1 MiB + 8 and values to 256 MiB + 43, before it reads them', async () => {
      const head = pebbleStream([]);
      const key = (1 << 20) + 8;
      const big = Buffer.concat([head, le64(key), Buffer.alloc(key), le64(0)]);
      expect(await failureOf(big)).to.equal('passes');
      for (const length of [BigInt(key + 1), 2n ** 53n, 2n ** 64n - 1n]) {
        expect(await failureOf(Buffer.concat([head, le64(length)]))).to.equal(
          `ErrSnapshotKeyTooLarge|length ${length} > 1048584: snapshot key too large`,
        );
      }
      const value = (length: bigint): Buffer => Buffer.concat([head, le64(0), le64(length)]);
      expect(await failureOf(value(268435499n))).to.equal('|EOF');
      expect(await failureOf(value(268435500n))).to.equal(
        'ErrValueTooLarge|length 268435500 > 268435499: value too large',
      );
      expect(await failureOf(value(2n ** 63n))).to.contain('ErrValueTooLarge|');
    });

    it('overwrites the last commit timestamp with that of the head', async () => {
      const pairs: Pair[] = [
        ['_meta_applied_index', le64(40)],
        [LAST, le64(5)],
        ['_meta_min_retained_ts', Buffer.of(1, 2)],
      ];
      const { restored } = await restore(pebbleStream(pairs, 2n ** 64n - 1n));
      expect(restored?.meta).to.deep.equal({
        lastCommitTs: 2n ** 64n - 1n,
        minRetainedTs: undefined,
        pendingMinRetainedTs: undefined,
        appliedIndex: 40n,
      });
      expectView(restored!.view!, expectedPairs(pairs, [[LAST, le64(2n ** 64n - 1n)]]));
    });

    it('counts what the rows are', async () => {
      const version = (userKey: string, ts: bigint): string =>
        userKey + be64(2n ** 64n - 1n - ts).toString('latin1');
      const value = (flags: number): Buffer => Buffer.concat([Buffer.of(flags), Buffer.alloc(10)]);
      const pairs: Pair[] = [
        [`!encryption|writers|\0\0\0\x05|\xab\xcd`, Buffer.alloc(4)],
        [version('!s3|chunkblob|x', 900n), value(0)],
        [version('!txn|lock|k', 20n), value(1)],
        [version('!txn|lock|m', 30n), value(2)],
        ['_meta_applied_index', le64(40)],
        [version('a', 50n), value(0)],
        [version('a', 40n), value(2)],
        [version('b', 60n), value(8)],
        [version('c', 60n), Buffer.alloc(8)],
        ['short', value(0)],
      ];
      const { restored } = await restore(pebbleStream(pairs));
      expect(restored?.rows).to.deep.include({
        pairs: 10,
        meta: 1,
        writers: 1,
        short: 1,
        versions: 7,
        userKeys: 6,
        tombstones: 1,
        encrypted: 2,
        unreadable: 2,
        locks: 1,
      });
      expect(restored?.highestTs).to.equal(60n);
      expect(restored?.unorderedOffset).to.equal(undefined);
    });

    it('looks like a map of its pairs, in whatever order they come', async () => {
      const property = fc.asyncProperty(
        fc.array(pairArb, { maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 64 }),
        async (pairs, sort, chunkBytes) => {
          if (sort) {
            const map = new Map(pairs);
            pairs = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
          }
          const { restored } = await restore(pebbleStream(pairs, 77n), chunkBytes);
          if (sort) expect(restored?.unorderedOffset).to.equal(undefined);
          expectView(restored!.view!, expectedPairs(pairs, [[LAST, le64(77)]]));
        },
      );
      await fc.assert(property, { numRuns: 60 });
    });

    it('says where the order breaks, and lets the last of equal keys win', async () => {
      const pairs: Pair[] = [
        ['b', latin1('1')],
        ['b', latin1('2')],
        ['a', latin1('3')],
      ];
      const { restored } = await restore(pebbleStream(pairs));
      expect(restored?.unorderedOffset).to.equal(16 + pebblePair('b', latin1('1')).length);
      expectView(restored!.view!, expectedPairs(pairs, [[LAST, le64(7)]]));
    });

    it('is looked at through marks and pages when it is long', async () => {
      const pairs: Pair[] = [];
      for (let i = 0; i < 4000; i++) {
        const length = i % 500 === 0 ? 200_000 : i % 90;
        pairs.push([`key${String(i).padStart(6, '0')}`, Buffer.alloc(length, i)]);
      }
      const { restored } = await restore(pebbleStream(pairs));
      const view = restored!.view!;
      expect(pairsOf(view).length).to.equal(pairs.length + 1);
      const cursor = view.cursor();
      for (let i = 3999; i >= 0; i -= 7) {
        const [key, value] = pairs[i]!;
        expect(cursor.seek(key)).to.equal(true);
        expect(Buffer.compare(cursor.value, value)).to.equal(0);
        expect(Buffer.compare(view.get(key)!, value)).to.equal(0);
        expect(view.get(`${key}x`)).to.equal(undefined);
      }
    });
  });

  describe('EKVMVCC2', () => {
    const body = mvccBody([
      [
        'k',
        [
          { ts: 5n, value: 'old' },
          { ts: 9n, value: 'new', expireAt: 3n },
        ],
      ],
      ['l', [{ ts: 7n, tombstone: 200, value: '' }]],
    ]);

    it('becomes raw pairs: flags, expireAt, body, newest first', async () => {
      const { restored, failure } = await restore(mvccStream(body));
      expect(failure).to.equal(undefined);
      expect(restored?.meta).to.deep.equal({
        lastCommitTs: 9n,
        minRetainedTs: 3n,
        pendingMinRetainedTs: undefined,
        appliedIndex: undefined,
      });
      expectView(restored!.view!, [
        [hexOf(latin1(LAST)), '0900000000000000'],
        [hexOf(latin1('_meta_min_retained_ts')), '0300000000000000'],
        ['6bfffffffffffffff6', '000300000000000000' + hexOf(latin1('new'))],
        ['6bfffffffffffffffa', '000000000000000000' + hexOf(latin1('old'))],
        ['6cfffffffffffffff8', '010000000000000000'],
      ]);
      expect(restored?.rows).to.deep.include({ versions: 3, userKeys: 2, tombstones: 1 });
      expect(restored?.highestTs).to.equal(9n);
    });

    it('checks version, then the body, then the checksum', async () => {
      expect(await failureOf(mvccStream(body, 2, 1))).to.equal(
        '|unsupported mvcc snapshot version 2',
      );
      expect(await failureOf(mvccStream(body, 2).subarray(0, 12))).to.equal(
        '|unsupported mvcc snapshot version 2',
      );
      expect(await failureOf(mvccStream(body, 1, 1))).to.equal(
        'ErrInvalidChecksum|invalid checksum',
      );
      expect(await failureOf(mvccStream(body.subarray(0, -1), 1, 1))).to.equal(
        'UnexpectedEOF|unexpected EOF',
      );
    });

    it('names every truncation', async () => {
      const stream = mvccStream(body);
      // Borders of fields, by walking the format: head, then per key and version.
      const keyBorders = new Set<number>([32]);
      const borders = new Set<number>([8, 12, 16, 24]);
      let at = 32;
      const field = (n: number): void => {
        borders.add(at);
        at += n;
      };
      for (const lengths of [[3, 3], [0]]) {
        for (const n of [8, 1, 8]) field(n);
        for (const length of lengths) for (const n of [8, 1, 8, 8, length]) field(n);
        keyBorders.add(at);
      }
      expect(at).to.equal(stream.length);
      for (let n = 8; n < stream.length; n++) {
        const want = keyBorders.has(n)
          ? 'ErrInvalidChecksum|invalid checksum'
          : borders.has(n)
            ? '|EOF'
            : 'UnexpectedEOF|unexpected EOF';
        expect(await failureOf(stream.subarray(0, n)), `${n} bytes`).to.equal(want);
      }
    });

    it('limits user keys, versions and values on the spot', async () => {
      const start = mvccBody([]);
      const of = (...parts: Buffer[]): Promise<string> =>
        failureOf(mvccStream(Buffer.concat([start, ...parts]), 1, 0));
      expect(await of(le64((1 << 20) + 1))).to.contain('ErrSnapshotKeyTooLarge|length 1048577 >');
      expect(await of(le64(0), le64((1 << 20) + 1))).to.contain(
        'ErrSnapshotVersionCountTooLarge|length 1048577 >',
      );
      expect(await of(le64(0), le64(1 << 20))).to.equal('|EOF');
      const version = Buffer.alloc(17);
      expect(await of(le64(0), le64(1), version, le64((256 << 20) + 1))).to.contain(
        'ErrValueTooLarge|length 268435457 > 268435456: value too large',
      );
      expect(await of(le64(0), le64(1), version, le64(256 << 20))).to.equal('|EOF');
    });

    it('gives the same store for every chunk size', async () => {
      const stream = mvccStream(body);
      const want = pairsOf((await restore(stream)).restored!.view!);
      for (const chunkBytes of [1, 2, 5, 13, 31, 64]) {
        const { restored } = await restore(stream, chunkBytes);
        expect(pairsOf(restored!.view!)).to.deep.equal(want);
      }
    });
  });

  it('carries a public code for each fault', async () => {
    const head = pebbleStream([]);
    const body = mvccBody([]);
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['fsm-payload-partial-magic', latin1('EKV')],
      ['fsm-payload-unknown-magic', latin1('EKVSSTI2')],
      ['fsm-payload-cut', head.subarray(0, 9)],
      ['fsm-key-too-large', Buffer.concat([head, le64(1 << 30)])],
      ['fsm-value-too-large', Buffer.concat([head, le64(0), le64(1 << 30)])],
      ['fsm-mvcc-version', mvccStream(body, 3)],
      ['fsm-mvcc-checksum', mvccStream(body, 1, 0)],
      ['fsm-versions-too-many', mvccStream(Buffer.concat([body, le64(0), le64(1 << 30)]))],
    ];
    for (const [code, payload] of cases) {
      const { failure } = await restore(payload);
      expect(failure).to.deep.include({ code, stage: 'payload' });
      expect(failure?.site?.offset).to.be.at.most(payload.length);
    }
  });

  it('never fails by anything but a fault, whatever bytes are flipped', async () => {
    const streams = [
      pebbleStream([
        ['a', latin1('1')],
        ['b', latin1('2')],
      ]),
      mvccStream(mvccBody([['k', [{ ts: 5n, value: 'v' }]]])),
    ];
    const property = fc.asyncProperty(
      fc.constantFrom(...streams),
      fc.nat(),
      fc.nat(255),
      async (stream, at, byte) => {
        const bytes = Buffer.from(stream);
        bytes[at % bytes.length] = byte;
        const { failure, restored } = await restore(bytes);
        expect(failure === undefined).to.equal(restored !== undefined);
        if (restored) for (const [key] of pairsOf(restored.view!)) fromByteString(key);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});
