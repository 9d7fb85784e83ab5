/**
 * The metaindex and the properties: pairs of a raw name and a value, as a row block or, in newer
 * formats, as a columnar block of two bytes columns (spec/pebble.md §6.3, §6.7).
 */
import { toByteString } from '../../bytes/byte-string.js';
import type { BlockHandle } from './block-handle.js';
import { COLUMN, ColumnarBlock } from './columns.js';
import { RowBlock, RowEntries } from './row-block.js';

/** Names share prefixes; this only bounds what hostile bytes cost. */
const MAX_NAME_EXPANSION = 64;

export type NamedValues = ReadonlyMap<string, Uint8Array>;

export class RowNameBlock extends RowBlock {
  readonly values: NamedValues;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle);
    const values = new Map<string, Uint8Array>();
    const entries = new RowEntries();
    entries.load(this);
    let budget = MAX_NAME_EXPANSION * bytes.length;
    while (entries.next()) {
      budget -= entries.keyLength;
      if (budget < 0) throw this.malformed(entries.valueStart, 'names expand beyond all reason');
      const name = toByteString(entries.key.subarray(0, entries.keyLength));
      values.set(name, bytes.subarray(entries.valueStart, entries.valueEnd));
    }
    this.values = values;
  }
}

export class ColumnNameBlock extends ColumnarBlock {
  readonly values: NamedValues;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    super(bytes, path, handle, 0, [COLUMN.BYTES, COLUMN.BYTES]);
    const names = this.bytesColumn(0);
    const contents = this.bytesColumn(1);
    const values = new Map<string, Uint8Array>();
    for (let row = 0; row < this.rows; row++) {
      const name = toByteString(bytes.subarray(names.start(row), names.stop(row)));
      values.set(name, bytes.subarray(contents.start(row), contents.stop(row)));
    }
    this.values = values;
  }
}
