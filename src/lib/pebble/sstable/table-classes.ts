import type { BlockClass } from './block-reader.js';
import { ColumnDataCursor } from './column-data-block.js';
import type { DataCursor } from './data-cursor.js';
import { ColumnIndexBlock, RowIndexBlock, type IndexBlock } from './index-block.js';
import { RowDataCursor } from './row-data-cursor.js';
import { ColumnSpanBlock, RowSpanBlock, type SpanBlock } from './span-block.js';
import type { TableFormat } from './table-format.js';

/** How the blocks of a table format are decoded, by what they are for. */
export interface BlockClasses {
  readonly indexClass: BlockClass<IndexBlock>;
  readonly spanClass: BlockClass<SpanBlock>;
}

const ROW_CLASSES: BlockClasses = { indexClass: RowIndexBlock, spanClass: RowSpanBlock };
const COLUMN_CLASSES: BlockClasses = { indexClass: ColumnIndexBlock, spanClass: ColumnSpanBlock };

export function blockClasses(format: TableFormat): BlockClasses {
  return format.columnar ? COLUMN_CLASSES : ROW_CLASSES;
}

/** @param prefix  a synthetic prefix, part of every key the cursor shows */
export function newDataCursor(format: TableFormat, prefix: Uint8Array): DataCursor {
  return format.columnar ? new ColumnDataCursor(prefix) : new RowDataCursor(format, prefix);
}
