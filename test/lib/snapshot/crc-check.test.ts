import { expect } from 'chai';
import { IoError } from '../../../src/lib/core/errors.js';
import type { ByteSource } from '../../../src/lib/io/byte-source.js';
import { checkFsm, type FsmCheck, type FsmCheckMode } from '../../../src/lib/snapshot/crc-check.js';
import {
  be32,
  container,
  crcOf,
  latin1,
  pebbleStream,
  PATH,
  sourceOf,
  tokenOf,
  V1,
  pairsOf,
} from './build.js';

const PAIRS = [
  ['a', latin1('one')],
  ['b', latin1('two')],
] as const;
const GOOD = Buffer.concat([V1, pebbleStream(PAIRS)]);
const UNKNOWN = Buffer.concat([latin1('EKVTHLC3'), GOOD.subarray(8)]);
const MODES: readonly FsmCheckMode[] = ['skip', 'restore', 'guard'];

function flipped(bytes: Buffer, at: number): Buffer {
  const out = Buffer.from(bytes);
  out[at]! ^= 1;
  return out;
}

function check(bytes: Buffer, mode: FsmCheckMode, payload = GOOD): Promise<FsmCheck> {
  return checkFsm(sourceOf(bytes), { token: tokenOf(payload), mode });
}

async function stages(bytes: Buffer, payload = GOOD): Promise<string> {
  const results = await Promise.all(MODES.map((mode) => check(bytes, mode, payload)));
  return results.map((r) => r.failure?.stage ?? 'passes').join(' ');
}

