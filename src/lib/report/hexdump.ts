/**
 * Bytes with names. Every named part starts a line of its own and carries its meaning; bytes between
 * the parts are shown too, so that a dump accounts for every byte.
 *
 *     00002000  0c 00 00 00 00 00 00 80   ........   frame.length     12, padding 4
 *     00002008  a1 b2                     ..         (unnamed)
 */
import { BugError } from '../core/errors.js';
import { safeText } from './safe-text.js';

export interface NamedBytes {
  /** Absolute in the file. */
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  /** The value, already for people. */
  readonly text?: string | undefined;
}

const BYTES_PER_LINE = 16;
const UNNAMED = '(unnamed)';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, v) =>
  v.toString(16).padStart(2, '0'),
);

function offsetText(offset: number, digits: number): string {
  return offset.toString(16).padStart(digits, '0');
}

function byteColumns(part: Uint8Array, width: number): string {
  const shownHex: string[] = [];
  let ascii = '';
  for (const v of part) {
    shownHex.push(HEX[v] ?? '??');
    ascii += v >= 0x20 && v < 0x7f ? String.fromCharCode(v) : '.';
  }
  return `${shownHex.join(' ').padEnd(width * 3 - 1)}  ${ascii.padEnd(width)}`;
}

/** The parts in order of offset, with what lies before, between and behind them filled in. */
function withGaps(base: number, length: number, parts: readonly NamedBytes[]): NamedBytes[] {
  const sorted = [...parts].sort((a, b) => a.offset - b.offset || a.length - b.length);
  const whole: NamedBytes[] = [];
  let at = base;
  for (const part of sorted) {
    if (part.offset < at || part.offset + part.length > base + length) {
      throw new BugError(`part ${part.name} @${part.offset} overlaps or leaves the dump`);
    }
    if (part.offset > at) whole.push({ offset: at, length: part.offset - at, name: UNNAMED });
    whole.push(part);
    at = part.offset + part.length;
  }
  if (at < base + length) whole.push({ offset: at, length: base + length - at, name: UNNAMED });
  return whole;
}

/**
 * Lines of a dump of `bytes`, whose first byte has the absolute offset `base`.
 *
 * Repeated lines of one byte value inside a part are folded into `*`, as hexdump(1) does; a dump of
 * a preallocated tail stays short. Yields line by line, so that long dumps can be streamed.
 */
export function* hexdump(
  bytes: Uint8Array,
  base: number,
  parts: readonly NamedBytes[] = [],
  bytesPerLine = parts.length > 0 ? 8 : BYTES_PER_LINE,
): Generator<string> {
  const digits = Math.max(8, (base + bytes.length).toString(16).length);
  const whole = withGaps(base, bytes.length, parts);
  const nameWidth = Math.max(0, ...parts.map((part) => safeText(part.name).length));
  for (const part of whole) {
    const named = parts.length > 0;
    const label = named ? `  ${safeText(part.name).padEnd(nameWidth)}` : '';
    const text = part.text === undefined ? '' : `  ${safeText(part.text)}`;
    if (part.length === 0) {
      yield `${offsetText(part.offset, digits)}  ${byteColumns(new Uint8Array(0), bytesPerLine)}${label}${text}`.trimEnd();
    }
    let folded = false;
    for (let pos = 0; pos < part.length; pos += bytesPerLine) {
      const from = part.offset - base + pos;
      const line = bytes.subarray(
        from,
        Math.min(from + bytesPerLine, part.offset - base + part.length),
      );
      if (pos > 0 && pos + bytesPerLine < part.length && repeats(bytes, from, bytesPerLine)) {
        if (!folded) yield '*';
        folded = true;
        continue;
      }
      folded = false;
      const tail = pos === 0 ? `${label}${text}` : '';
      yield `${offsetText(part.offset + pos, digits)}  ${byteColumns(line, bytesPerLine)}${tail}`.trimEnd();
    }
  }
}

function repeats(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) {
    if (bytes[i] !== bytes[i - length]) return false;
  }
  return true;
}
