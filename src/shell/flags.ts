/** Flags of our own kinds; every command that takes such a value takes it from here. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/core/errors.js';
import { parseKey } from '../lib/report/quote.js';

const MAX_U64 = (1n << 64n) - 1n;

/** An index, term, timestamp or id: decimal or 0x, any u64. */
export function parseU64(text: string): bigint {
  if (!/^(?:\d+|0x[0-9a-fA-F]+)$/.test(text) || BigInt(text) > MAX_U64) {
    throw new UsageError('usage-bad-flag', `${JSON.stringify(text)} is not a number below 2^64`);
  }
  return BigInt(text);
}

export const u64Flag = Flags.custom<bigint>({
  helpValue: 'N',
  parse: async (text) => parseU64(text),
});

/** `hex:…`, `raw:…`, the quoted form that reports print, or plain text. */
export const keyFlag = Flags.custom<Uint8Array>({
  helpValue: 'KEY',
  parse: async (text) => parseKey(text),
});

/** For listings without a bound: one record a line instead of a table. */
export const formatFlag = Flags.custom<'text' | 'ndjson'>({
  summary: 'Form of the listing: text, or one JSON record a line ending in a summary record.',
  options: ['text', 'ndjson'],
  default: 'text',
  exclusive: ['json'],
});
