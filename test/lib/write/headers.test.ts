import { expect } from 'chai';
import fc from 'fast-check';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import {
  encodeSnapFile,
  decodeSnapFile,
  isSnapFailure,
} from '../../../src/lib/raft/snap/snap-file.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import type { SnapshotHeader } from '../../../src/lib/snapshot/header.js';
import { encodeToken, decodeSnapshotData } from '../../../src/lib/snapshot/token.js';
import { crcWithFront } from '../../../src/lib/write/crc-shift.js';
import { changedHeader, type HeaderWish } from '../../../src/lib/write/header-change.js';
import { withTokenCrc } from '../../../src/lib/write/snap-rewrite.js';
import { confStateOfVoters } from '../../../src/lib/raft/conf-state.js';

const NONE = new Uint8Array(0);
const LEGACY: SnapshotHeader = {
  form: 'legacy',
  ceilingMs: 0n,
  cutover: 0n,
  extension: NONE,
  length: 0,
};
const V1: SnapshotHeader = { ...LEGACY, form: 'v1', ceilingMs: 99n, length: 16 };
const EXTENSION = Uint8Array.of(1, 2, 3);
const V2: SnapshotHeader = {
  form: 'v2',
  ceilingMs: 99n,
  cutover: 7n,
  extension: EXTENSION,
  length: 29,
};
const TO_V2: HeaderWish = { form: 'v2', cutover: undefined, sidecarCutover: undefined };

function refusal(old: SnapshotHeader, wish: HeaderWish, index: bigint | undefined): unknown {
  try {
    changedHeader(old, wish, index);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

describe('write: which header comes out', () => {
  it('v1 and headerless become v2 with cutover 0 and the ceiling they had', () => {
    for (const old of [LEGACY, V1]) {
      expect(changedHeader(old, TO_V2, 42n)).to.deep.equal({
        form: 'v2',
        ceilingMs: old.ceilingMs,
        cutover: 0n,
        extension: NONE,
      });
    }
  });

  it('headerless becomes v1', () => {
    const made = changedHeader(LEGACY, { ...TO_V2, form: 'v1' }, 42n);
    expect(made.form).to.equal('v1');
    expect(made.ceilingMs).to.equal(0n);
  });

  it('a v2 header keeps its extension and gets another cutover when asked', () => {
    const made = changedHeader(V2, { ...TO_V2, cutover: 8n }, 42n);
    expect(made).to.deep.equal({ form: 'v2', ceilingMs: 99n, cutover: 8n, extension: EXTENSION });
  });

  it('the sidecar gives the cutover of a new v2 header', () => {
    expect(changedHeader(V1, { ...TO_V2, sidecarCutover: 9n }, 42n).cutover).to.equal(9n);
    expect(changedHeader(V1, { ...TO_V2, cutover: 9n, sidecarCutover: 9n }, 42n).cutover).to.equal(
      9n,
    );
    expect(changedHeader(V1, { ...TO_V2, cutover: 0n, sidecarCutover: 9n }, 42n).cutover).to.equal(
      0n,
    );
  });

  it('refuses by name', () => {
    const v1 = { ...TO_V2, form: 'v1' } as const;
    expect(refusal(V2, v1, 42n)).to.equal('upgrade-downgrade');
    expect(refusal(V1, v1, 42n)).to.equal('upgrade-nothing');
    expect(refusal(V2, TO_V2, 42n)).to.equal('upgrade-nothing');
    expect(refusal(V2, { ...TO_V2, cutover: 7n }, 42n)).to.equal('upgrade-nothing');
    expect(refusal(LEGACY, { ...v1, cutover: 1n }, 42n)).to.equal('upgrade-cutover-form');
    expect(refusal(V1, { ...TO_V2, cutover: 43n }, 42n)).to.equal('upgrade-cutover-above-snapshot');
    expect(refusal(V1, { ...TO_V2, cutover: 42n }, 42n)).to.equal(undefined);
    expect(refusal(V1, { ...TO_V2, sidecarCutover: 43n }, 42n)).to.equal(
      'upgrade-cutover-above-snapshot',
    );
    expect(refusal(V1, { ...TO_V2, cutover: 1n }, undefined)).to.equal('upgrade-index-unknown');
    const differs = { ...TO_V2, cutover: 5n, sidecarCutover: 6n };
    expect(refusal(V1, differs, 42n)).to.equal('cutover-differs');
    expect(refusal(V2, { ...TO_V2, sidecarCutover: 6n }, 42n)).to.equal('cutover-differs');
  });
});

describe('write: CRC of a payload with another front', () => {
  it('is the CRC of the whole', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (front, next, rest) => {
        const whole = crc32c(rest, crc32c(front));
        const wanted = crc32c(rest, crc32c(next));
        const made = crcWithFront(whole, crc32c(front), crc32c(next), rest.length);
        expect(made).to.equal(wanted);
      }),
    );
  });

  it('also behind more bytes than 32 bits can count', () => {
    // Zeros behind a CRC, four bytes of front in front of 2^33 + 5 of them, twice removed.
    const far = 2 ** 33 + 5;
    const there = crcWithFront(0x12345678, 1, 2, far);
    expect(there).to.not.equal(0x12345678);
    expect(crcWithFront(there, 2, 1, far)).to.equal(0x12345678);
    const [near, mid] = [2 ** 32 + 1, 2 ** 32 + 4];
    // Moving up in two steps is moving up once.
    const once = crcWithFront(0, 1, 0, far);
    const step = crcWithFront(0, 1, 0, near);
    expect(crcWithFront(0, step, 0, mid)).to.equal(once);
  });
});

describe('write: a token with another CRC', () => {
  it('changes nothing else in the .snap', () => {
    const token = encodeToken({ index: 42n, crc: 0xdeadbeef });
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        u64,
        fc.array(u64, { maxLength: 4 }),
        fc.boolean(),
        (crc, term, voters, old) => {
          const dialect = old ? PROTO_36 : PROTO_37;
          const metadata = { confState: confStateOfVoters(voters), index: 42n, term };
          const bytes = encodeSnapFile({ data: token, metadata }, dialect);
          const file = decodeSnapFile(bytes, PROTO_37);
          if (isSnapFailure(file)) throw new Error(file.detail);
          const { snapshot } = file;
          const parsed = { index: 42n, crc: 0xdeadbeef };
          const made = withTokenCrc({ path: 'x', bytes, snapshot, token: parsed }, crc);
          const again = encodeSnapFile(
            { data: encodeToken({ index: 42n, crc }), metadata },
            dialect,
          );
          expect(Buffer.from(made).toString('hex')).to.equal(Buffer.from(again).toString('hex'));
          const back = decodeSnapFile(made, PROTO_37);
          if (isSnapFailure(back)) throw new Error(back.detail);
          expect(decodeSnapshotData(back.snapshot.data!, { path: 'x' })).to.deep.equal({
            kind: 'token',
            token: { index: 42n, crc },
          });
        },
      ),
    );
  });
});
