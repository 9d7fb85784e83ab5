/**
 * The `.fsm` file a node would write of its present store: snapshot header, `EKVPBBL1` payload,
 * footer (spec/snapshot-files.md §1, §2.2, §5.1). Computed, not kept: size, CRC and SHA-256 are what
 * later steps and a reader need.
 *
 *     header | EKVPBBL1 | lastCommitTS u64 LE | { keyLen u64 LE, key, valueLen u64 LE, value } … | CRC32C BE
 */
import { createHash, type Hash } from 'node:crypto';
import { toByteString } from '../bytes/byte-string.js';
import { putU32be, putU64le, u64leBytes } from '../bytes/write.js';
import { crc32c } from '../checksum/crc32c.js';
import type { Pace } from '../core/pace.js';
import type { OverlayStore } from '../kv/overlay.js';

export interface FsmImage {
  readonly size: number;
  /** Of the payload: goes into footer and token. */
  readonly crc32c: number;
  readonly sha256: string;
  /** False where the store holds a lock that this boot wrote: its expiry is the wall clock's. */
  readonly reproducible: boolean;
}

const BUFFER_BYTES = 64 << 10;
const LOCK_PREFIX = Buffer.from('!txn|lock|');

class ImageWriter {
  size = 0;
  crc = 0;
  private readonly hash: Hash = createHash('sha256');
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private filled = 0;

  /** Bytes that went through the checksums since the last call. */
  private settled = 0;

  write(bytes: Uint8Array): void {
    if (this.filled + bytes.length > BUFFER_BYTES) this.flush();
    if (bytes.length > BUFFER_BYTES) {
      this.take(bytes);
      return;
    }
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  length(n: number): void {
    if (this.filled + 8 > BUFFER_BYTES) this.flush();
    putU64le(this.buffer, this.filled, BigInt(n));
    this.filled += 8;
  }

  progress(): number {
    const bytes = this.settled;
    this.settled = 0;
    return bytes;
  }

  finish(): { size: number; crc32c: number; sha256: string } {
    this.flush();
    const footer = new Uint8Array(4);
    putU32be(footer, 0, this.crc);
    const sha256 = this.hash.update(footer).digest('hex');
    return { size: this.size + footer.length, crc32c: this.crc, sha256 };
  }

  private flush(): void {
    this.take(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private take(bytes: Uint8Array): void {
    this.crc = crc32c(bytes, this.crc);
    this.hash.update(bytes);
    this.size += bytes.length;
    this.settled += bytes.length;
  }
}

/** @param header encoded snapshot header (v1, or v2 once the process has seen a cutover) */
export async function imageOfStore(
  store: OverlayStore,
  header: Uint8Array,
  lastCommitTs: bigint,
  pace: Pace,
): Promise<FsmImage> {
  const out = new ImageWriter();
  out.write(header);
  out.write(Buffer.from('EKVPBBL1'));
  out.write(u64leBytes(lastCommitTs));
  let reproducible = true;
  const cursor = store.cursor();
  for (let on = cursor.first(); on; on = cursor.next()) {
    const { key, value } = cursor;
    out.length(key.length);
    out.write(key);
    out.length(value.length);
    out.write(value);
    if (reproducible && isLiveLock(key, value)) reproducible = !store.isPut(toByteString(key));
    const bytes = out.progress();
    if (bytes > 0) await pace.step(bytes);
  }
  return { ...out.finish(), reproducible };
}

function isLiveLock(key: Uint8Array, value: Uint8Array): boolean {
  if (value.length === 0 || ((value[0] ?? 0) & 1) !== 0) return false;
  return LOCK_PREFIX.compare(key, 0, Math.min(LOCK_PREFIX.length, key.length)) === 0;
}
