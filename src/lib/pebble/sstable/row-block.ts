/**
 * Row block (spec/pebble.md §6.5): entries, then P restart offsets u32, then P u32.
 *
 * Entry: uvarint32 `shared`, `unshared`, `valueLen`; `unshared` key bytes; `valueLen` value bytes.
 * The key is the first `shared` bytes of the previous entry's key ++ the new bytes; at a restart
 * `shared` is 0. In v3 and v4 data blocks bit 31 of a restart is a flag and not part of the offset.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { u32le } from '../../bytes/read.js';
import { Block } from './block.js';
import type { BlockHandle } from './block-handle.js';
import { MAX_UVARINT32_BYTES, readUvarint32, uvarint32End } from './uvarint32.js';

const RESTART_MASK = 0x7fffffff;

export class RowBlock extends Block {
  /** Where entries end and the restarts begin. */
  readonly entriesEnd: number;
  readonly restartCount: number;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle);
    const count = bytes.length < 4 ? 0 : u32le(bytes, bytes.length - 4);
    const end = bytes.length - 4 - 4 * count;
    if (count === 0 || end < 0) {
      throw this.malformed(Math.max(bytes.length - 4, 0), `${count} restart points`);
    }
    this.restartCount = count;
    this.entriesEnd = end;
  }

  /** Position of restart entry `i`. */
  restart(i: number): number {
    const pos = u32le(this.bytes, this.entriesEnd + 4 * i) & RESTART_MASK;
    if (pos > this.entriesEnd) {
      throw this.malformed(this.entriesEnd + 4 * i, `restart ${i} at ${pos} is behind the entries`);
    }
    return pos;
  }

  /**
   * Position of the last restart entry whose key without its last `tailBytes` sorts before `target`,
   * or of the first entry.
   */
  restartBefore(target: ByteString, tailBytes: number): number {
    let low = 0;
    let high = this.restartCount;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.restartSortsBefore(middle, target, tailBytes)) low = middle;
      else high = middle;
    }
    return low === 0 ? 0 : this.restart(low);
  }

  private restartSortsBefore(i: number, target: ByteString, tailBytes: number): boolean {
    const { bytes, entriesEnd } = this;
    const start = this.restart(i);
    if (start + 3 > entriesEnd || bytes[start] !== 0) {
      throw this.malformed(start, `no entry with a full key at restart ${i}`);
    }
    const unshared = readUvarint32(bytes, start + 1);
    const keyStart = uvarint32End(bytes, uvarint32End(bytes, start + 1));
    const length = unshared - tailBytes;
    if (length < 0 || keyStart + unshared > entriesEnd) {
      throw this.malformed(start, `key of ${unshared} bytes at restart ${i}`);
    }
    const n = Math.min(length, target.length);
    for (let k = 0; k < n; k++) {
      const d = bytes[keyStart + k]! - target.charCodeAt(k);
      if (d !== 0) return d < 0;
    }
    return length < target.length;
  }
}

/**
 * Walks the entries of a row block, whatever they are; row-points.ts decodes points, the many. Keys
 * are rebuilt in one buffer; nothing is allocated per entry.
 */
export class RowEntries {
  /** Holds the entry's key as stored. Replaced when it has to grow. */
  key = new Uint8Array(256);
  keyLength = 0;
  /** How many bytes of its key the entry takes over from the one before. */
  shared = 0;
  valueStart = 0;
  valueEnd = 0;
  private block: RowBlock | undefined;
  private bytes: Uint8Array = new Uint8Array(0);
  /** Position of the next entry. */
  private pos = 0;
  private end = 0;

  /** Before the first entry of `block`. */
  load(block: RowBlock): void {
    this.block = block;
    this.bytes = block.bytes;
    this.end = block.entriesEnd;
    this.toStart();
  }

  toStart(): void {
    this.pos = 0;
    this.keyLength = 0;
    this.valueStart = 0;
    this.valueEnd = 0;
  }

  /** @returns false behind the last entry */
  next(): boolean {
    const { bytes, end } = this;
    let p = this.pos;
    if (p >= end) return this.atEnd();
    let shared = bytes[p]!;
    let unshared = bytes[p + 1]!;
    let valueLength = bytes[p + 2]!;
    if ((shared | unshared | valueLength) < 0x80) {
      p += 3;
    } else {
      if (end - p < 3 * MAX_UVARINT32_BYTES) this.checkHeader(p);
      shared = readUvarint32(bytes, p);
      p = uvarint32End(bytes, p);
      unshared = readUvarint32(bytes, p);
      p = uvarint32End(bytes, p);
      valueLength = readUvarint32(bytes, p);
      p = uvarint32End(bytes, p);
    }
    const keyEnd = shared + unshared;
    const valueStart = p + unshared;
    const valueEnd = valueStart + valueLength;
    if (shared > this.keyLength || valueEnd > end) this.refuse(shared, unshared, valueLength);
    if (keyEnd > this.key.length) this.grow(keyEnd);
    const key = this.key;
    if (unshared > 64) key.set(bytes.subarray(p, valueStart), shared);
    else for (let i = 0; i < unshared; i++) key[shared + i] = bytes[p + i]!;
    this.keyLength = keyEnd;
    this.shared = shared;
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
    this.pos = valueEnd;
    return true;
  }

  private atEnd(): boolean {
    if (this.pos > this.end) throw this.loaded().malformed(this.pos, 'entries overrun their end');
    return false;
  }

  /** Near the end a varint could run into the restarts: decode it within the entries only. */
  private checkHeader(start: number): void {
    let p = start;
    for (let field = 0; field < 3; field++) {
      while (p < this.end && this.bytes[p]! >= 0x80) p++;
      if (p++ >= this.end)
        throw this.loaded().malformed(start, 'entry header overruns the entries');
    }
  }

  private refuse(shared: number, unshared: number, valueLength: number): never {
    throw this.loaded().malformed(
      this.pos,
      `entry shares ${shared} of ${this.keyLength} key bytes,` +
        ` adds ${unshared}, value ${valueLength}, entries end at ${this.end}`,
    );
  }

  private grow(length: number): void {
    const bigger = new Uint8Array(2 * length);
    bigger.set(this.key.subarray(0, this.keyLength));
    this.key = bigger;
  }

  private loaded(): RowBlock {
    if (!this.block) throw new Error('no row block loaded');
    return this.block;
  }
}
