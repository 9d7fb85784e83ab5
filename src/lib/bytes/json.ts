/**
 * JSON (RFC 8259) read exactly: numbers stay text, so that a u64 never passes through a double;
 * members keep their order and their repetitions; every value knows its absolute byte offset. What
 * the grammar leaves to the reader follows Go's encoding/json, because the node reads its files with
 * it: a string's invalid UTF-8 becomes U+FFFD instead of an error, so does a lone surrogate escape,
 * nesting ends at 10,000, white space is only space, tab, CR and LF, and a BOM is an error.
 */
import { CorruptionError, TruncatedError, UnsupportedError } from '../core/errors.js';
import type { Site } from '../core/site.js';

export interface JsonNull {
  readonly kind: 'null';
  readonly offset: number;
}
export interface JsonBoolean {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly offset: number;
}
export interface JsonNumber {
  readonly kind: 'number';
  /** The digits exactly as they stand in the file. */
  readonly text: string;
  readonly offset: number;
}
export interface JsonString {
  readonly kind: 'string';
  readonly value: string;
  readonly offset: number;
}
export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly JsonValue[];
  readonly offset: number;
}
export interface JsonMember {
  readonly name: string;
  readonly value: JsonValue;
  readonly offset: number;
}
export interface JsonObject {
  readonly kind: 'object';
  /** In file order, repeated names included. */
  readonly members: readonly JsonMember[];
  readonly offset: number;
}
export type JsonValue = JsonNull | JsonBoolean | JsonNumber | JsonString | JsonArray | JsonObject;

export interface JsonOptions {
  /** Of the file, for errors. */
  readonly path: string;
  /** Absolute offset of `bytes[0]`. */
  readonly base?: number;
  /** Most arrays and objects within one another; Go's limit by default. */
  readonly maxDepth?: number;
  /** Longest text accepted, in bytes. */
  readonly maxBytes?: number;
  /** Most values of all kinds, which bounds the memory the result takes. */
  readonly maxValues?: number;
  /** Repeated names within one object: kept (the caller decides) or an error. Kept by default. */
  readonly duplicates?: 'keep' | 'reject';
}

const GO_MAX_DEPTH = 10_000;
const MAX_BYTES = 64 << 20;
/** Each takes some 80 bytes of memory; the largest manifest of real tables has far fewer. */
const MAX_VALUES = 1 << 21;

/**
 * Parses one JSON text that fills `bytes`; only white space may surround it.
 *
 * @throws {TruncatedError} `json-syntax` where the text ends early
 * @throws {CorruptionError} `json-syntax` (Go's own depth included), `json-duplicate-key`
 * @throws {UnsupportedError} `limit-exceeded`: more bytes or values than this tool reads
 */
export function parseJson(bytes: Uint8Array, options: JsonOptions): JsonValue {
  return new Parser(bytes, options).document();
}

/** The member of exactly that name, the last one where it is repeated (as Go's decoder has it). */
export function jsonMember(object: JsonObject, name: string): JsonValue | undefined {
  let found: JsonValue | undefined;
  for (const member of object.members) if (member.name === name) found = member.value;
  return found;
}

/**
 * A number as Go reads it into an unsigned integer of so many bits: decimal digits only (`1.0`,
 * `1e3` and `-0` are refused); undefined when the value is no number, not such a number or too big.
 */
export function jsonUnsigned(value: JsonValue, bits: number): bigint | undefined {
  if (value.kind !== 'number' || !/^[0-9]{1,20}$/.test(value.text)) return undefined;
  const n = BigInt(value.text);
  return n >> BigInt(bits) === 0n ? n : undefined;
}

/** The same for a signed integer. `-0` is 0. */
export function jsonSigned(value: JsonValue, bits: number): bigint | undefined {
  if (value.kind !== 'number' || !/^-?[0-9]{1,20}$/.test(value.text)) return undefined;
  const n = BigInt(value.text);
  return BigInt.asIntN(bits, n) === n ? n : undefined;
}

