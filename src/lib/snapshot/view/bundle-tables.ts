import { compareBytes, compareBytesToString, type ByteString } from '../../bytes/byte-string.js';
import { CorruptionError, UnsupportedError, assert } from '../../core/errors.js';
import type { Pace } from '../../core/pace.js';
import type { SubSource } from '../../io/byte-source.js';
import type { KvCursor, KvView } from '../../kv/kv-view.js';
import type { InternalIterator } from '../../pebble/base/internal-iterator.js';
import { KIND } from '../../pebble/base/internal-key.js';
import { BlockCache } from '../../pebble/sstable/block-cache.js';
import { openTable, type Table } from '../../pebble/sstable/table.js';
import { FsmFault } from '../fsm-fault.js';
import type { BundleFile } from '../payload/sst-manifest.js';

const CACHE_BYTES = 8 << 20;
/** Tables kept open at a time; opening one again reads its footer and properties. */
const MAX_OPEN = 64;

/** The tables of an SST bundle behind one another: their key ranges are disjoint and rise. */
export class BundleTables implements KvView {
  readonly files: readonly BundleFile[];
  private readonly sources: readonly SubSource[];
  private readonly cache = new BlockCache(CACHE_BYTES);
  /** In order of use, the least recent first. */
  private readonly tables = new Map<number, Table>();
  private readonly own: BundleCursor;

  private constructor(sources: readonly SubSource[], files: readonly BundleFile[]) {
    this.sources = sources;
    this.files = files;
    this.own = new BundleCursor(this);
  }

  /**
   * Opens every table once, as an ingest does.
   * @throws {FsmFault} `fsm-bundle-table` when one cannot be read
   * @throws {UnsupportedError} `fsm-bundle-foreign` when one is not what a node writes
   */
  static async open(
    sources: readonly SubSource[],
    files: readonly BundleFile[],
    pace: Pace,
  ): Promise<BundleTables> {
    const tables = new BundleTables(sources, files);
    for (let i = 0; i < files.length; i++) {
      try {
        tables.verify(i);
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error;
        const site = error.site ?? { path: sources[i]!.path };
        const detail = { site, stage: 'payload' } as const;
        throw new FsmFault('fsm-bundle-table', error.detail, detail);
      }
      await pace.step(0);
    }
    return tables;
  }

  get(key: ByteString): Uint8Array | undefined {
    const found = this.own.seek(key) && compareBytesToString(this.own.key, key) === 0;
    return found ? this.own.value : undefined;
  }

  cursor(): KvCursor {
    return new BundleCursor(this);
  }

  /** A new iterator over the points of table `i`. */
  points(i: number): InternalIterator {
    return this.table(i).points();
  }

  /** Position of the first table whose largest key is `>= target`. */
  tableFor(target: ByteString): number {
    let low = 0;
    let high = this.files.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytesToString(this.files[middle]!.largest, target) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private table(i: number): Table {
    let table = this.tables.get(i);
    if (table !== undefined) {
      this.tables.delete(i);
    } else {
      const source = this.sources[i];
      assert(source !== undefined, 'a bundle has the table it is asked for');
      table = openTable(source, { cache: this.cache });
    }
    this.tables.set(i, table);
    if (this.tables.size > MAX_OPEN) {
      const [oldest, dropped] = this.tables.entries().next().value!;
      this.tables.delete(oldest);
      dropped.close();
    }
    return table;
  }

  /** The tables' real bounds must be the manifest's: everything here relies on them. */
  private verify(i: number): void {
    const { smallest, largest } = this.files[i]!;
    const table = this.table(i);
    if (table.rangeDels().length > 0 || table.rangeKeys().length > 0) {
      throw this.foreign(i, 'it holds range tombstones or range keys');
    }
    const points = table.points();
    if (!points.first() || compareBytes(points.userKey, smallest) !== 0) {
      throw this.foreign(i, 'its first key is not the manifest’s smallest');
    }
    if (points.seqHigh !== 0 || points.seqLow !== 0) {
      throw this.foreign(i, 'its entries have sequence numbers of their own');
    }
    const target = Buffer.from(largest).toString('latin1');
    const found = points.seek(target) && compareBytes(points.userKey, largest) === 0;
    if (!found || points.next())
      throw this.foreign(i, 'its last key is not the manifest’s largest');
  }

  foreign(i: number, what: string): UnsupportedError {
    const message = `not a table that a node writes: ${what}; a restore of it is not predicted`;
    const path = this.sources[i]!.path;
    return new UnsupportedError('fsm-bundle-foreign', message, { site: { path } });
  }
}

class BundleCursor implements KvCursor {
  private readonly tables: BundleTables;
  private i = 0;
  private points: InternalIterator | undefined;

  constructor(tables: BundleTables) {
    this.tables = tables;
  }

  get valid(): boolean {
    return this.points?.valid ?? false;
  }

  get key(): Uint8Array {
    return this.standing().userKey;
  }

  get value(): Uint8Array {
    return this.standing().value;
  }

  first(): boolean {
    if (!this.enter(0)) return false;
    return this.checked(this.standing().first());
  }

  seek(target: ByteString): boolean {
    if (!this.enter(this.tables.tableFor(target))) return false;
    return this.checked(this.standing().seek(target));
  }

  next(): boolean {
    if (this.standing().next()) return this.checked(true);
    if (!this.enter(this.i + 1)) return false;
    return this.checked(this.standing().first());
  }

  /** Makes `points` those of table `i`; there are none behind the last one. */
  private enter(i: number): boolean {
    if (this.points !== undefined && this.i === i) return true;
    this.i = i;
    this.points = i < this.tables.files.length ? this.tables.points(i) : undefined;
    return this.points !== undefined;
  }

  private checked(valid: boolean): boolean {
    if (valid && this.standing().kind !== KIND.SET) {
      throw this.tables.foreign(this.i, 'it holds something else than plain sets');
    }
    return valid;
  }

  private standing(): InternalIterator {
    assert(this.points !== undefined, 'the cursor stands on a pair');
    return this.points;
  }
}
