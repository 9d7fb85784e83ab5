import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { IoError } from '../../../src/lib/core/errors.js';
import { NO_PACE, type Pace } from '../../../src/lib/core/pace.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { crcOfRange, CrcAhead } from '../../../src/lib/io/file-crc.js';
import { FileSource } from '../../../src/lib/io/file-source.js';

const LARGE_BYTES = (256 << 20) + (40 << 20) + 12_345;

function counter(): Pace & { bytes: number } {
  return {
    bytes: 0,
    step(bytes) {
      this.bytes += bytes;
    },
  };
}

describe('io: CRC of a range', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ekv-crc-'));
  const path = join(dir, 'large');

  before(() => {
    const fd = openSync(path, 'w');
    ftruncateSync(fd, LARGE_BYTES);
    for (let i = 0; i < 40; i++) writeSync(fd, `mark ${i}`, i * (8 << 20) - (i > 0 ? 3 : 0));
    writeSync(fd, 'end', LARGE_BYTES - 3);
    closeSync(fd);
  });

  after(() => {
    rmSync(dir, { recursive: true });
  });

  it('goes on from the CRC of what came before', async () => {
    const bytes = Buffer.from('0123456789'.repeat(200_000));
    const source = new MemorySource('m', bytes);
    const head = crc32c(bytes.subarray(0, 777));
    expect(await crcOfRange(source, 777, bytes.length, head, NO_PACE)).to.equal(crc32c(bytes));
    expect(await crcOfRange(source, 5, 5, head, NO_PACE)).to.equal(head);
  });

  it('is the same with one thread and with two', async () => {
    const source = new FileSource(path);
    const one = await crcOfRange(source, 17, source.size, 0x1234, NO_PACE, { threads: 1 });
    for (let i = 0; i < 10; i++) {
      const counted = counter();
      const two = await crcOfRange(source, 17, source.size, 0x1234, counted, { threads: 2 });
      expect(two).to.equal(one);
      expect(counted.bytes, 'both threads are counted').to.equal(source.size - 17);
    }
    source.close();
  });

  it('is the same where another thread began before it was asked for', async () => {
    const source = new FileSource(path);
    const to = source.size - 4;
    const plain = await crcOfRange(source, 100, to, 7, NO_PACE, { threads: 1 });
    for (const from of [100, 101, 1 << 20]) {
      const ahead = new CrcAhead(source, from, to);
      const counted = counter();
      const sum = await crcOfRange(source, 100, to, 7, counted, { ahead });
      expect(sum, String(from)).to.equal(plain);
      expect(counted.bytes).to.equal(to - 100);
      ahead.stop();
    }
    // One of another range, of another file, or one that was given up, is of no use and no harm.
    const other = new CrcAhead(source, 0, to);
    expect(await crcOfRange(source, 100, to, 7, NO_PACE, { ahead: other })).to.equal(plain);
    other.stop();
    const memory = new MemorySource('m', Buffer.alloc(4000, 1));
    const sum = crc32c(memory.bytes);
    expect(await crcOfRange(memory, 0, 4000, 0, NO_PACE, { ahead: other })).to.equal(sum);
    const stopped = new CrcAhead(source, 100, to);
    stopped.stop();
    expect(await crcOfRange(source, 100, to, 7, NO_PACE, { ahead: stopped })).to.equal(plain);
    source.close();
  });

  it('ends with the error of whoever paces it, and of the file', async () => {
    const source = new FileSource(path);
    const stop: Pace = {
      step() {
        throw new Error('stop');
      },
    };
    const stopped = await crcOfRange(source, 0, source.size, 0, stop, { threads: 2 }).catch(
      (e: unknown) => e,
    );
    expect((stopped as Error).message).to.equal('stop');
    // The file is cut behind the reader's back: neither thread can read the last pieces.
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, LARGE_BYTES - (50 << 20));
    closeSync(fd);
    const cut = await crcOfRange(source, 0, source.size, 0, NO_PACE, { threads: 2 }).catch(
      (e: unknown) => e,
    );
    expect(cut).to.be.instanceOf(IoError);
    expect((cut as IoError).code).to.equal('io-changed');
    source.close();
  });
});