/** What has been opened and not closed yet. A name waits for its value in `name`. */
type Open =
  | { readonly kind: 'array'; readonly items: JsonValue[]; readonly offset: number }
  | {
      readonly kind: 'object';
      readonly members: JsonMember[];
      readonly offset: number;
      readonly seen: Set<string> | undefined;
      name: string;
      nameOffset: number;
    };

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Iterative, with a stack of its own: 10,000 levels must not exhaust the call stack. */
class Parser {
  private readonly bytes: Uint8Array;
  private readonly options: JsonOptions;
  private readonly base: number;
  private readonly maxDepth: number;
  private readonly maxValues: number;
  private pos = 0;
  private values = 0;
  // No BOM handling: U+FEFF inside a string is a character like any other.
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(bytes: Uint8Array, options: JsonOptions) {
    this.bytes = bytes;
    this.options = options;
    this.base = options.base ?? 0;
    this.maxDepth = options.maxDepth ?? GO_MAX_DEPTH;
    this.maxValues = options.maxValues ?? MAX_VALUES;
    const maxBytes = options.maxBytes ?? MAX_BYTES;
    if (bytes.length > maxBytes) {
      throw this.limit(`JSON text of ${bytes.length} B, at most ${maxBytes} B are read`);
    }
  }

  document(): JsonValue {
    const stack: Open[] = [];
    for (;;) {
      let value = this.open(stack);
      // A value is complete: hand it to what encloses it, and close what ends with it.
      while (value !== undefined) {
        const top = stack.at(-1);
        if (top === undefined) {
          this.skipSpace();
          if (this.pos < this.bytes.length) throw this.unexpected('after the value');
          return value;
        }
        value = this.append(stack, top, value);
      }
    }
  }

  /** Reads a scalar, or opens a container: then undefined, unless it is empty. */
  private open(stack: Open[]): JsonValue | undefined {
    this.skipSpace();
    const offset = this.base + this.pos;
    if (++this.values > this.maxValues) throw this.limit(`more than ${this.maxValues} JSON values`);
    const byte = this.bytes[this.pos];
    if (byte === 0x5b || byte === 0x7b) {
      if (stack.length >= this.maxDepth) throw this.tooDeep();
      this.pos++;
      this.skipSpace();
      const empty = this.bytes[this.pos] === (byte === 0x5b ? 0x5d : 0x7d);
      if (empty) this.pos++;
      if (byte === 0x5b) {
        if (empty) return { kind: 'array', items: [], offset };
        stack.push({ kind: 'array', items: [], offset });
        return undefined;
      }
      if (empty) return { kind: 'object', members: [], offset };
      const seen = this.options.duplicates === 'reject' ? new Set<string>() : undefined;
      const top: Open = { kind: 'object', members: [], offset, seen, name: '', nameOffset: 0 };
      stack.push(top);
      this.name(top);
      return undefined;
    }
    return this.scalar(byte, offset);
  }

  /** Appends a finished value; returns the container when that has ended too. */
  private append(stack: Open[], top: Open, value: JsonValue): JsonValue | undefined {
    if (top.kind === 'array') top.items.push(value);
    else top.members.push({ name: top.name, value, offset: top.nameOffset });
    this.skipSpace();
    const byte = this.bytes[this.pos];
    if (byte === COMMA) {
      this.pos++;
      if (top.kind === 'object') {
        this.skipSpace();
        this.name(top);
      }
      return undefined;
    }
    if (byte !== (top.kind === 'array' ? 0x5d : 0x7d)) {
      throw this.unexpected(`after an ${top.kind === 'array' ? 'item' : 'object member'}`);
    }
    this.pos++;
    stack.pop();
    if (top.kind === 'array') return { kind: 'array', items: top.items, offset: top.offset };
    return { kind: 'object', members: top.members, offset: top.offset };
  }

  private name(top: Extract<Open, { kind: 'object' }>): void {
    const offset = this.base + this.pos;
    if (this.bytes[this.pos] !== QUOTE) throw this.unexpected('where a name in quotes must stand');
    const name = this.string();
    if (top.seen?.has(name) === true) {
      throw new CorruptionError('json-duplicate-key', `the name ${JSON.stringify(name)} again`, {
        site: { path: this.options.path, offset },
      });
    }
    top.seen?.add(name);
    top.name = name;
    top.nameOffset = offset;
    this.skipSpace();
    if (this.bytes[this.pos] !== COLON) throw this.unexpected('where a colon must stand');
    this.pos++;
  }

