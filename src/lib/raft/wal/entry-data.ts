import { assert } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { DirSource } from '../../io/dir-source.js';
import type { EntryTable } from './entry-table.js';
import { Window } from './window.js';

const NO_DATA = new Uint8Array(0);

/**
 * Fetches the data of entries out of the segments. Going through the table in order reads each file
 * once, in large pieces. Files are opened when they are needed; `close` when done.
 */
export class EntryData {
  private readonly dir: DirSource;
  private readonly open = new Map<string, ByteSource>();
  private readonly window = new Window();
  private current: ByteSource | undefined;

  constructor(dir: DirSource) {
    this.dir = dir;
  }

  /**
   * Data of row `i`: borrowed until the next call. Empty where the entry has none.
   * @throws {IoError}
   */
  read(table: EntryTable, i: number): Uint8Array {
    // Column by column: a row is an object with two bigints, and this is asked for every entry.
    const dataLength = table.dataLengthAt(i);
    if (dataLength === 0) return NO_DATA;
    const name = table.segments[table.segmentAt(i)];
    assert(name !== undefined, 'the row points to a segment');
    const source = this.sourceOf(name);
    if (source !== this.current) this.window.turnTo(source);
    this.current = source;
    const pos = this.window.ensure(table.dataOffsetAt(i), dataLength);
    return this.window.bytes.subarray(pos, pos + dataLength);
  }

  close(): void {
    for (const source of this.open.values()) source.close();
    this.open.clear();
    this.current = undefined;
  }

  private sourceOf(name: string): ByteSource {
    let source = this.open.get(name);
    if (source === undefined) {
      source = this.dir.open(name);
      this.open.set(name, source);
    }
    return source;
  }
}
