import { expect } from 'chai';
import fc from 'fast-check';
import { compress } from '@bokuweb/zstd-wasm';
import { snappyCompress, snappyUncompress } from 'hysnappy';
import { CorruptionError, ToolError, UnsupportedError } from '../../../src/lib/core/errors.js';
import { COMPRESSION, decompressBlock } from '../../../src/lib/compression/block-codec.js';
import { damage, periodicBytes } from './periodic-bytes.js';

const OPTIONS = { site: { path: 't.sst', offset: 4096 }, maxBytes: 1 << 20 };
const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll(/[\s|]/g, ''), 'hex');
const plain = (code: number, payload: Uint8Array): string =>
  Buffer.from(decompressBlock(code, payload, OPTIONS)).toString('latin1');

function uvarint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...uvarint(Math.floor(value / 128))];
}

/** A payload as Pebble frames it. */
function zstdPayload(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(uvarint(bytes.length)), compress(Buffer.from(bytes), 3)]);
}

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.array(fc.constantFrom(1, 2), { maxLength: 3000 }).map((a) => Uint8Array.from(a)),
);

describe('decompressBlock', () => {
  before(() => {
    // Starts the WASM that the package's compressor shares.
    expect(plain(COMPRESSION.ZSTD, bytesOf('00 28b52ffd 2000 010000'))).to.equal('');
  });

  it('passes uncompressed bytes through', () => {
    const payload = bytesOf('010203');
    expect(decompressBlock(COMPRESSION.NONE, payload, OPTIONS)).to.equal(payload);
  });

  it('decodes every Snappy element', () => {
    // Literal "abcd", copy1 of 4 from 4 back, copy2 of 3 from 8, copy4 of 5 from 1 (overlapping).
    expect(plain(1, bytesOf('10 | 0c 61626364 | 01 04 | 0a 0800 | 13 01000000'))).to.equal(
      'abcdabcdabcccccc',
    );
    expect(plain(1, bytesOf('00'))).to.equal('');
    // A literal whose length is in one more byte.
    const long = Buffer.concat([bytesOf('64 f0 63'), Buffer.alloc(100, 'x')]);
    expect(plain(1, long)).to.equal('x'.repeat(100));
  });

  it('decodes every MinLZ element', () => {
    expect(plain(8, bytesOf('00'))).to.equal('');
    expect(plain(8, bytesOf('00 00 616263'))).to.equal('abc');
    // First byte not 0: Snappy.
    expect(plain(8, bytesOf('04 0c 61626364'))).to.equal('abcd');
    // Literals "abc"; repeat copy of 2 at the initial last offset 1.
    expect(plain(8, bytesOf('00 05 | 10 616263 | 0c'))).to.equal('abccc');
    // Literals of 30 + 5 bytes with one extra length byte.
    const long = Buffer.concat([bytesOf('00 23 | e8 05'), Buffer.alloc(35, 'y')]);
    expect(plain(8, long)).to.equal('y'.repeat(35));
    // Copy 1: offset 3, length 4, then a repeat of 3 at that offset.
    expect(plain(8, bytesOf('00 0a | 10 616263 | 8100 | 14'))).to.equal('abcabcabca');
    // Copy 1 with an extra length byte: v = 15, 18 + 2.
    expect(plain(8, bytesOf('00 17 | 10 616263 | bd00 02'))).to.equal('abc'.repeat(8).slice(0, 23));
    const head = `00 ${'%'} | e8 24 ${'61'.repeat(30)}${'62'.repeat(36)}`;
    const withLength = (length: number, tail: string): Uint8Array =>
      bytesOf(head.replace('%', Buffer.from(uvarint(length)).toString('hex')) + tail);
    // Copy 2: offset 64 + 2, length 4; and with an extra byte, 64 + 3.
    expect(plain(8, withLength(70, '020200')).slice(66)).to.equal('aaaa');
    expect(plain(8, withLength(133, 'f60200 03')).slice(66)).to.equal(
      'a'.repeat(30) + 'b'.repeat(36) + 'a',
    );
    // Fused: 2 literals, then 5 from 64 + 4 back.
    expect(plain(8, withLength(73, '2b 0400 7878')).slice(66)).to.equal('xxaaaaa');
    // Copy 3: 1 literal, offset 65536, length 4.
    const far = Buffer.concat([
      bytesOf(`00 ${Buffer.from(uvarint(65540 + 1)).toString('hex')} | f0`),
      Buffer.from([(65536 - 30) & 255, (65536 - 30) >> 8]),
      Buffer.from('first'),
      Buffer.alloc(65531, 'z'),
      bytesOf('0f 00 00 00 21'),
    ]);
    expect(plain(8, far).slice(65536)).to.equal('!irst');
  });

  it('gives back what a compressor made', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const snappy = snappyCompress(bytes);
        expect(decompressBlock(COMPRESSION.SNAPPY, snappy, OPTIONS)).to.deep.equal(bytes);
        const zstd = zstdPayload(bytes);
        expect(decompressBlock(COMPRESSION.ZSTD, zstd, OPTIONS)).to.deep.equal(bytes);
      }),
    );
  });

  it('agrees with another decoder about Snappy blocks, sound and damaged', () => {
    const periodic = periodicBytes(5000, 70_000);
    fc.assert(
      fc.property(fc.oneof(someBytes, periodic), damage, (bytes, flips) => {
        const payload = Uint8Array.from(snappyCompress(bytes));
        const head = uvarint(bytes.length).length;
        for (const [at, byte] of flips) {
          if (payload.length > head) payload[head + (at % (payload.length - head))] = byte;
        }
        let theirs: Uint8Array | undefined;
        try {
          theirs = snappyUncompress(payload, bytes.length);
        } catch {
          theirs = undefined;
        }
        if (theirs === undefined) {
          expect(() => decompressBlock(COMPRESSION.SNAPPY, payload, OPTIONS)).to.throw(
            CorruptionError,
          );
        } else {
          const ours = decompressBlock(COMPRESSION.SNAPPY, payload, OPTIONS);
          expect(Buffer.compare(ours, theirs)).to.equal(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('puts the output where it is told to', () => {
    const room = new Uint8Array(100);
    const options = { ...OPTIONS, allocate: (length: number) => room.subarray(0, length) };
    const out = decompressBlock(COMPRESSION.SNAPPY, bytesOf('04 0c 61626364'), options);
    expect(out.buffer).to.equal(room.buffer);
    expect(Buffer.from(out).toString()).to.equal('abcd');
  });

  it('refuses every truncation', () => {
    const text = Buffer.from('the quick brown fox, the quick brown dog, the quick brown cat');
    const payloads: [number, Uint8Array][] = [
      [COMPRESSION.SNAPPY, snappyCompress(text)],
      [COMPRESSION.ZSTD, zstdPayload(text)],
      [COMPRESSION.MINLZ, bytesOf('00 0a | 10 616263 | 8100 | 14')],
    ];
    for (const [code, payload] of payloads) {
      for (let n = code === COMPRESSION.MINLZ ? 2 : 0; n < payload.length; n++) {
        expect(() => plain(code, payload.subarray(0, n)), `code ${code}, ${n} bytes`).to.throw(
          CorruptionError,
        );
      }
    }
  });

  it('ends any bytes in a value of bounded size or an error of ours', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<number>(COMPRESSION.SNAPPY, COMPRESSION.ZSTD, COMPRESSION.MINLZ),
        fc.uint8Array({ maxLength: 60 }),
        fc.boolean(),
        (code, bytes, isMinlz) => {
          if (isMinlz) bytes[0] = 0;
          try {
            const out = decompressBlock(code, bytes, { ...OPTIONS, maxBytes: 1 << 16 });
            expect(out.length).to.be.at.most(1 << 16);
          } catch (error) {
            expect(error).to.be.instanceOf(ToolError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('refuses copies from before the output and output beyond its length', () => {
    const bad: [number, string][] = [
      [1, '04 0061 0101'],
      [1, '02 0c 61626364'],
      [1, '08 00 61'],
      [8, '00 05 | 10 616263 | c100'],
      [8, '00 03 | 10 616263 | 0c'],
      [8, '00 02 | 10 616263'],
      [8, '00 09 | 10 616263 | 8100'],
    ];
    for (const [code, text] of bad) {
      expect(() => plain(code, bytesOf(text)), text).to.throw(CorruptionError);
    }
  });

  it('checks the output length against the limit before it allocates', () => {
    const huge = Buffer.from(uvarint(0xfffffff0));
    for (const code of [COMPRESSION.SNAPPY, COMPRESSION.ZSTD]) {
      expect(() => plain(code, huge)).to.throw(UnsupportedError, '4294967280 bytes');
    }
    expect(() => plain(COMPRESSION.MINLZ, Buffer.concat([bytesOf('00'), huge]))).to.throw(
      UnsupportedError,
    );
    expect(() => plain(COMPRESSION.SNAPPY, bytesOf('ffffffffffff01'))).to.throw(CorruptionError);
  });

  it('a zstd frame that holds more or less than stated is refused', () => {
    const payload = zstdPayload(Buffer.alloc(100, 'q'));
    for (const length of [0, 99, 101]) {
      const lying = Buffer.concat([Buffer.from([length]), payload.subarray(1)]);
      expect(() => plain(COMPRESSION.ZSTD, lying), `${length}`).to.throw(CorruptionError);
    }
  });

  it('names the compressions it refuses', () => {
    expect(() => plain(2, bytesOf('00'))).to.throw(UnsupportedError, '(zlib)');
    expect(() => plain(4, bytesOf('00'))).to.throw(UnsupportedError, '(lz4)');
    expect(() => plain(9, bytesOf('00'))).to.throw(UnsupportedError, '(unknown)');
  });
});
