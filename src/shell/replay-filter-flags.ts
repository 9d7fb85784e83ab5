/** The flags by which `replay-wal` chooses among entries. Every bound is inclusive. */
import { Flags } from '@oclif/core';
import { toByteString } from '../lib/bytes/byte-string.js';
import { UsageError } from '../lib/core/errors.js';
import { EntryFilter, parseTime, parseTypes } from '../lib/replay/entry-filter.js';
import { keyFlag, u64Flag } from './flags.js';

const helpGroup = 'FILTER';
const TIME = 'ISO time, Unix milliseconds, HLC timestamp, or ts:N for a small one';

export const filterFlags = {
  'from-index': u64Flag({ summary: 'Entries from this index on, it included.', helpGroup }),
  'to-index': u64Flag({ summary: 'Entries up to this index, it included.', helpGroup }),
  type: Flags.string({
    summary: 'Entries of these payload tags, entry types or dispositions; "list" shows the words.',
    helpValue: 'WORD,…',
    helpGroup,
  }),
  'key-prefix': keyFlag({
    summary: 'Entries with a request on a key that begins so: hex:…, raw:… or quoted.',
    helpGroup,
  }),
  since: Flags.string({
    summary: `Entries with a commit timestamp from then on: ${TIME}.`,
    helpValue: 'TIME',
    helpGroup,
  }),
  until: Flags.string({
    summary: 'Entries with a commit timestamp up to then, that millisecond included.',
    helpValue: 'TIME',
    helpGroup,
  }),
  limit: Flags.integer({
    summary: 'Show this many entries at most.',
    helpValue: 'N',
    min: 0,
    helpGroup,
  }),
  'allow-empty': Flags.boolean({
    summary: 'That no entry fits the filters is all right.',
    helpGroup,
  }),
  values: Flags.integer({
    summary: 'Show every mutation, with at most this many bytes of its value.',
    helpValue: 'BYTES',
    min: 0,
    helpGroup: 'OUTPUT',
  }),
};

export interface FilterFlagValues {
  readonly 'from-index'?: bigint | undefined;
  readonly 'to-index'?: bigint | undefined;
  readonly type?: string | undefined;
  readonly 'key-prefix'?: Uint8Array | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
  readonly 'allow-empty': boolean;
}

/** @throws {UsageError} an unknown word, a bad time, a range that is upside down */
export function filterOf(flags: FilterFlagValues): EntryFilter {
  const { type, since, until, limit } = flags;
  const fromIndex = flags['from-index'];
  const toIndex = flags['to-index'];
  const prefix = flags['key-prefix'];
  const from = since === undefined ? undefined : timeOf('since', since);
  const to = until === undefined ? undefined : timeOf('until', until);
  if (fromIndex !== undefined && toIndex !== undefined && fromIndex > toIndex) {
    throw new UsageError('usage-bad-flag', '--from-index lies above --to-index');
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError('usage-bad-flag', '--since lies behind --until');
  }
  return new EntryFilter({
    fromIndex,
    toIndex,
    types: type === undefined ? undefined : parseTypes(type),
    keyPrefix: prefix === undefined ? undefined : toByteString(prefix),
    since: from,
    until: to,
    limit,
  });
}

function timeOf(flag: 'since' | 'until', text: string): bigint {
  try {
    return parseTime(text, flag === 'until');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.code, `--${flag}: ${error.detail}`);
  }
}
