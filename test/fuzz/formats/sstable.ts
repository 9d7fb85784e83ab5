import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { putU32le } from '../../../src/lib/bytes/write.js';
import { maskedCrc32c, maskCrc32c } from '../../../src/lib/checksum/crc32c-masked.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { xxhash64Low32 } from '../../../src/lib/checksum/xxhash64.js';
import { COMPRESSION, decompressBlock } from '../../../src/lib/compression/block-codec.js';
import { ToolError } from '../../../src/lib/core/errors.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { openBlobFile } from '../../../src/lib/pebble/sstable/blob-file.js';
import { BlockCache } from '../../../src/lib/pebble/sstable/block-cache.js';
import type { BlockHandle } from '../../../src/lib/pebble/sstable/block-handle.js';
import { BlockReader } from '../../../src/lib/pebble/sstable/block-reader.js';
import { CHECKSUM_TYPE, readFooter } from '../../../src/lib/pebble/sstable/footer.js';
import { openTable } from '../../../src/lib/pebble/sstable/table.js';
import { verifyBlobFile } from '../../../src/lib/pebble/sstable/verify-blob-file.js';
import { verifyTable } from '../../../src/lib/pebble/sstable/verify-table.js';
import { bytesFormat, type Format } from '../format.js';
import { mutatedInPlace } from '../mutate.js';
import type { Random } from '../random.js';
import { filesLike, pebbleFiles } from '../samples.js';

const PATH = '000005.sst';
const BLOB_FOOTER_BYTES = 38;

/** Where the blocks of a sound file lie, learnt by watching a reader go through all of it. */
class Layouts {
  private readonly known = new Map<Uint8Array, readonly BlockHandle[]>();

  async learn(files: readonly Uint8Array[], read: (file: Uint8Array) => unknown): Promise<void> {
    const own = BlockReader.prototype.readStored;
    for (const file of files) {
      const handles: BlockHandle[] = [];
      BlockReader.prototype.readStored = function watched(handle, ...rest) {
        handles.push(handle);
        return own.call(this, handle, ...rest);
      };
      try {
        await read(file);
      } finally {
        BlockReader.prototype.readStored = own;
      }
      this.known.set(file, handles);
    }
  }

  of(file: Uint8Array): readonly BlockHandle[] {
    return this.known.get(file) ?? [];
  }
}

const layouts = new Layouts();

function seal(file: Uint8Array, { offset, length }: BlockHandle, isCrc: boolean): void {
  const covered = file.subarray(offset, offset + length + 1);
  putU32le(file, offset + length + 1, isCrc ? maskedCrc32c(covered) : xxhash64Low32(covered));
}

/** Harms blocks, or their compression codes, and makes their checksums right again. */
function harmBlocks(file: Uint8Array, seed: Uint8Array, isCrc: boolean, random: Random): void {
  const handles = layouts.of(seed);
  for (let n = 1 + random.small(3); n > 0 && handles.length > 0; n--) {
    const handle = random.pick(handles);
    const { offset, length } = handle;
    if (random.oneIn(12)) file[offset + length] = random.below(10);
    mutatedInPlace(file.subarray(offset, offset + length), random);
    seal(file, handle, isCrc);
  }
}

export function resealedTable(seed: Uint8Array, random: Random): Uint8Array | undefined {
  const file = Uint8Array.from(seed);
  const footer = readFooter(new MemorySource(PATH, seed));
  const { format } = footer;
  if (!random.oneIn(5))
    harmBlocks(file, seed, footer.checksumType === CHECKSUM_TYPE.CRC32C, random);
  else {
    const tail = file.subarray(footer.offset);
    mutatedInPlace(tail.subarray(0, format.footerLength - 12), random);
    const pos = format.footerChecksumPos;
    if (pos !== undefined) {
      const crc = crc32c(tail.subarray(pos + 4), crc32c(tail.subarray(0, pos)));
      putU32le(tail, pos, maskCrc32c(crc));
    }
  }
  return file;
}

function resealedBlob(seed: Uint8Array, random: Random): Uint8Array {
  const file = Uint8Array.from(seed);
  const tail = file.subarray(file.length - BLOB_FOOTER_BYTES);
  if (random.oneIn(4)) {
    mutatedInPlace(tail.subarray(4, 30), random);
    putU32le(tail, 0, maskedCrc32c(tail.subarray(4)));
  } else harmBlocks(file, seed, tail[20] === CHECKSUM_TYPE.CRC32C, random);
  return file;
}

