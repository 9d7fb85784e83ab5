/** Bounds hold before memory is asked for, whatever a length says; and they can be moved. */
import { expect } from 'chai';
import { concatBytes, putU64le, u64beBytes } from '../../../src/lib/bytes/write.js';
import { parseJson } from '../../../src/lib/bytes/json.js';
import { COMPRESSION, decompressBlock } from '../../../src/lib/compression/block-codec.js';
import { ToolError } from '../../../src/lib/core/errors.js';
import { DEFAULT_LIMITS, overrideLimits } from '../../../src/lib/core/limits.js';
import { decodeRequest } from '../../../src/lib/fsm/request-proto.js';
import { decodeConfState } from '../../../src/lib/raft/conf-state.js';
import { parseSidecar } from '../../../src/lib/encryption/sidecar.js';
import { MemorySource, type ByteSource } from '../../../src/lib/io/byte-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { RecordReader } from '../../../src/lib/pebble/record/reader.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { readAll } from '../../../src/lib/raft/wal/read-all.js';
import { inspectFsm } from '../../../src/lib/snapshot/inspect.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { parseLimit } from '../../../src/shell/limit-flag.js';
import { writeRecords } from '../pebble/record/write-records.js';
import { uvarint } from '../../fuzz/mutate.js';

const SITE = { path: 'x', offset: 0 };
const OWN = { ...DEFAULT_LIMITS };

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'value';
  } catch (error) {
    if (error instanceof ToolError) return error.code;
    throw error;
  }
}

/** A file that claims any size and holds zeros: what a sparse file is. */
function sparse(size: number, head: Uint8Array): ByteSource {
  return {
    path: 'sparse',
    size,
    readAt(offset, into) {
      into.fill(0);
      into.set(head.subarray(offset, offset + into.length));
      return Math.max(Math.min(into.length, size - offset), 0);
    },
    close: () => undefined,
  };
}

