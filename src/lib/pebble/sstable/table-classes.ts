import type { BlockClass } from './block-reader.js';
import { ColumnPoints } from './column-data-block.js';
import { ColumnIndexBlock, RowIndexBlock, type IndexBlock } from './index-block.js';
import type { PointDecoder } from './point-decoder.js';
import { RowPoints } from './row-points.js';
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

/** @param prefix  a synthetic prefix, part of every key that is shown */
export function newPointDecoder(format: TableFormat, prefix: Uint8Array): PointDecoder {
  return format.columnar ? new ColumnPoints(prefix) : new RowPoints(format, prefix);
}