async function runTable(input: Uint8Array): Promise<void> {
  const report = (): void => undefined;
  await verifyTable(new MemorySource(PATH, input), { level: 'full', report });
  const table = openTable(new MemorySource(PATH, input), { cache: new BlockCache(1 << 20) });
  try {
    table.rangeDels();
    table.rangeKeys();
    const points = table.points();
    let count = 0;
    let middle = '';
    for (let more = points.first(); more && count < 5000; more = points.next()) {
      if (points.value.length > 1 << 30) throw new Error('a value above every limit');
      if (++count === 40) middle = toByteString(points.userKey);
    }
    points.seek(middle);
    points.seek('');
    points.seek('\u00ff\u00ff');
  } finally {
    table.close();
  }
}

async function runBlob(input: Uint8Array): Promise<void> {
  await verifyBlobFile(new MemorySource('000006.blob', input), { report: () => undefined });
  const file = openBlobFile(new MemorySource('000006.blob', input), new BlockCache(1 << 20));
  const blocks = file.blocks().length;
  for (let block = 0; block < Math.min(blocks + 1, 20); block++) {
    for (const value of [0, 1, 7]) {
      try {
        file.value({ reference: 0, block, value, length: 100 });
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
      }
    }
  }
  file.close();
}

interface Tables {
  readonly row: Uint8Array[];
  readonly columnar: Uint8Array[];
}

const tables: Tables = { row: [], columnar: [] };
const tinyTables: Tables = { row: [], columnar: [] };
let blobs: Uint8Array[] = [];
let tinyBlobs: Uint8Array[] = [];
let learnt: Promise<void> | undefined;

/** Reads the samples once; has to be awaited before the formats of this file are used. */
export function learnTables(): Promise<void> {
  learnt ??= learn();
  return learnt;
}

async function learn(): Promise<void> {
  const tiny = pebbleFiles(/tiny.*\.sst$/);
  const all = [...pebbleFiles(/^(?!.*tiny).*\.sst$/), ...filesLike(/\.sst$/, 40, 64 << 10)];
  blobs = filesLike(/\.blob$/, 4, 2 << 20);
  tinyBlobs = pebbleFiles(/tiny.*\.blob$/);
  await layouts.learn([...tiny, ...all], runTable);
  await layouts.learn([...tinyBlobs, ...blobs], runBlob);
  sortInto(tinyTables, tiny);
  sortInto(tables, all);
}

function sortInto({ row, columnar }: Tables, files: readonly Uint8Array[]): void {
  for (const file of files) {
    const { format } = readFooter(new MemorySource(PATH, file));
    (format.columnar ? columnar : row).push(file);
  }
}

/** Compressed blocks as they lie in sound tables. */
function compressedBlocks(code: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const file of [...tables.row, ...tables.columnar, ...blobs]) {
    for (const { offset, length } of layouts.of(file)) {
      if (file[offset + length] === code) found.push(file.subarray(offset, offset + length));
    }
  }
  return found;
}

/** So many of the shortest blocks take most cases. */
const SMALL_BLOCKS = 24;

function codec(name: string, code: number): Format {
  return bytesFormat({
    name,
    seeds: () => compressedBlocks(code),
    small: () =>
      compressedBlocks(code)
        .sort((a, b) => a.length - b.length)
        .slice(0, SMALL_BLOCKS),
    // The length in front stays true, so that the decoder itself gets the damage.
    resealed: (seed, random) => {
      const out = Uint8Array.from(seed);
      mutatedInPlace(out.subarray(2), random);
      return random.oneIn(4) ? out.subarray(0, 2 + random.below(out.length)) : out;
    },
    run: (input) => {
      const site = { path: PATH, offset: 0 };
      const out = decompressBlock(code, input, { site, maxBytes: 64 << 20 });
      if (out.length > 64 << 20) throw new Error(`${out.length} bytes came out`);
    },
  });
}

/** Data blocks that are not compressed, so that damage meets their own structure. */
function preferPlain(files: readonly Uint8Array[]): Uint8Array[] {
  const isPlain = (file: Uint8Array): boolean =>
    layouts.of(file).every(({ offset, length }) => file[offset + length] === COMPRESSION.NONE);
  const plain = files.filter(isPlain);
  return [...plain, ...plain, ...files];
}

export const SSTABLE_FORMATS: readonly Format[] = [
  bytesFormat({
    name: 'sst-row',
    seeds: () => preferPlain(tables.row),
    small: () => tinyTables.row,
    resealed: resealedTable,
    run: runTable,
  }),
  bytesFormat({
    name: 'sst-columnar',
    seeds: () => preferPlain(tables.columnar),
    small: () => tinyTables.columnar,
    resealed: resealedTable,
    run: runTable,
  }),
  bytesFormat({
    name: 'blob',
    seeds: () => blobs,
    small: () => tinyBlobs,
    resealed: resealedBlob,
    run: runBlob,
  }),
  codec('snappy', COMPRESSION.SNAPPY),
  codec('zstd', COMPRESSION.ZSTD),
  codec('minlz', COMPRESSION.MINLZ),
];