describe('limits', () => {
  afterEach(() => overrideLimits(OWN));

  it('no default asks for 512 MiB at once', () => {
    expect(DEFAULT_LIMITS.maxRecordBytes).to.be.below(512 << 20);
    expect(DEFAULT_LIMITS.maxDecompressedBytes).to.be.below(512 << 20);
    // The largest value a node takes, its key and header, fit.
    expect(DEFAULT_LIMITS.maxDecompressedBytes).to.be.above((257 << 20) + 64);
  });

  it('a block that claims more than the limit is refused unread', () => {
    for (const code of [COMPRESSION.SNAPPY, COMPRESSION.ZSTD, COMPRESSION.MINLZ]) {
      for (const length of [(1n << 20n) + 1n, 1n << 31n, (1n << 32n) - 1n]) {
        const payload = concatBytes(uvarint(length), new Uint8Array(100));
        const found = codeOf(() =>
          decompressBlock(code, payload, { site: SITE, maxBytes: 1 << 20 }),
        );
        expect(found, `${code} ${length}`).to.be.oneOf([
          'limit-exceeded',
          'compressed-data-corrupt',
        ]);
      }
    }
  });

  it('a zstd bomb is not believed: 64 MiB of zeros in a frame that says 100 bytes', () => {
    // 512 RLE blocks of 128 KiB, by hand: the package's own encoder would share our decoder's memory.
    const blocks = Array.from({ length: 512 }, (_, i) => {
      const header = ((128 << 10) << 3) | (1 << 1) | (i === 511 ? 1 : 0);
      return Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16, 0);
    });
    const frame = concatBytes(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 100), ...blocks);
    for (const claimed of [100n, 1n << 20n]) {
      const payload = concatBytes(uvarint(claimed), frame);
      const before = process.memoryUsage().arrayBuffers;
      const found = codeOf(() =>
        decompressBlock(COMPRESSION.ZSTD, payload, { site: SITE, maxBytes: 4 << 20 }),
      );
      expect(found).to.equal('compressed-data-corrupt');
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(40 << 20);
    }
  });

  it('lengths up to 2^64-1 in a snapshot are refused without asking for memory', async () => {
    for (const length of [1n << 20n, 1n << 31n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n]) {
      const head = Buffer.alloc(32);
      head.write('EKVPBBL1');
      putU64le(head, 8, 7n);
      putU64le(head, 16, length);
      const before = process.memoryUsage().arrayBuffers;
      const report = await inspectFsm(sparse(2 ** 40, head), {
        container: false,
        pace: { step: () => Promise.reject(new Error('a chunk too far')) },
      }).catch((error: unknown) => error);
      expect(process.memoryUsage().arrayBuffers - before, String(length)).to.be.below(64 << 20);
      expect(report).to.not.equal(undefined);
    }
  });

  it('a record of a sparse log above the limit is unsupported, not corrupt', () => {
    overrideLimits({ maxRecordBytes: 100_000 });
    const log = writeRecords([new Uint8Array(200_000)], 'legacy', 0);
    const reader = new RecordReader(new MemorySource('m', log), 0);
    expect(codeOf(() => reader.next())).to.equal('limit-exceeded');
    overrideLimits({ maxRecordBytes: 300_000 });
    const again = new RecordReader(new MemorySource('m', log), 0);
    expect(again.next()).to.equal(true);
  });

  it('300,000 tiny records take linear time', () => {
    const times: number[] = [];
    for (const count of [30_000, 300_000]) {
      const encoder = new WalEncoder(PROTO_37);
      const parts: Uint8Array[] = [encoder.creation()];
      for (let i = 1n; i <= BigInt(count); i++) {
        parts.push(encoder.entry({ type: undefined, term: 1n, index: i, data: undefined }));
      }
      const segment = { name: 's', source: new MemorySource('s', Buffer.concat(parts)) };
      const began = performance.now();
      const { entries } = readAll([segment], { index: 0n, term: 0n }, PROTO_37);
      times.push(performance.now() - began);
      expect(entries.length).to.equal(count);
    }
    // Ten times the records; a quadratic reader would take a hundred times as long.
    expect(times[1]! / Math.max(times[0]!, 5)).to.be.below(50);
  });

  it('JSON nested 10,000 deep is read, deeper is refused, and the stack holds', () => {
    const nested = (depth: number): Uint8Array =>
      Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(codeOf(() => parseJson(nested(10_000), { path: 'x' }))).to.equal('value');
    expect(codeOf(() => parseJson(nested(10_001), { path: 'x' }))).to.equal('json-syntax');
    expect(codeOf(() => parseJson(nested(2_000_000), { path: 'x' }))).to.equal('json-syntax');
  });

  it('JSON of millions of values is refused before it fills the memory', () => {
    const flood = Buffer.from(`[${'0,'.repeat(6_000_000)}0]`);
    const before = process.memoryUsage.rss();
    expect(codeOf(() => parseJson(flood, { path: 'x' }))).to.equal('limit-exceeded');
    expect(codeOf(() => parseSidecar(flood, 'keys.json'))).to.equal('limit-exceeded');
    expect(process.memoryUsage.rss() - before).to.be.below(512 << 20);
  });

  it('JSON with duplicate keys: the last one counts, as Go has it, or it is refused', () => {
    const text = Buffer.from('{"version":1,"version":2,"active":{},"keys":{}}');
    expect(parseSidecar(text, 'keys.json').version).to.equal(2);
    expect(codeOf(() => parseJson(text, { path: 'x', duplicates: 'reject' }))).to.equal(
      'json-duplicate-key',
    );
  });

  it('repeated fields of a million elements and more are refused, a byte at a time', () => {
    const packed = new Uint8Array(3 << 20).fill(1);
    const confState = concatBytes(Uint8Array.of(0x0a), uvarint(BigInt(packed.length)), packed);
    expect(codeOf(() => decodeConfState(confState, PROTO_37))).to.equal('limit-exceeded');
    const mutations = new Uint8Array(6 << 20);
    for (let i = 0; i < mutations.length; i += 2) mutations[i] = 0x22;
    expect(codeOf(() => decodeRequest(mutations, 0))).to.equal('limit-exceeded');
    const few = mutations.subarray(0, 2000);
    expect(decodeRequest(few, 0)?.mutations.length).to.equal(1000);
    overrideLimits({ maxListItems: 999 });
    expect(codeOf(() => decodeRequest(few, 0))).to.equal('limit-exceeded');
  });

  it('--limit names a limit and a size', () => {
    expect(parseLimit('record-bytes=1GiB')).to.deep.equal({ maxRecordBytes: 1 << 30 });
    expect(parseLimit('decompressed-bytes=4096')).to.deep.equal({ maxDecompressedBytes: 4096 });
    expect(parseLimit('dir-entries=7KiB')).to.deep.equal({ maxDirEntries: 7168 });
    for (const bad of ['', 'x=1', 'record-bytes', 'record-bytes=0', 'record-bytes=9999GiB']) {
      expect(
        codeOf(() => parseLimit(bad)),
        bad,
      ).to.equal('usage-bad-flag');
    }
    expect(u64beBytes(1n).length).to.equal(8);
  });

  it('a count that lies costs nothing', async () => {
    // 2^20 versions claimed for one key, and no byte of them there.
    const body = Buffer.alloc(8 + 8 + 8 + 1 + 8);
    body.writeBigUInt64LE(1n, 16);
    body.writeBigUInt64LE(1n << 20n, 25);
    const { mvccStream } = await import('../snapshot/build.js');
    const began = performance.now();
    const report = await inspectFsm(new MemorySource('m', mvccStream(body)), {
      container: false,
      pace: NO_PACE,
    });
    expect(report.findings.map(({ code }) => code)).to.deep.equal(['fsm-payload-cut']);
    expect(performance.now() - began).to.be.below(500);
  });
});
