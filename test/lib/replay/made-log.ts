/** Segments with entry records at chosen indexes, as some sequence of leaders might have written them. */
import { concatBytes } from '../../../src/lib/bytes/write.js';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import { PROTO_37 } from '../../../src/lib/proto/dialect.js';
import type { WalSegment } from '../../../src/lib/raft/wal/decoder.js';
import { WalEncoder } from '../../../src/lib/raft/wal/encoder.js';
import { segmentName } from '../../../src/lib/raft/wal/segment-name.js';
import { encodeProposal } from '../../../src/lib/raft/proposal.js';

export interface MadeEntry {
  readonly index: bigint;
  readonly term?: bigint;
  readonly type?: number;
  /** Data of the entry; a lease that tells its position by default. */
  readonly data?: Uint8Array | undefined;
}

export function leaseData(ms: number): Uint8Array {
  const payload = new Uint8Array(9);
  payload[0] = 2;
  new Uint8Array(Buffer.from([0, 0, 0, 0, 0, ms >> 16, ms >> 8, ms])).forEach((v, i) => {
    payload[i + 1] = v;
  });
  return encodeProposal(BigInt(ms), payload);
}

/**
 * @param commit  saved behind the last entry
 * @param perSegment  entries in each segment; the rest goes into the last one
 */
export function madeLog(
  entries: readonly MadeEntry[],
  commit: bigint,
  perSegment: readonly number[] = [],
): WalSegment[] {
  const encoder = new WalEncoder(PROTO_37);
  const segments: WalSegment[] = [];
  let at = 0;
  for (let seq = 0; seq <= perSegment.length; seq++) {
    const parts = [seq === 0 ? encoder.creation() : encoder.continuation(undefined)];
    const until = seq < perSegment.length ? at + perSegment[seq]! : entries.length;
    for (; at < Math.min(until, entries.length); at++) {
      const { index, term = 1n, type, data = leaseData(at + 1) } = entries[at]!;
      parts.push(encoder.entry({ type, term, index, data }));
    }
    if (seq === perSegment.length) {
      parts.push(encoder.hardState({ term: 1n, vote: 1n, commit }), new Uint8Array(64));
    }
    const name = segmentName(BigInt(seq), 0n);
    segments.push({ name, source: new MemorySource(name, concatBytes(...parts)) });
  }
  return segments;
}

/** The same segments, the last one ending at `size`. */
export function cutTo(segments: readonly WalSegment[], size: number): WalSegment[] {
  const last = segments.at(-1)!;
  const bytes = (last.source as MemorySource).bytes.subarray(0, size);
  return [
    ...segments.slice(0, -1),
    { name: last.name, source: new MemorySource(last.name, bytes) },
  ];
}
