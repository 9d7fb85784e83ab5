/** `--limit NAME=VALUE`: the tool's own bounds (core/limits), raised or lowered. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/core/errors.js';
import { overrideLimits, type Limits } from '../lib/core/limits.js';

const FIELDS: Readonly<Record<string, keyof Limits>> = {
  'record-bytes': 'maxRecordBytes',
  'decompressed-bytes': 'maxDecompressedBytes',
  'dir-entries': 'maxDirEntries',
  'list-items': 'maxListItems',
};

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Largest buffer that is asked for whatever the flag says. */
const MOST = 2 ** 32;

/** @throws {UsageError} an unknown name, no number, or one out of bounds */
export function parseLimit(text: string): Partial<Limits> {
  const [, name = '', digits = '', unit = ''] = /^([a-z-]+)=(\d{1,12})(|[KMG]iB)$/.exec(text) ?? [];
  const field = FIELDS[name];
  const value = Number(digits) * (UNITS[unit] ?? 1);
  if (field !== undefined && value > 0 && value <= MOST) return { [field]: value };
  const names = Object.keys(FIELDS).join(', ');
  throw new UsageError(
    'usage-bad-flag',
    `--limit: ${JSON.stringify(text)} is not NAME=VALUE with one of ${names} and a value up to 4GiB`,
  );
}

export const limitFlag = Flags.custom<Partial<Limits>>({
  summary:
    'Raise or lower a bound of the tool: record-bytes, decompressed-bytes, dir-entries, list-items.',
  helpValue: 'NAME=VALUE',
  helpGroup: 'GLOBAL',
  multiple: true,
  parse: async (text) => parseLimit(text),
});

export function applyLimits(values: unknown): void {
  if (!Array.isArray(values)) return;
  for (const value of values) overrideLimits(value as Partial<Limits>);
}
