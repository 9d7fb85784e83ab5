import { DEFAULT_LIMITS } from '../../core/limits.js';
import { UnsupportedError, assert } from '../../core/errors.js';
import type { ByteSource } from '../../io/byte-source.js';

export const WINDOW_BYTES = 1 << 20;

const EMPTY = new Uint8Array(0);

/**
 * A moving view of a file, filled in large reads. It grows only to hold one record, never past the
 * tool's limit, and the caller has checked that the bytes are there.
 */
export class Window {
  /** Valid until the next `ensure`. */
  bytes: Uint8Array;
  private source: ByteSource | undefined;
  private start = 0;
  private length = 0;
  private readonly windowBytes: number;

  /** @param buffer  memory of the caller's to begin with */
  constructor(windowBytes = WINDOW_BYTES, buffer: Uint8Array = EMPTY) {
    this.windowBytes = windowBytes;
    this.bytes = buffer;
  }

  /** Turns to another file; nothing is read yet. */
  turnTo(source: ByteSource): void {
    this.source = source;
    this.start = 0;
    this.length = 0;
  }

  /** File offset of `bytes[0]`. */
  get base(): number {
    return this.start;
  }

  /**
   * Brings `[offset, offset + need)` into `bytes`.
   * @returns position of `offset` in `bytes`
   * @throws {UnsupportedError} `limit-exceeded`; {IoError}
   */
  ensure(offset: number, need: number): number {
    const pos = offset - this.start;
    if (pos >= 0 && pos + need <= this.length) return pos;
    this.fill(offset, need);
    return 0;
  }

  private fill(offset: number, need: number): void {
    const source = this.source;
    assert(source !== undefined, 'the window looks at a file');
    if (need > DEFAULT_LIMITS.maxRecordBytes) {
      throw new UnsupportedError('limit-exceeded', `record of ${need} bytes`, {
        site: { path: source.path, offset },
      });
    }
    const pos = offset - this.start;
    const keep = pos >= 0 && pos < this.length ? this.length - pos : 0;
    const wanted = Math.min(Math.max(need, this.windowBytes), source.size - offset);
    let into = this.bytes;
    if (into.length < wanted) into = new Uint8Array(wanted);
    if (keep > 0) into.set(this.bytes.subarray(pos, pos + keep));
    const got = source.readAt(offset + keep, into.subarray(keep, Math.max(need, this.windowBytes)));
    this.bytes = into;
    this.start = offset;
    this.length = keep + got;
  }
}
