/** Changes bytes of a table and makes its checksums right again, to get behind them in tests. */
import { maskedCrc32c } from '../../../../src/lib/checksum/crc32c-masked.js';
import { xxhash64Low32 } from '../../../../src/lib/checksum/xxhash64.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import type { BlockHandle } from '../../../../src/lib/pebble/sstable/block-handle.js';
import { CHECKSUM_TYPE, readFooter } from '../../../../src/lib/pebble/sstable/footer.js';

/** A copy with `change` applied to the block's payload; the block keeps its length. */
export function resealed(
  table: Uint8Array,
  handle: BlockHandle,
  change: (payload: Uint8Array) => void,
): Uint8Array {
  const { checksumType } = readFooter(new MemorySource('t.sst', table));
  const out = Buffer.from(table);
  const { offset, length } = handle;
  change(out.subarray(offset, offset + length));
  const covered = out.subarray(offset, offset + length + 1);
  const isCrc = checksumType === CHECKSUM_TYPE.CRC32C;
  out.writeUInt32LE(isCrc ? maskedCrc32c(covered) : xxhash64Low32(covered), offset + length + 1);
  return out;
}
