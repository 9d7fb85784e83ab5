import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { concatBytes } from '../../../src/lib/bytes/write.js';
import { isVolatile, tagOf } from '../../../src/lib/fsm/payload.js';
import { decodeRaftCommand, decodeRequest } from '../../../src/lib/fsm/request-proto.js';
import { phaseWord, type Request } from '../../../src/lib/fsm/request.js';
import { delimited, encodeRequest, scalar, tag, varint } from './request-writer.js';
import { otherVectors } from './spec-vectors.js';

const of = (text: string): Uint8Array => unhex(text.replaceAll(' ', ''))!;
const requestOf = (...parts: Uint8Array[]): Request | null =>
  decodeRequest(concatBytes(...parts), 0);

const bytes = fc.uint8Array({ maxLength: 8 });
const key = bytes.map(toByteString);
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const mutation = fc.record({ op: i32, key, value: bytes });
const request: fc.Arbitrary<Request> = fc.record({
  isTxn: fc.boolean(),
  phase: i32,
  ts: u64,
  mutations: fc.array(mutation, { maxLength: 4 }),
  readKeys: fc.array(key, { maxLength: 3 }),
  observedRouteVersion: u64,
});
const unknown = fc.oneof(
  u64.map((value) => scalar(99, value)),
  bytes.map((value) => delimited(7, value)),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => concatBytes(tag(8, 1), value)),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((value) => concatBytes(tag(9, 5), value)),
  // Known numbers with another wire type.
  u64.map((value) => scalar(4, value)),
  bytes.map((value) => delimited(3, value)),
  bytes.map((value) => concatBytes(tag(1, 3), delimited(2, value), tag(1, 4))),
);

function plain(found: Request | null): unknown {
  return (
    found && {
      ...found,
      mutations: found.mutations.map(({ op, key, value }) => ({ op, key, value: hex(value) })),
    }
  );
}

