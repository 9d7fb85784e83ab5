/** The forms in which bytes escape into text: raw, hex, base64, decimal lists. */
import { inspect } from 'node:util';

const MIN_RUN = 6;

/** The form in which at least six consecutive bytes of `secret` stand in `text`, if any. */
export function leakOf(text: string, secret: Uint8Array): string | undefined {
  const lower = text.toLowerCase();
  const dense = lower.replace(/[\s,[\]<>()]+/g, ' ');
  for (let from = 0; from + MIN_RUN <= secret.length; from++) {
    const run = secret.subarray(from, from + MIN_RUN);
    const buffer = Buffer.from(run);
    if (lower.includes(buffer.toString('hex'))) return 'hex';
    if (lower.includes([...run].map((b) => b.toString(16).padStart(2, '0')).join(' '))) {
      return 'spaced hex';
    }
    if (text.includes(buffer.toString('latin1')) || text.includes(buffer.toString('utf8'))) {
      return 'raw';
    }
    if (` ${dense} `.includes(` ${[...run].join(' ')} `)) return 'decimal';
    // Six bytes at each phase of base64 give at least seven characters of their own.
    for (let phase = 0; phase < 3; phase++) {
      const shifted = Buffer.concat([Buffer.alloc(phase), run]).toString('base64');
      const own = shifted.slice(
        Math.ceil((phase * 8) / 6),
        Math.floor(((phase + MIN_RUN) * 8) / 6),
      );
      if (text.includes(own)) return 'base64';
      if (text.includes(own.replaceAll('+', '-').replaceAll('/', '_'))) return 'base64url';
    }
  }
  return undefined;
}

/** Every text that printing, logging, inspecting or serialising makes of a value. */
export function textsOf(value: unknown): string[] {
  const texts = [
    inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null }),
    inspect(value, { depth: 20, getters: true }),
  ];
  if (value instanceof Error) texts.push(value.message, String(value.stack), String(value));
  try {
    texts.push(JSON.stringify(value, bigintsAsText) ?? '');
  } catch {
    // Not serialisable, so nothing leaves that way.
  }
  return texts;
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
