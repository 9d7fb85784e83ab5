/**
 * Values as the JSON of spec/output.md §1: a bigint is a decimal string, bytes are lower-case hex,
 * an undefined field is left out, fields stand in the order in which they were declared.
 */
import { hex } from '../bytes/hex.js';
import { BugError } from '../core/errors.js';
import { safeJson } from './safe-text.js';

function asJson(this: unknown, name: string, value: unknown): unknown {
  // A Buffer has a toJSON of its own, which runs first; the holder still has the bytes.
  const raw = (this as Readonly<Record<string, unknown>>)[name];
  if (raw instanceof Uint8Array) return hex(raw);
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      // null would be read as "unknown"; a number that is none is a mistake of ours.
      if (!Number.isFinite(value)) throw new BugError(`${name} is ${value} in a JSON document`);
      return value;
    case 'function':
    case 'symbol':
      throw new BugError(`${name} is a ${typeof value} in a JSON document`);
    case 'object':
      if (value instanceof Map || value instanceof Set) {
        throw new BugError(`${name} is a Map or Set in a JSON document`);
      }
      return value;
    default:
      return value;
  }
}

/** A whole document, indented, with a line end. */
export function renderJson(value: unknown): string {
  return `${safeJson(JSON.stringify(value, asJson, 2))}\n`;
}

/** One record of a stream: one line. */
export function renderJsonLine(value: unknown): string {
  return `${safeJson(JSON.stringify(value, asJson))}\n`;
}
