/**
 * Points of a row data block (spec/pebble.md §6.5): the key is user key ++ trailer u64 LE
 * `seqnum * 256 + kind`, in v4 with the obsolete flag in bit 6 of the kind byte.
 *
 * In v3 and v4 the value of a SET, and of no other kind, begins with a prefix byte whose bits 7-6
 * say where the value is: 00 it follows, 10 a value-block handle follows, 01 (blob) and 11 are
 * refused.
 *
 * The work is done by a small WebAssembly module (row-kernel.wat) in its own memory, block by block:
 * an entry at a time it would be most of what a scan costs.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import {
  ROW_PART_AT,
  ROW_PART_BYTES,
  SHARED_BUFFER,
  SHARED_MEMORY,
} from '../../bytes/kernel-memory.js';
import {
  growKernelMemory,
  newKernelMemory,
  startKernel,
  type KernelMemory,
} from '../../bytes/wasm-kernel.js';
import { assert } from '../../core/errors.js';
import { MAX_KEY_BYTES, MAX_ROWS, ROW_WORDS, type PointRows } from '../base/point-rows.js';
import type { PointDecoder } from './point-decoder.js';
import { RowBlock } from './row-block.js';
import { ROW_KERNEL_BASE64 } from './row-kernel.js';
import type { TableFormat } from './table-format.js';

interface Kernel {
  readonly fill: (
    block: number,
    end: number,
    key: number,
    prefix: number,
    format: number,
    row: number,
    keys: number,
    most: number,
    mostBytes: number,
  ) => number;
}

const TRAILER_BYTES = 8;
/** What is read and written behind the end of every part. */
const SLACK_BYTES = 16;
/** Bits of the kernel's `format`. */
const HAS_VALUE_PREFIX = 1;
const HAS_OBSOLETE_BIT = 2;
/** The kernel's state by words. */
const POS = 0;
const KEY_LENGTH = 1;
const STOPPED = 2;
const ENTRY = 3;
/** Of the part that holds rows, then keys, then the last entry's key. */
const KEYS_AT = 4 * ROW_WORDS * MAX_ROWS;
const OWN_PART_AT = 0x40;
const OWN_PAGES = 4;

/** A memory and the kernel that works in it. */
class Space {
  readonly partAt: number;
  private readonly memory: KernelMemory;
  readonly kernel: Kernel;
  bytes: Uint8Array<ArrayBuffer>;
  words: Uint32Array<ArrayBuffer>;

  constructor(memory: KernelMemory, partAt: number) {
    const kernel = startKernel(ROW_KERNEL_BASE64, memory) as Kernel | undefined;
    assert(kernel !== undefined, 'the row kernel uses nothing that an engine may lack');
    this.partAt = partAt;
    this.memory = memory;
    this.kernel = kernel;
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
  }

  reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    growKernelMemory(this.memory, bytes);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
  }
}

let sharedSpace: Space | undefined;
let ownSpace: Space | undefined;

export class RowPoints implements PointDecoder<RowBlock> {
  readonly blockClass = RowBlock;
  private readonly prefix: Uint8Array;
  private readonly format: number;
  private block: RowBlock | undefined;
  private pos = 0;
  /** The fixed prefix and the key of the entry in front of `pos`, which takes bytes over from it. */
  private key: Uint8Array;

  constructor(format: TableFormat, prefix: Uint8Array) {
    this.prefix = prefix;
    this.key = prefix;
    this.format =
      (format.valuePrefix ? HAS_VALUE_PREFIX : 0) | (format.obsoleteBit ? HAS_OBSOLETE_BIT : 0);
  }

  load(block: RowBlock): void {
    this.block = block;
    this.moveTo(0);
  }

  seek(target: ByteString): void {
    this.moveTo(this.block!.restartBefore(target, TRAILER_BYTES));
  }

  decodePoints(rows: PointRows, most: number): boolean {
    const { pos, prefix } = this;
    const { bytes, entriesEnd } = this.block!;
    rows.clear();
    if (pos >= entriesEnd) return false;
    const left = entriesEnd - pos;
    const longest = this.key.length + left + SLACK_BYTES;
    const partBytes = KEYS_AT + MAX_KEY_BYTES + 2 * longest;
    const isShared = bytes.buffer === SHARED_BUFFER && partBytes <= ROW_PART_BYTES;
    const space = isShared
      ? (sharedSpace ??= new Space(SHARED_MEMORY, ROW_PART_AT))
      : (ownSpace ??= new Space(newKernelMemory(OWN_PAGES), OWN_PART_AT));
    const { partAt } = space;
    let blockAt = bytes.byteOffset;
    if (!isShared) {
      const copyAt = partAt + partBytes;
      space.reserve(copyAt + left + SLACK_BYTES);
      space.bytes.set(bytes.subarray(pos, entriesEnd), copyAt);
      blockAt = copyAt - pos;
    }
    const keysAt = partAt + KEYS_AT;
    const keyAt = keysAt + MAX_KEY_BYTES + longest;
    const { bytes: memory, words } = space;
    if (this.key.length > 0) memory.set(this.key, keyAt);
    words[POS] = pos;
    words[KEY_LENGTH] = this.key.length;
    const count = space.kernel.fill(
      blockAt,
      entriesEnd,
      keyAt,
      prefix.length,
      this.format,
      partAt,
      keysAt,
      Math.min(most, MAX_ROWS),
      MAX_KEY_BYTES,
    );
    if (count === 0) this.refuse(words);
    const rowsFrom = partAt >>> 2;
    const rowsTo = rowsFrom + count * ROW_WORDS;
    const keysTo = keysAt + words[rowsTo - ROW_WORDS + 1]!;
    rows.replace(words.subarray(rowsFrom, rowsTo), memory.subarray(keysAt, keysTo));
    this.pos = words[POS]!;
    if (this.pos < entriesEnd) this.key = memory.slice(keyAt, keyAt + words[KEY_LENGTH]!);
    return true;
  }

  private moveTo(pos: number): void {
    this.pos = pos;
    this.key = this.prefix;
  }

  /** Says what the kernel stopped at. */
  private refuse(words: Uint32Array): never {
    const [shared, unshared, valueLength] = words.subarray(ENTRY, ENTRY + 3);
    const texts: Readonly<Record<number, string>> = {
      1: 'entry header overruns the entries',
      2:
        `entry shares ${shared} of ${this.key.length - this.prefix.length} key bytes,` +
        ` adds ${unshared}, value ${valueLength}, entries end at ${this.block!.entriesEnd}`,
      3: `key shorter than ${TRAILER_BYTES} bytes`,
      4: `key kind ${shared}`,
      5: 'SET without its value prefix byte',
      6: `value prefix bits ${shared!.toString(2).padStart(2, '0')}`,
    };
    const text = texts[words[STOPPED]!];
    assert(text !== undefined, 'the row kernel stops for a reason');
    throw this.block!.malformed(this.pos, text);
  }
}
