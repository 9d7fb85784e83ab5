/**
 * A block as it comes from the file: verified, decompressed, and remembering where it lay so that
 * every complaint about its contents can say so. Positions inside are of the uncompressed bytes.
 */
import { CorruptionError } from '../../core/errors.js';
import type { BlockHandle } from './block-handle.js';

export class Block {
  /** Uncompressed. Owned by the block, or a scan's until it reads the next one. */
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly handle: BlockHandle;

  constructor(bytes: Uint8Array, path: string, handle: BlockHandle) {
    this.bytes = bytes;
    this.path = path;
    this.handle = handle;
  }

  /** What the cache counts. */
  get memoryBytes(): number {
    return this.bytes.length + 200;
  }

  malformed(pos: number, message: string): CorruptionError {
    return new CorruptionError(
      'sst-block-malformed',
      `block checksum is good but contents do not decode: ${message}, at byte ${pos} of` +
        ` ${this.bytes.length} uncompressed; written wrongly, or a bug of this reader`,
      { site: { path: this.path, offset: this.handle.offset } },
    );
  }
}
