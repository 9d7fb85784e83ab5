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
  const nameWidth = Math.max(0, ...parts.map((part) => safeText(part.name).length));
  for (const part of withGaps(base, bytes.length, parts)) {
    const label = parts.length > 0 ? safeText(part.name).padEnd(nameWidth) : '';
    const note = [label, safeText(part.text ?? '')].join('  ').trimEnd();
    const from = part.offset - base;
    let folded = false;
    // A part without bytes still gets its line: it says that nothing is there.
    for (let pos = 0; pos === 0 || pos < part.length; pos += bytesPerLine) {
      const at = from + pos;
      if (pos > 0 && pos + bytesPerLine < part.length && repeats(bytes, at, bytesPerLine)) {
        if (!folded) yield '*';
        folded = true;
        continue;
      }
      folded = false;
      const line = bytes.subarray(at, Math.min(at + bytesPerLine, from + part.length));
      const columns = byteColumns(line, bytesPerLine);
      const text = pos === 0 ? `${columns}  ${note}` : columns;
      yield `${offsetText(part.offset + pos, digits)}  ${text}`.trimEnd();
    }
  }
}

function repeats(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) {
    if (bytes[i] !== bytes[i - length]) return false;
  }
  return true;
}