describe('CRC check', () => {
  it('passes a good file on every path', async () => {
    expect(await stages(container(GOOD))).to.equal('passes passes passes');
    const [skip, restore, guard] = await Promise.all(MODES.map((m) => check(container(GOOD), m)));
    expect(skip).to.deep.include({ headerApplied: true, restored: undefined, swapped: false });
    expect(restore).to.deep.include({ headerApplied: true, swapped: false });
    expect(guard).to.deep.include({ headerApplied: false, restored: undefined });
    for (const r of [skip, restore, guard]) expect(r?.header?.ceilingMs).to.equal(1780000049219n);
    expect(pairsOf(restore!.restored!.view!).length).to.equal(3);
  });

  it('passes the smallest file, an empty payload', async () => {
    expect(await stages(Buffer.alloc(4), Buffer.alloc(0))).to.equal('passes passes passes');
  });

  it('asks for the size first', async () => {
    for (let n = 0; n < 4; n++) {
      expect(await stages(Buffer.alloc(n))).to.equal('size size size');
    }
    const { failure } = await check(Buffer.alloc(3), 'skip');
    expect(failure).to.deep.include({ nodeErrors: ['ErrFSMSnapshotTooSmall'] });
  });

  it('compares the footer with the token before anything is read, but for the guard', async () => {
    const bytes = flipped(container(UNKNOWN), UNKNOWN.length + 3);
    expect(await stages(bytes, UNKNOWN)).to.equal('token-crc token-crc file-crc');
    const wrongToken = flipped(container(UNKNOWN), 40);
    expect(await stages(wrongToken, GOOD)).to.equal('token-crc token-crc file-crc');
    expect(await stages(container(UNKNOWN), GOOD)).to.equal('token-crc token-crc token-crc');
  });

  it('reads the header before the body CRC, but for the guard', async () => {
    expect(await stages(flipped(container(UNKNOWN), 40), UNKNOWN)).to.equal(
      'header header file-crc',
    );
    expect(await stages(container(UNKNOWN), UNKNOWN)).to.equal('header header header');
  });

  it('meets a bad store payload only where it restores, and before the body CRC', async () => {
    const bad = Buffer.concat([V1, latin1('EKVWHAT?')]);
    expect(await stages(container(bad), bad)).to.equal('passes payload passes');
    const alsoFlipped = flipped(container(bad), 9);
    expect(await stages(alsoFlipped, bad)).to.equal('file-crc payload file-crc');
    const { headerApplied, swapped } = await check(alsoFlipped, 'restore', bad);
    expect([headerApplied, swapped]).to.deep.equal([true, false]);
  });

  it('says that a damaged body which parses has replaced fsm.db', async () => {
    const bytes = flipped(container(GOOD), GOOD.length - 1);
    expect(await stages(bytes)).to.equal('file-crc file-crc file-crc');
    const restore = await check(bytes, 'restore');
    expect(restore.swapped).to.equal(true);
    expect(restore.headerApplied).to.equal(true);
    expect(pairsOf(restore.restored!.view!).at(-1)).to.deep.equal(['62', '74776e']);
    const skip = await check(bytes, 'skip');
    expect([skip.swapped, skip.headerApplied]).to.deep.equal([false, false]);
    const footer = be32(crcOf(GOOD)).toString('hex');
    const computed = be32(crcOf(bytes.subarray(0, -4))).toString('hex');
    expect(skip.failure).to.deep.include({
      nodeErrors: ['ErrFSMSnapshotFileCRC'],
      text: `path=${PATH} footer=${footer} computed=${computed}: fsm snapshot: file CRC32C mismatch (file corrupt)`,
    });
  });

  it('leaves the token out where there is none', async () => {
    const bytes = container(GOOD);
    for (const mode of MODES) {
      expect((await checkFsm(sourceOf(bytes), { mode })).failure).to.equal(undefined);
    }
    const { failure } = await checkFsm(sourceOf(flipped(bytes, 40)), { mode: 'skip' });
    expect(failure?.stage).to.equal('file-crc');
  });

  it('restores an inline payload without any CRC', async () => {
    const result = await checkFsm(sourceOf(GOOD), { mode: 'restore', container: false });
    expect(result.failure).to.equal(undefined);
    expect(pairsOf(result.restored!.view!).length).to.equal(3);
  });

  it('detects every flipped bit of a file with a token', async () => {
    const bytes = container(GOOD);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bad = Buffer.from(bytes);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      for (const mode of MODES) {
        expect((await check(bad, mode)).failure, `bit ${bit}`).to.not.equal(undefined);
      }
    }
  });

  it('gives the same result for every chunk size', async () => {
    const files = [container(GOOD), flipped(container(GOOD), 40), container(UNKNOWN)];
    for (const bytes of files) {
      for (const mode of MODES) {
        const want = await checkFsm(sourceOf(bytes), { mode });
        for (const chunkBytes of [1, 2, 3, 7, 8, 9, 64]) {
          const got = await checkFsm(sourceOf(bytes), { mode, chunkBytes });
          expect(got.failure).to.deep.equal(want.failure);
          expect(got.header).to.deep.equal(want.header);
          expect(got.restored?.rows).to.deep.equal(want.restored?.rows);
        }
      }
    }
  });

  it('yields to the pace at least once a mebibyte, for all bytes of the payload', async () => {
    for (const mode of MODES) {
      let bytes = 0;
      let steps = 0;
      const pace = {
        step(n: number): void {
          bytes += n;
          steps++;
        },
      };
      const big = Buffer.concat([V1, pebbleStream([['k', Buffer.alloc(20 << 20)]])]);
      await checkFsm(sourceOf(container(big)), { mode, pace, chunkBytes: 65_536 });
      expect(bytes, mode).to.be.greaterThan(big.length - 2 * 65_536);
      expect(steps).to.be.at.least(20);
    }
  });

  it('passes a genuine I/O error on, also among the first 8 bytes', async () => {
    const broken: ByteSource = {
      path: 'f',
      size: 100,
      readAt(offset, into) {
        if (offset < 90) throw new IoError('io-failed', 'cannot read: input/output error');
        return into.length;
      },
      close: () => undefined,
    };
    for (const mode of MODES) {
      let error: unknown;
      await checkFsm(broken, { mode }).catch((e: unknown) => (error = e));
      expect(error).to.be.instanceOf(IoError);
    }
  });
});
