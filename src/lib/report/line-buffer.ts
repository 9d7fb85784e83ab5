/**
 * Lines on their way out as bytes: of a long listing every character costs, and a string a field is
 * three times the work of the bytes themselves. Texts are UTF-8, numbers decimal.
 */
import { highHalf, lowHalf } from '../bytes/halves.js';
import { assert } from '../core/errors.js';

const FIRST_BYTES = 256 * 1024;
/** A buffer that one line has made larger than this does not stay that large. */
const KEPT_BYTES = 4 << 20;
const MOST_DIGITS = 20;
const MOST_BYTES_A_UNIT = 3;
/** Texts up to here are quicker copied unit by unit than handed to Node. */
const SHORT_TEXT = 24;
const BILLION = 1_000_000_000;
const TWO_TO_16 = 0x1_0000;
const TWO_TO_32 = 0x1_0000_0000;

const ZERO = 0x30;

/** The digits of 00 to 99, one pair behind the other. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => {
  const value = i >> 1;
  return ZERO + (i % 2 === 0 ? Math.floor(value / 10) : value % 10);
});

/** Node's own, which its types leave out. */
const { latin1Write } = Buffer.prototype as unknown as {
  readonly latin1Write: (this: Uint8Array, text: string, at: number, length: number) => number;
};

export class LineBuffer {
  private bytes: Buffer;
  private at = 0;

  /** @param firstBytes  room to begin with; it grows where a line needs more */
  constructor(firstBytes: number = FIRST_BYTES) {
    this.bytes = Buffer.allocUnsafe(firstBytes);
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.at;
  }

  /** What has been put in. Valid until the next `put…`; the buffer counts as empty from here on. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at);
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.at = 0;
    return taken;
  }

  putBytes(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  putText(text: string): void {
    this.room(text.length * MOST_BYTES_A_UNIT);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  /** @param text  of ASCII characters: words, digits, hex */
  putAscii(text: string): void {
    const { length } = text;
    this.room(length);
    const { bytes } = this;
    const { at } = this;
    if (length > SHORT_TEXT) latin1Write.call(bytes, text, at, length);
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    this.at = at + length;
  }

  /** An ASCII character. */
  putByte(code: number): void {
    this.room(1);
    this.bytes[this.at++] = code;
  }

  /** @param value  below 2^64 */
  putU64(value: bigint): void {
    this.putHalves(highHalf(value), lowHalf(value));
  }

  /** @param value  a whole number from 0 to 2^53-1 */
  putCount(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'a count or an offset is a safe number');
    const low = value >>> 0;
    this.putHalves((value - low) / TWO_TO_32, low);
  }

  private putHalves(hi: number, lo: number): void {
    this.room(MOST_DIGITS);
    if (hi === 0) {
      this.putLeading(lo);
      return;
    }
    // Long division by 10^9, the dividend taken in three pieces so that each remainder stays exact.
    const top = Math.floor(hi / BILLION);
    let rest = (hi - top * BILLION) * TWO_TO_16 + (lo >>> 16);
    const middle = Math.floor(rest / BILLION);
    rest = (rest - middle * BILLION) * TWO_TO_16 + (lo & 0xffff);
    const bottom = Math.floor(rest / BILLION);
    const above = top * TWO_TO_32 + middle * TWO_TO_16 + bottom;
    const first = Math.floor(above / BILLION);
    if (first > 0) {
      this.putLeading(first);
      this.putDigits(above - first * BILLION, 9);
    } else {
      this.putLeading(above);
    }
    this.putDigits(rest - bottom * BILLION, 9);
  }

  /** Without leading zeros. @param value  below 2^32 */
  private putLeading(value: number): void {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    this.putDigits(value, digits);
  }

  private putDigits(value: number, digits: number): void {
    const { bytes } = this;
    let left = value >>> 0;
    let at = this.at + digits;
    this.at = at;
    for (let pairs = digits >> 1; pairs > 0; pairs--) {
      const above = (left / 100) >>> 0;
      const pair = 2 * (left - 100 * above);
      bytes[--at] = PAIRS[pair + 1]!;
      bytes[--at] = PAIRS[pair]!;
      left = above;
    }
    if ((digits & 1) !== 0) bytes[--at] = ZERO + left;
  }

  private room(need: number): void {
    if (this.bytes.length - this.at >= need) return;
    const wider = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + need));
    wider.set(this.bytes.subarray(0, this.at));
    this.bytes = wider;
  }
}
