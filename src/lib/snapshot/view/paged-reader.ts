import { IoError } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';

const PAGE_BYTES = 16 << 10;
const PAGES = 512;

/**
 * Random reads from a source through a small cache of pages. A page's buffer is never reused, so
 * views into it stay as they are even when the page is dropped from the cache.
 */
export class PagedReader {
  readonly source: ByteSource;
  /** Holds what `locate` was asked for, from `pos` on. */
  buffer: Uint8Array = new Uint8Array(0);
  pos = 0;
  private readonly pageBytes: number;
  private readonly maxPages: number;
  /** In order of use, the least recent first. */
  private readonly pages = new Map<number, Uint8Array>();
  private latest: Uint8Array = new Uint8Array(0);
  private latestStart = 0;

  constructor(source: ByteSource, pageBytes = PAGE_BYTES, maxPages = PAGES) {
    this.source = source;
    this.pageBytes = pageBytes;
    this.maxPages = maxPages;
  }

  bytes(offset: number, length: number): Uint8Array {
    this.locate(offset, length);
    return this.buffer.subarray(this.pos, this.pos + length);
  }

  /**
   * Finds a range: it then lies in `buffer` from `pos` on, in one piece.
   * @throws {IoError} `io-changed` when the range leaves the source: it was walked once, so the file
   *   is no longer what it was
   */
  locate(offset: number, length: number): void {
    const pos = offset - this.latestStart;
    if (pos >= 0 && pos + length <= this.latest.length) {
      this.buffer = this.latest;
      this.pos = pos;
      return;
    }
    this.find(offset, length);
  }

  private find(offset: number, length: number): void {
    if (offset + length > this.source.size) {
      throw new IoError('io-changed', `the stream no longer holds ${length} B here`, {
        site: { path: this.source.path, offset },
      });
    }
    const number = Math.floor(offset / this.pageBytes);
    const pos = offset - number * this.pageBytes;
    if (pos + length <= this.pageBytes) {
      this.buffer = this.page(number);
      this.pos = pos;
      return;
    }
    const out = new Uint8Array(length);
    if (length > this.pageBytes) {
      this.source.readAt(offset, out);
    } else {
      const first = this.page(number).subarray(pos);
      out.set(first);
      out.set(this.page(number + 1).subarray(0, length - first.length), first.length);
    }
    this.buffer = out;
    this.pos = 0;
  }

  private page(number: number): Uint8Array {
    const start = number * this.pageBytes;
    let page = this.pages.get(number);
    if (page === undefined) {
      page = new Uint8Array(Math.min(this.pageBytes, this.source.size - start));
      this.source.readAt(start, page);
      if (this.pages.size >= this.maxPages) {
        const oldest = this.pages.keys().next();
        if (!oldest.done) this.pages.delete(oldest.value);
      }
    } else {
      this.pages.delete(number);
    }
    this.pages.set(number, page);
    this.latest = page;
    this.latestStart = start;
    return page;
  }
}
