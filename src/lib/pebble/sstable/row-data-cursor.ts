/**
 * Points of a row data block (spec/pebble.md §6.5): the key is user key ++ trailer u64 LE
 * `seqnum * 256 + kind`, in v4 with the obsolete flag in bit 6 of the kind byte.
 *
 * In v3 and v4 the value of a SET, and of no other kind, begins with a prefix byte whose bits 7-6
 * say where the value is: 00 it follows, 10 a value-block handle follows, 01 (blob) and 11 are
 * refused.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { KIND } from '../base/internal-key.js';
import { VALUE_PLACE, type DataCursor, type ValuePlace } from './data-cursor.js';
import { IS_POINT_KIND, OBSOLETE_BIT } from './point-kinds.js';
import { RowBlock, RowEntries } from './row-block.js';
import type { TableFormat } from './table-format.js';

const TRAILER_BYTES = 8;

export class RowDataCursor implements DataCursor<RowBlock> {
  readonly blockClass = RowBlock;
  keyLength = 0;
  kind = 0;
  seqHigh = 0;
  seqLow = 0;
  isObsolete = false;
  valueStart = 0;
  valueEnd = 0;
  valuePlace: ValuePlace = VALUE_PLACE.INLINE;
  private readonly entries: RowEntries;
  private readonly prefixLength: number;
  private readonly valuePrefix: boolean;
  private readonly kindMask: number;
  private block: RowBlock | undefined;

  constructor(format: TableFormat, prefix: Uint8Array) {
    this.entries = new RowEntries(prefix);
    this.prefixLength = prefix.length;
    this.valuePrefix = format.valuePrefix;
    this.kindMask = format.obsoleteBit ? 0xff & ~OBSOLETE_BIT : 0xff;
  }

  get key(): Uint8Array {
    return this.entries.key;
  }

  load(block: RowBlock): void {
    this.block = block;
    this.entries.load(block);
  }

  first(): boolean {
    this.entries.toStart();
    return this.next();
  }

  seek(target: ByteString): boolean {
    const { entries, prefixLength } = this;
    entries.seekRestart(target, TRAILER_BYTES);
    // How much of the target the last entry, which sorts before it, begins with.
    let matched = 0;
    let lastLength = 0;
    while (this.next()) {
      const { key } = entries;
      const length = this.keyLength - prefixLength;
      const { shared } = entries;
      // The byte in which the last entry fell short is taken over: this one falls short as well.
      if (shared > matched && lastLength > matched && length > matched) {
        lastLength = length;
        continue;
      }
      const n = Math.min(length, target.length);
      let k = Math.min(shared, matched);
      while (k < n && key[prefixLength + k] === target.charCodeAt(k)) k++;
      const isBefore =
        k < n ? key[prefixLength + k]! < target.charCodeAt(k) : length < target.length;
      if (!isBefore) return true;
      matched = k;
      lastLength = length;
    }
    return false;
  }

  next(): boolean {
    const { entries } = this;
    if (!entries.next()) return false;
    const { key } = entries;
    const end = entries.keyLength - TRAILER_BYTES;
    if (end < this.prefixLength) this.refuse(`key shorter than ${TRAILER_BYTES} bytes`);
    const kindByte = key[end]!;
    const kind = kindByte & this.kindMask;
    if (IS_POINT_KIND[kind] === 0) this.refuse(`key kind ${kindByte}`);
    this.keyLength = end;
    this.kind = kind;
    this.isObsolete = kind !== kindByte;
    this.seqLow =
      (key[end + 1]! | (key[end + 2]! << 8) | (key[end + 3]! << 16) | (key[end + 4]! << 24)) >>> 0;
    this.seqHigh = key[end + 5]! | (key[end + 6]! << 8) | (key[end + 7]! << 16);
    this.valueStart = entries.valueStart;
    this.valueEnd = entries.valueEnd;
    this.valuePlace = VALUE_PLACE.INLINE;
    if (kind === KIND.SET && this.valuePrefix) this.takePrefixByte();
    return true;
  }

  private takePrefixByte(): void {
    if (this.valueStart === this.valueEnd) this.refuse('SET without its value prefix byte');
    const place = this.block!.bytes[this.valueStart++]! >>> 6;
    if (place === 0) return;
    if (place !== 2) this.refuse(`value prefix bits ${place.toString(2).padStart(2, '0')}`);
    this.valuePlace = VALUE_PLACE.VALUE_BLOCK;
  }

  private refuse(message: string): never {
    throw this.block!.malformed(this.entries.valueStart, message);
  }
}
