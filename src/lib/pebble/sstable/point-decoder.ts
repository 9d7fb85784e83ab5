import type { ByteString } from '../../bytes/byte-string.js';
import type { PointRows } from '../base/point-rows.js';
import type { Block } from './block.js';
import type { BlockClass } from './block-reader.js';

/** Where a value lies: behind the key, in a value block, or in a blob file. */
export const VALUE_PLACE = { INLINE: 0, VALUE_BLOCK: 1, BLOB: 2 } as const;
export type ValuePlace = (typeof VALUE_PLACE)[keyof typeof VALUE_PLACE];

/**
 * Decodes the points of one data block after another, rows or columns, some at a time. A synthetic
 * prefix is part of every key it shows, never of a `seek` target. Values are positions in the block.
 */
export interface PointDecoder<T extends Block = Block> {
  readonly blockClass: BlockClass<T>;
  /** Stands before the first point of `block`. */
  load(block: T): void;
  /**
   * Shows the points that follow, at most so many, in the place of the rows there are. Those in front
   * of one that does not decode are shown, and the next call throws.
   * @returns false behind the last point
   * @throws {CorruptionError} `sst-block-malformed`
   */
  decodePoints(rows: PointRows, most: number): boolean;
  /** Before the first point whose stored user key is `>= target`, or a few points in front of it. */
  seek(target: ByteString): void;
}
