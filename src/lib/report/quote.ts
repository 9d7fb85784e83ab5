/**
 * Keys as text and back. Out: quoted, printable ASCII as it is, everything else escaped the way Go
 * writes it. In: `hex:…`, `raw:…`, the quoted form itself, or plain text; whatever is printed can be
 * pasted back.
 */
import { unhex } from '../bytes/hex.js';
import { UsageError } from '../core/errors.js';

const SHORT: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

const LONG: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

function quotedByte(v: number): string {
  const short = SHORT[v];
  if (short !== undefined) return short;
  if (v >= 0x20 && v < 0x7f) return String.fromCharCode(v);
  return `\\x${v.toString(16).padStart(2, '0')}`;
}

/**
 * @param maxBytes  longer keys are cut there and end in `"…+N`, N being the bytes left out
 */
export function quoteKey(key: Uint8Array, maxBytes = Number.POSITIVE_INFINITY): string {
  const shown = key.length > maxBytes ? key.subarray(0, maxBytes) : key;
  let text = '"';
  for (const v of shown) text += quotedByte(v);
  text += '"';
  return shown.length === key.length ? text : `${text}…+${key.length - shown.length}`;
}

function badKey(text: string, why: string): UsageError {
  return new UsageError('usage-bad-argument', `key ${JSON.stringify(text)}: ${why}`);
}

function parseQuoted(text: string): Uint8Array {
  if (text.length < 2 || !text.endsWith('"')) throw badKey(text, 'the closing quote is missing');
  const body = text.slice(1, -1);
  const out: number[] = [];
  for (let i = 0; i < body.length; i++) {
    const ch = body.charAt(i);
    if (ch === '"') throw badKey(text, 'a quote inside a quoted key is written \\"');
    if (ch !== '\\') {
      const point = body.codePointAt(i) ?? 0;
      out.push(...Buffer.from(String.fromCodePoint(point), 'utf8'));
      if (point > 0xffff) i++;
      continue;
    }
    const next = body.charAt(++i);
    const digits = body.slice(i + 1, i + 3);
    if (next === 'x' && /^[0-9a-fA-F]{2}$/.test(digits)) {
      out.push(Number.parseInt(digits, 16));
      i += 2;
      continue;
    }
    const v = LONG[next];
    if (v === undefined) throw badKey(text, `\\${next} is not an escape of a quoted key`);
    out.push(v);
  }
  return Uint8Array.from(out);
}

/**
 * A key as an operator types it.
 * @throws {UsageError} `usage-bad-argument`
 */
export function parseKey(text: string): Uint8Array {
  if (text.startsWith('hex:')) {
    const bytes = unhex(text.slice(4));
    if (!bytes) throw badKey(text, 'hex: wants an even number of hex digits');
    return bytes;
  }
  if (text.startsWith('raw:')) return Buffer.from(text.slice(4), 'utf8');
  if (text.startsWith('"')) return parseQuoted(text);
  return Buffer.from(text, 'utf8');
}
