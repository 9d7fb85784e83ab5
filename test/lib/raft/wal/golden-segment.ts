/** The golden segment of spec/etcd-wal.md §2.7 and ways to damage it. */
import { SEGMENT_BYTES } from '../../../../src/lib/raft/wal/segment-name.js';
import type { WalSegment } from '../../../../src/lib/raft/wal/decoder.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';

const HEX = `
0400000000000084 0804100000000000   0400000000000084 0801100000000000
0e00000000000082 080510a0b39b8f08 1a04080010000000
1200000000000086 080510b48f93e305 1a08080110011a02 0807000000000000
0e00000000000082 080310b5a8e6b60b 1a04080118010000
2a00000000000086 08021084e396a10e 1a2010021802221a 7061796c6f61642d 322d616161616161
6161616161616161 6161000000000000
1000000000000000 080310a2acf8a30a 1a06080210071801
2a00000000000086 0802109deec7ea08 1a2010021803221a 7061796c6f61642d 332d616161616161
6161616161616161 6161000000000000
1000000000000000 080310aa8df8b601 1a06080210071802
2a00000000000086 080210dddcb6d808 1a2010021804221a 7061796c6f61642d 342d616161616161
6161616161616161 6161000000000000
1000000000000000 080310daf7878d0b 1a06080210071803`;

/** Behind the last record. */
export const GOLDEN_END = 0x160;
export const GOLDEN_HEAD: Uint8Array = Buffer.from(HEX.replaceAll(/\s/g, ''), 'hex');
export const GOLDEN_NAME = '0000000000000000-0000000000000000.wal';
export const GOLDEN_OFFSETS = [0, 0x10, 0x20, 0x38, 0x58, 0x70, 0xa8, 0xc0, 0xf8, 0x110, 0x148];
export const GOLDEN_CRCS_37 = [
  0, 0, 0x81e6d9a0, 0x5c64c7b4, 0xb6d99435, 0xe425b184, 0xa47e1622, 0x8d51f71d, 0x16de06aa,
  0x8b0dae5d, 0xb1a1fbda,
];
export const GOLDEN_CRCS_36 = [
  0, 0, 0x81e6d9a0, 0x61d9a16d, 0xf5c80a86, 0xfda51241, 0x699c6e80, 0x8b683dcd, 0xec992b6d,
  0xa77d08a2, 0x375b4f9f,
];

/** The whole file, 64,000,000 bytes. */
export function goldenFile(): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_BYTES);
  bytes.set(GOLDEN_HEAD);
  return bytes;
}

/** A short stand-in: the records and some zeros. */
export function goldenShort(zeros = 1000): Uint8Array {
  const bytes = new Uint8Array(GOLDEN_END + zeros);
  bytes.set(GOLDEN_HEAD);
  return bytes;
}

export function segmentOf(bytes: Uint8Array, name = GOLDEN_NAME): WalSegment {
  return { name, source: new MemorySource(name, bytes) };
}
