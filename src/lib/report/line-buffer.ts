/**
 * Lines on their way out as bytes: of a long listing every character costs, and a string a field is
 * three times the work of the bytes themselves. Texts are UTF-8, numbers decimal.
 */
import { assert } from '../core/errors.js';

const FIRST_BYTES = 256 * 1024;
/** A buffer that one line has made larger than this does not stay that large. */
const KEPT_BYTES = 4 << 20;
const MOST_DIGITS = 20;
const MOST_BYTES_A_UNIT = 3;
/** Texts up to here are quicker copied unit by unit than handed to Node. */
const SHORT_TEXT = 64;
const BILLION = 1_000_000_000;
const TWO_TO_16 = 0x1_0000;
const TWO_TO_32 = 0x1_0000_0000;

/** A bigint seen as its two halves, unsigned; the lower one first, as every platform of Node has it. */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

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
    if (length > SHORT_TEXT) bytes.write(text, this.at, 'latin1');
    else for (let i = 0; i < length; i++) bytes[this.at + i] = text.charCodeAt(i);
    this.at += length;
  }

  /** An ASCII character. */
  putByte(code: number): void {
    this.room(1);
    this.bytes[this.at++] = code;
  }

  /** @param value  below 2^64 */
  putU64(value: bigint): void {
    wide[0] = value;
    this.putHalves(halves[1]!, halves[0]!);
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
      this.putNine(above - first * BILLION);
    } else {
      this.putLeading(above);
    }
    this.putNine(rest - bottom * BILLION);
  }

  /** Without leading zeros. @param value  below 2^32 */
  private putLeading(value: number): void {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    this.putDigits(value, digits);
  }

  private putNine(value: number): void {
    this.putDigits(value, 9);
  }

  private putDigits(value: number, digits: number): void {
    const { bytes } = this;
    let left = value >>> 0;
    for (let at = this.at + digits - 1; at >= this.at; at--) {
      const tenth = (left / 10) >>> 0;
      bytes[at] = 0x30 + left - 10 * tenth;
      left = tenth;
    }
    this.at += digits;
  }

  private room(need: number): void {
    if (this.bytes.length - this.at >= need) return;
    const wider = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + need));
    wider.set(this.bytes.subarray(0, this.at));
    this.bytes = wider;
  }
}