  private scalar(byte: number | undefined, offset: number): JsonValue {
    if (byte === QUOTE) return { kind: 'string', value: this.string(), offset };
    if (byte === 0x74) return this.word('true', { kind: 'boolean', value: true, offset });
    if (byte === 0x66) return this.word('false', { kind: 'boolean', value: false, offset });
    if (byte === 0x6e) return this.word('null', { kind: 'null', offset });
    if (byte === 0x2d || isDigit(byte)) return { kind: 'number', text: this.number(), offset };
    throw this.unexpected('where a value must stand');
  }

  private word(word: string, value: JsonValue): JsonValue {
    for (let i = 0; i < word.length; i++, this.pos++) {
      if (this.bytes[this.pos] !== word.charCodeAt(i)) throw this.unexpected(`in ${word}`);
    }
    return value;
  }

  /** -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
  private number(): string {
    const start = this.pos;
    if (this.bytes[this.pos] === 0x2d) this.pos++;
    if (this.bytes[this.pos] === 0x30) this.pos++;
    else this.digits();
    if (this.bytes[this.pos] === 0x2e) {
      this.pos++;
      this.digits();
    }
    const e = this.bytes[this.pos];
    if (e === 0x65 || e === 0x45) {
      this.pos++;
      const sign = this.bytes[this.pos];
      if (sign === 0x2b || sign === 0x2d) this.pos++;
      this.digits();
    }
    return latin1(this.bytes, start, this.pos);
  }

  private digits(): void {
    if (!isDigit(this.bytes[this.pos])) throw this.unexpected('where a digit must stand');
    while (isDigit(this.bytes[this.pos])) this.pos++;
  }

  /** The quote is at `pos`. Runs without escapes are decoded whole. */
  private string(): string {
    let text = '';
    let run = ++this.pos;
    let ascii = true;
    for (;;) {
      const byte = this.bytes[this.pos];
      if (byte === undefined || byte < 0x20) throw this.unexpected('in a string');
      if (byte === QUOTE || byte === BACKSLASH) {
        text += ascii
          ? latin1(this.bytes, run, this.pos)
          : this.utf8.decode(this.bytes.subarray(run, this.pos));
        this.pos++;
        if (byte === QUOTE) return text;
        text += this.escape();
        run = this.pos;
        ascii = true;
      } else {
        if (byte >= 0x80) ascii = false;
        this.pos++;
      }
    }
  }

  private escape(): string {
    const byte = this.bytes[this.pos];
    if (byte !== 0x75) {
      const plain = byte === undefined ? undefined : ESCAPES.get(byte);
      if (plain === undefined) throw this.unexpected('behind a backslash');
      this.pos++;
      return plain;
    }
    this.pos++;
    const unit = this.hex4();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    // A pair needs a high half and, at once, the escape of a low one; a half alone is replaced.
    if (unit < 0xdc00 && this.bytes[this.pos] === BACKSLASH && this.bytes[this.pos + 1] === 0x75) {
      const mark = this.pos;
      this.pos += 2;
      const low = this.hex4();
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
      this.pos = mark;
    }
    return '\ufffd';
  }

  private hex4(): number {
    let unit = 0;
    for (let i = 0; i < 4; i++, this.pos++) {
      const digit = hexDigit(this.bytes[this.pos]);
      if (digit < 0) throw this.unexpected('in a \\u escape');
      unit = unit * 16 + digit;
    }
    return unit;
  }

  private skipSpace(): void {
    for (;;) {
      const byte = this.bytes[this.pos];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.pos++;
    }
  }

  private site(): Site {
    return { path: this.options.path, offset: this.base + this.pos };
  }

  /** Names the byte only where it is plain punctuation of the syntax: the text may be a secret. */
  private unexpected(where: string): CorruptionError {
    const byte = this.bytes[this.pos];
    if (byte === undefined) {
      return new TruncatedError('json-syntax', `the JSON text ends ${where}`, {
        site: this.site(),
      });
    }
    return new CorruptionError('json-syntax', `unexpected character ${where}`, {
      site: this.site(),
    });
  }

  /** Not our limit but Go's, over which the node fails as well. */
  private tooDeep(): CorruptionError {
    const message = `nested deeper than ${this.maxDepth}`;
    return new CorruptionError('json-syntax', message, { site: this.site() });
  }

  private limit(message: string): UnsupportedError {
    return new UnsupportedError('limit-exceeded', message, { site: this.site() });
  }
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
