import { expect } from 'chai';
import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { SHARED_BUFFER } from '../../../src/lib/bytes/kernel-memory.js';
import { borrowChunk, returnChunk } from '../../../src/lib/checksum/crc32c.js';
import { decompressSnappy } from '../../../src/lib/compression/snappy.js';
import { CorruptionError } from '../../../src/lib/core/errors.js';
import { damage, periodicBytes } from './periodic-bytes.js';

const OPTIONS = { site: { path: 't.sst', offset: 4096 }, maxBytes: 1 << 20 };
/** What one step of the kernel may write behind the output. */
const STEP_BYTES = 15;

const someBytes = periodicBytes(3000, 3000);

function outcome(payload: Uint8Array, allocate?: (length: number) => Uint8Array): string {
  try {
    return Buffer.from(decompressSnappy(payload, { ...OPTIONS, allocate })).toString('latin1');
  } catch (error) {
    expect(error).to.be.instanceOf(CorruptionError);
    return 'corrupt';
  }
}

const PART_BYTES = 0x4000;

/** At the end of its part, so that nothing of it lies behind. */
const atEndOf = (part: Uint8Array, length: number): Uint8Array =>
  part.subarray(part.length - length);

describe('Snappy in the memory that the kernels share', () => {
  let chunk: Uint8Array = new Uint8Array(0);
  let output: Uint8Array = chunk;
  let input: Uint8Array = chunk;

  beforeEach(() => {
    chunk = borrowChunk();
    expect(chunk.buffer).to.equal(SHARED_BUFFER);
    output = chunk.subarray(PART_BYTES, 2 * PART_BYTES);
    input = chunk.subarray(3 * PART_BYTES, 4 * PART_BYTES);
  });

  afterEach(() => {
    returnChunk(chunk);
  });

  it('gives what it gives elsewhere, and writes nowhere else, whatever the damage', () => {
    const watched = chunk.subarray(0, 3 * PART_BYTES);
    const expected = new Uint8Array(watched.length);
    fc.assert(
      fc.property(someBytes, damage, fc.boolean(), (bytes, flips, isCut) => {
        const payload = Uint8Array.from(snappyCompress(bytes));
        for (const [at, byte] of flips) {
          if (payload.length > 3) payload[3 + (at % (payload.length - 3))] = byte;
        }
        const given = isCut ? payload.subarray(0, payload.length >> 1) : payload;
        watched.fill(0xa5);
        const shared = atEndOf(input, given.length);
        shared.set(given);
        let into: Uint8Array = output;
        const seen = outcome(shared, (length) => (into = atEndOf(output, length)));
        expect(seen === outcome(given)).to.equal(true);
        // Of the output itself anything may be left behind by a block that is none.
        const start = into.byteOffset - watched.byteOffset;
        const end = start + into.length + STEP_BYTES;
        expected.fill(0xa5);
        expected.set(watched.subarray(start, end), start);
        expect(Buffer.compare(watched, expected)).to.equal(0);
      }),
      { numRuns: 300 },
    );
  });

  it('goes by way of the heap when only one side lies there', () => {
    const payload = Uint8Array.from(snappyCompress(Buffer.alloc(500, 'abc')));
    const plain = 'abc'.repeat(167).slice(0, 500);
    expect(outcome(payload, (length) => output.subarray(0, length))).to.equal(plain);
    input.set(payload);
    const shared = input.subarray(0, payload.length);
    expect(outcome(shared, (length) => new Uint8Array(length))).to.equal(plain);
    expect(outcome(shared)).to.equal(plain);
  });
});