describe('request protobuf', () => {
  it('reads the payloads of the vectors', () => {
    const vectors = otherVectors('payload').filter(({ out }) => out['protobuf'] !== undefined);
    expect(vectors).to.have.length(1);
    const found = decodeRequest(of(vectors[0]!.out['protobuf']!), 0);
    expect(plain(found)).to.deep.equal({
      isTxn: false,
      phase: 0,
      ts: 116654080000065536n,
      mutations: [
        { op: 0, key: 'k', value: '76' },
        { op: 1, key: 'gone', value: '' },
      ],
      readKeys: [],
      observedRouteVersion: 0n,
    });
    const batch = otherVectors('payload').find(({ name }) => name.startsWith('batch'))!;
    const command = decodeRaftCommand(of(batch.out['payload']!), 1)!;
    expect(command.map((one) => one.mutations[0]!.key)).to.deep.equal(['a', 'b']);
    const legacy = decodeRaftCommand(of(batch.out['legacy_payload']!), 0)!;
    expect(legacy.map(plain)).to.deep.equal(command.map(plain));
    const onePhase = otherVectors('payload').find(({ name }) => name.startsWith('one phase'))!;
    const txn = decodeRequest(of(onePhase.out['payload']!), 1)!;
    expect(txn).to.include({ isTxn: true, phase: 0, observedRouteVersion: 7n });
    expect(txn.readKeys).to.deep.equal(['r1']);
    expect(txn.mutations.map((m) => m.key)).to.deep.equal(['!txn|meta|pk', 'pk']);
  });

  it('round-trips, with unknown fields between', () => {
    const roundTrip = fc.property(request, unknown, unknown, (given, before, behind) => {
      const encoded = concatBytes(before, encodeRequest(given), behind);
      expect(plain(decodeRequest(encoded, 0))).to.deep.equal(plain(given));
      const command = concatBytes(delimited(1, encoded), delimited(1, encoded));
      expect(decodeRaftCommand(command, 0)!.map(plain)).to.deep.equal([plain(given), plain(given)]);
    });
    fc.assert(roundTrip, { numRuns: 300 });
  });

  it('yields a value or null for any bytes, and never reads past the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const padded = concatBytes(payload, new Uint8Array(16).fill(1)).subarray(0, payload.length);
        expect(plain(decodeRequest(padded, 0))).to.deep.equal(plain(decodeRequest(payload, 0)));
        decodeRaftCommand(padded, 0);
      }),
      { numRuns: 500 },
    );
  });

  it('fails at every cut that is not between two fields', () => {
    const encoded = encodeRequest({
      isTxn: true,
      phase: 1,
      ts: 1n << 63n,
      mutations: [{ op: 0, key: 'key', value: Buffer.from('value') }],
      readKeys: ['read'],
      observedRouteVersion: 3n,
    });
    const whole = Array.from({ length: encoded.length + 1 }, (_, length) => length).filter(
      (length) => decodeRequest(encoded.subarray(0, length), 0) !== null,
    );
    expect(whole).to.deep.equal([
      0,
      2,
      4,
      15,
      encoded.length - 8,
      encoded.length - 2,
      encoded.length,
    ]);
  });

  it('lets the last value of a scalar win and keeps strange enum values', () => {
    expect(requestOf(scalar(3, 1), scalar(3, 2))).to.include({ ts: 2n });
    expect(requestOf(scalar(2, 77))).to.include({ phase: 77 });
    expect(requestOf(scalar(2, 1n << 32n))).to.include({ phase: 0 });
    expect(requestOf(scalar(2, -1))).to.include({ phase: -1 });
    expect(requestOf(scalar(2, 0xffff_ffff))).to.include({ phase: -1 });
    expect(requestOf(scalar(1, 1n << 63n))).to.include({ isTxn: true });
    expect(requestOf(scalar(1, 1), scalar(1, 0))).to.include({ isTxn: false });
  });

  const varints: [string, string, boolean][] = [
    ['padding', '18 85 80 80 80 80 80 80 80 80 00', true],
    ['ten bytes, the tenth 1', '18 ff ff ff ff ff ff ff ff ff 01', true],
    ['ten bytes, the tenth 2', '18 ff ff ff ff ff ff ff ff ff 02', false],
    ['ten bytes that go on', '18 80 80 80 80 80 80 80 80 80 80 00', false],
    ['cut', '18 80', false],
    ['padded tag', '98 80 00 05', true],
  ];
  for (const [name, text, parses] of varints) {
    it(`varint: ${name} ${parses ? 'parses' : 'fails'}`, () => {
      expect(requestOf(of(text)) !== null).to.equal(parses);
    });
  }

  const tags: [string, Uint8Array, boolean][] = [
    ['number 0', of('00 00'), false],
    ['number 2^29-1', concatBytes(tag(2 ** 29 - 1, 0), of('00')), true],
    ['number 2^29', concatBytes(tag(2 ** 29, 0), of('00')), false],
    ['number 2^32 + 1', concatBytes(varint((((1n << 32n) + 1n) << 3n) | 0n), of('00')), false],
    ['wire type 6', of('0e 00'), false],
    ['wire type 7', of('0f 00'), false],
    ['end-group without a group', of('0c'), false],
    ['fixed 64', of('09 0102030405060708'), true],
    ['fixed 64 cut', of('09 01020304050607'), false],
    ['fixed 32', of('0d 01020304'), true],
    ['fixed 32 cut', of('0d 010203'), false],
    ['length beyond the end', of('22 01'), false],
    ['length 2^32 beyond the end', of('22 80 80 80 80 10'), false],
    ['error in a nested message', of('22 01 80'), false],
    ['group', of('3b 3c'), true],
    ['group never closed', of('3b'), false],
    ['group closed by another', of('3b 44'), false],
    ['group with fields', of('3b 08 01 12 01 61 3c'), true],
    ['number 0 in a group', of('3b 00 00 3c'), false],
    ['2^31-1 in a group', concatBytes(of('3b'), tag(2 ** 31 - 1, 0), of('00 3c')), true],
    ['2^31 in a group', concatBytes(of('3b'), tag(2 ** 31, 0), of('00 3c')), false],
  ];
  for (const [name, encoded, parses] of tags) {
    it(`tag: ${name} ${parses ? 'parses' : 'fails'}`, () => {
      expect(requestOf(encoded) !== null).to.equal(parses);
    });
  }

  it('lets groups lie 10,001 deep and no deeper', () => {
    const nested = (depth: number): Uint8Array =>
      concatBytes(new Uint8Array(depth).fill(0x3b), new Uint8Array(depth).fill(0x3c));
    expect(requestOf(nested(10_001))).to.not.equal(null);
    expect(requestOf(nested(10_002))).to.equal(null);
  });
});

describe('payload tags', () => {
  it('go by the first byte; leases alone are volatile', () => {
    const words = ['single', 'batch', 'lease', 'registration', 'bootstrap', 'rotation'];
    words.push('reserved', 'reserved', 'legacy');
    for (const [first, word] of words.entries()) {
      expect(tagOf(Uint8Array.of(first, 1))).to.equal(word);
      expect(isVolatile(Uint8Array.of(first))).to.equal(word === 'lease');
    }
    expect(tagOf(Uint8Array.of(255))).to.equal('legacy');
    expect(tagOf(new Uint8Array(0))).to.equal('empty');
    expect(isVolatile(new Uint8Array(0))).to.equal(false);
  });

  it('name the phases of transactions only', () => {
    const word = (isTxn: boolean, phase: number): string =>
      phaseWord({ isTxn, phase, ts: 0n, mutations: [], readKeys: [], observedRouteVersion: 0n });
    expect([0, 1, 2, 3, 4, -1].map((phase) => word(true, phase))).to.deep.equal([
      'none',
      'prepare',
      'commit',
      'abort',
      'unknown',
      'unknown',
    ]);
    expect(word(false, 2)).to.equal('raw');
  });
});
