import type { PointRows } from './point-rows.js';

const FIRST_BYTES = 256;

/** A copy of a key, in a buffer that is used again. */
export class HeldKey {
  private bytes = new Uint8Array(FIRST_BYTES);
  private length = 0;

  take(rows: PointRows, row: number): void {
    const start = rows.keyStart(row);
    const length = rows.keyEnd(row) - start;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
    const { bytes } = this;
    const { keys } = rows;
    for (let i = 0, at = start; i < length; i++, at++) bytes[i] = keys[at]!;
    this.length = length;
  }

  is(rows: PointRows, row: number): boolean {
    const { bytes, length } = this;
    const { keys } = rows;
    const end = rows.keyEnd(row);
    if (end - rows.keyStart(row) !== length) return false;
    // Neighbours differ near their ends.
    for (let i = length - 1, at = end - 1; i >= 0; i--, at--) {
      if (bytes[i] !== keys[at]) return false;
    }
    return true;
  }

  /** Borrowed. */
  get view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
