import { IoError } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';

const PAGE_BYTES = 64 << 10;
const PAGES = 128;

/**
 * Random reads from a source through a small cache of pages. A page's buffer is never reused, so
 * what `bytes` hands out stays as it is even when the page is dropped from the cache.
 */
export class PagedReader {
  readonly source: ByteSource;
  private readonly pageBytes: number;
  private readonly maxPages: number;
  /** In order of use, the least recent first. */
  private readonly pages = new Map<number, Uint8Array>();

  constructor(source: ByteSource, pageBytes = PAGE_BYTES, maxPages = PAGES) {
    this.source = source;
    this.pageBytes = pageBytes;
    this.maxPages = maxPages;
  }

  /**
   * @throws {IoError} `io-changed` when the range leaves the source: it was walked once, so the file
   *   is no longer what it was
   */
  bytes(offset: number, length: number): Uint8Array {
    if (offset + length > this.source.size) {
      throw new IoError('io-changed', `the stream no longer holds ${length} B here`, {
        site: { path: this.source.path, offset },
      });
    }
    const number = Math.floor(offset / this.pageBytes);
    const pos = offset - number * this.pageBytes;
    if (pos + length <= this.pageBytes) return this.page(number).subarray(pos, pos + length);
    const out = new Uint8Array(length);
    if (length > this.pageBytes) {
      this.source.readAt(offset, out);
      return out;
    }
    const first = this.page(number).subarray(pos);
    out.set(first);
    out.set(this.page(number + 1).subarray(0, length - first.length), first.length);
    return out;
  }

  private page(number: number): Uint8Array {
    const known = this.pages.get(number);
    if (known !== undefined) {
      if (this.pages.size > this.maxPages >> 1) {
        this.pages.delete(number);
        this.pages.set(number, known);
      }
      return known;
    }
    const start = number * this.pageBytes;
    const page = new Uint8Array(Math.min(this.pageBytes, this.source.size - start));
    this.source.readAt(start, page);
    this.pages.set(number, page);
    if (this.pages.size > this.maxPages) {
      for (const oldest of this.pages.keys()) {
        this.pages.delete(oldest);
        break;
      }
    }
    return page;
  }
}
