/**
 * Value blocks (spec/pebble.md §6.6): values of older versions of a key, back to back in blocks of
 * their own. The handle in a value's place is three uvarint32: length, block number, offset in the
 * uncompressed block. The value index is rows of three little-endian fields whose widths stand in
 * the metaindex: block number (equal to the row), file offset, length without trailer.
 */
import { CorruptionError } from '../../core/errors.js';
import { Block } from './block.js';
import type { BlockHandle } from './block-handle.js';
import type { BlockReader } from './block-reader.js';
import type { ValueIndexHandle } from './metaindex.js';
import { readUvarint32, uvarint32End } from './uvarint32.js';

export interface ValueHandle {
  readonly length: number;
  readonly block: number;
  readonly offset: number;
}

/** @param start  behind the prefix byte */
export function decodeValueHandle(block: Block, start: number, end: number): ValueHandle {
  const { bytes } = block;
  const blockAt = uvarint32End(bytes, start);
  const offsetAt = uvarint32End(bytes, blockAt);
  if (uvarint32End(bytes, offsetAt) !== end) {
    throw block.malformed(start, `value handle does not fill its ${end - start} bytes`);
  }
  return {
    length: readUvarint32(bytes, start),
    block: readUvarint32(bytes, blockAt),
    offset: readUvarint32(bytes, offsetAt),
  };
}

export class ValueBlocks {
  readonly handles: readonly BlockHandle[];
  private readonly reader: BlockReader;

  constructor(reader: BlockReader, index: ValueIndexHandle) {
    this.reader = reader;
    const block = reader.uncached(index.handle, Block, 'value index');
    this.handles = decodeValueIndex(block, index);
  }

  /** The value, borrowed from the block. @throws {CorruptionError} `sst-value-handle` */
  value(handle: ValueHandle): Uint8Array {
    const at = this.handles[handle.block];
    if (!at) throw this.outside(handle, `there are ${this.handles.length} value blocks`);
    const block = this.reader.block(at.offset, at.length, Block, 'value');
    const end = handle.offset + handle.length;
    if (end > block.bytes.length) {
      throw this.outside(handle, `that block has ${block.bytes.length} bytes`);
    }
    return block.bytes.subarray(handle.offset, end);
  }

  private outside(handle: ValueHandle, message: string): CorruptionError {
    const offset = this.handles[handle.block]?.offset;
    return new CorruptionError(
      'sst-value-handle',
      `value of ${handle.length} bytes at ${handle.offset} in value block ${handle.block}: ${message}`,
      { site: { path: this.reader.path, offset } },
    );
  }
}

function decodeValueIndex(block: Block, index: ValueIndexHandle): BlockHandle[] {
  const { bytes } = block;
  const { numberWidth, offsetWidth, lengthWidth } = index;
  const rowBytes = numberWidth + offsetWidth + lengthWidth;
  const isSane = [numberWidth, offsetWidth, lengthWidth].every((width) => width >= 1 && width <= 8);
  if (!isSane || bytes.length % rowBytes !== 0) {
    throw block.malformed(0, `rows of ${numberWidth} + ${offsetWidth} + ${lengthWidth} bytes`);
  }
  const field = (pos: number, width: number): number => {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[pos + i] ?? 0);
    return value;
  };
  const handles: BlockHandle[] = [];
  for (let pos = 0; pos < bytes.length; pos += rowBytes) {
    const number = field(pos, numberWidth);
    if (number !== handles.length) {
      throw block.malformed(pos, `row ${handles.length} names value block ${number}`);
    }
    handles.push({
      offset: field(pos + numberWidth, offsetWidth),
      length: field(pos + numberWidth + offsetWidth, lengthWidth),
    });
  }
  return handles;
}
