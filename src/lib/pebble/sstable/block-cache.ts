import type { Block } from './block.js';

interface Node {
  readonly block: Block;
  readonly file: FileCache;
  newer: Node | undefined;
  older: Node | undefined;
  /** Asked for since it was last considered for removal. */
  isUsed: boolean;
}

/**
 * Decoded blocks of all tables of a database, bounded by the bytes they take in memory. The oldest
 * go first, but one that was used meanwhile is given a second round: a hit then costs one flag and
 * not the relinking of a list. A block larger than the bound is not kept.
 */
export class BlockCache {
  readonly maxBytes: number;
  private used = 0;
  private newest: Node | undefined;
  private oldest: Node | undefined;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.used;
  }

  /** A file's own part of the cache: its blocks by offset. */
  file(): FileCache {
    return new FileCache(this);
  }

  add(node: Node): void {
    this.used += node.block.memoryBytes;
    this.link(node);
    while (this.used > this.maxBytes && this.oldest) {
      const { oldest } = this;
      if (oldest.isUsed) this.renew(oldest);
      else this.drop(oldest);
    }
  }

  drop(node: Node): void {
    this.unlink(node);
    this.used -= node.block.memoryBytes;
    node.file.forget(node.block.handle.offset);
  }

  private renew(node: Node): void {
    node.isUsed = false;
    this.unlink(node);
    this.link(node);
  }

  private link(node: Node): void {
    node.older = this.newest;
    node.newer = undefined;
    if (this.newest) this.newest.newer = node;
    this.newest = node;
    this.oldest ??= node;
  }

  private unlink(node: Node): void {
    if (node.newer) node.newer.older = node.older;
    else this.newest = node.older;
    if (node.older) node.older.newer = node.newer;
    else this.oldest = node.newer;
  }
}

export class FileCache {
  private readonly cache: BlockCache;
  private readonly nodes = new Map<number, Node>();

  constructor(cache: BlockCache) {
    this.cache = cache;
  }

  get(offset: number): Block | undefined {
    const node = this.nodes.get(offset);
    if (node === undefined) return undefined;
    node.isUsed = true;
    return node.block;
  }

  set(block: Block): void {
    if (block.memoryBytes > this.cache.maxBytes) return;
    const known = this.nodes.get(block.handle.offset);
    if (known) this.cache.drop(known);
    const node: Node = { block, file: this, newer: undefined, older: undefined, isUsed: false };
    this.nodes.set(block.handle.offset, node);
    this.cache.add(node);
  }

  forget(offset: number): void {
    this.nodes.delete(offset);
  }

  clear(): void {
    for (const node of this.nodes.values()) this.cache.drop(node);
  }
}
