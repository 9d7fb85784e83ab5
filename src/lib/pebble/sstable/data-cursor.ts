import type { ByteString } from '../../bytes/byte-string.js';
import type { Block } from './block.js';
import type { BlockClass } from './block-reader.js';

/** Where a value lies: behind the key, in a value block, or in a blob file. */
export const VALUE_PLACE = { INLINE: 0, VALUE_BLOCK: 1, BLOB: 2 } as const;
export type ValuePlace = (typeof VALUE_PLACE)[keyof typeof VALUE_PLACE];

/**
 * Walks the points of one data block after another, rows or columns. All it shows is overwritten by
 * its next movement. A synthetic prefix is part of every key it shows, never of a `seek` target.
 */
export interface DataCursor<T extends Block = Block> {
  readonly blockClass: BlockClass<T>;
  /** Holds the user key in [0, keyLength). */
  readonly key: Uint8Array;
  readonly keyLength: number;
  readonly kind: number;
  readonly seqHigh: number;
  readonly seqLow: number;
  readonly isObsolete: boolean;
  /** [valueStart, valueEnd) of the block is the value, or the handle of one that lies elsewhere. */
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly valuePlace: ValuePlace;
  /** Stands before the first point of `block`. */
  load(block: T): void;
  first(): boolean;
  /** To the first point whose stored user key is `>= target`. */
  seek(target: ByteString): boolean;
  next(): boolean;
}
