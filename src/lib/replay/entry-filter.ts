/** Which entries a listing shows. Every bound is inclusive. */
import type { ByteString } from '../bytes/byte-string.js';
import { fromByteString } from '../bytes/byte-string.js';
import { hex } from '../bytes/hex.js';
import { UsageError } from '../core/errors.js';
import { DISPOSITIONS } from '../engine/boot-report.js';
import { requestsOf } from '../fsm/entry-requests.js';
import { PAYLOAD_TAGS, tagOf } from '../fsm/payload.js';
import { OP } from '../fsm/request.js';
import { tsOfMs } from '../mvcc/timestamp.js';
import type { ReplayRecord } from './replay-record.js';

export const ENTRY_TYPE_WORDS = ['normal', 'confChange', 'confChangeV2', 'unknown'] as const;

export interface FilterOptions {
  readonly fromIndex?: bigint | undefined;
  readonly toIndex?: bigint | undefined;
  /** Words of a tag, an entry type or a disposition: one of them has to fit. */
  readonly types?: ReadonlySet<string> | undefined;
  readonly keyPrefix?: ByteString | undefined;
  /** Commit timestamps. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
  /** Most entries shown. */
  readonly limit?: number | undefined;
}

export class EntryFilter {
  /** Entries that fit, whether or not the limit left room for them. */
  matched = 0;
  readonly options: FilterOptions;
  private readonly prefixHex: string;

  constructor(options: FilterOptions = {}) {
    this.options = options;
    this.prefixHex = hex(fromByteString(options.keyPrefix ?? ''));
  }

  get isOpen(): boolean {
    const names = Object.entries(this.options);
    return names.every(([name, value]) => name === 'limit' || value === undefined);
  }

  get limit(): number {
    return this.options.limit ?? Number.POSITIVE_INFINITY;
  }

  /** Counts what fits. @param payload  in clear, or null */
  fits(record: ReplayRecord, payload: Uint8Array | null): boolean {
    const { fromIndex, toIndex, types, keyPrefix, since, until } = this.options;
    if (fromIndex !== undefined && record.index < fromIndex) return false;
    if (toIndex !== undefined && record.index > toIndex) return false;
    if (types !== undefined && !hasType(record, types)) return false;
    if ((since ?? until) !== undefined && !committedWithin(record, since, until)) return false;
    if (keyPrefix !== undefined && !this.touches(record, payload, keyPrefix)) return false;
    this.matched++;
    return true;
  }

  private touches(record: ReplayRecord, payload: Uint8Array | null, prefix: ByteString): boolean {
    // The first keys are at hand; only what they do not settle is decoded again.
    if (record.requests.some(({ keyHex }) => keyHex?.startsWith(this.prefixHex) === true)) {
      return true;
    }
    if (payload === null) return false;
    const requests = requestsOf(tagOf(payload), payload) ?? [];
    return requests.some(({ mutations }) =>
      mutations.some(
        ({ op, key }) => key.startsWith(prefix) || (op === OP.DEL_PREFIX && prefix.startsWith(key)),
      ),
    );
  }
}

function hasType(record: ReplayRecord, types: ReadonlySet<string>): boolean {
  const { tag, entryType, disposition } = record;
  return (
    types.has(entryType) ||
    (tag !== null && types.has(tag)) ||
    (disposition !== null && types.has(disposition))
  );
}

function committedWithin(
  { requests }: ReplayRecord,
  since: bigint | undefined,
  until: bigint | undefined,
): boolean {
  return requests.some(
    ({ commitTs }) =>
      commitTs !== null &&
      (since === undefined || commitTs >= since) &&
      (until === undefined || commitTs <= until),
  );
}

/** Every word that `--type` takes, by what it speaks of. */
export const TYPE_WORDS = {
  'payload tag': PAYLOAD_TAGS,
  'entry type': ENTRY_TYPE_WORDS,
  disposition: DISPOSITIONS,
} as const;

/** @throws {UsageError} a word that is none of them */
export function parseTypes(text: string): ReadonlySet<string> {
  const known: readonly string[] = Object.values(TYPE_WORDS).flat();
  const words = text.split(',').map((word) => word.trim());
  for (const word of words) {
    if (known.includes(word)) continue;
    const message = `--type: ${JSON.stringify(word)} is no tag, entry type or disposition`;
    throw new UsageError('usage-bad-flag', `${message}; --type list shows them all`);
  }
  return new Set(words);
}

/** The last logical timestamp of a millisecond. */
const LAST_LOGICAL = 0xffffn;
/** Milliseconds stay below it until the year 10889; timestamps of a clock lie above. */
const FIRST_TIMESTAMP = 1n << 48n;
const MAX_U64 = (1n << 64n) - 1n;

/**
 * A time as a bound on commit timestamps: an ISO time, Unix milliseconds, an HLC timestamp, or
 * `ts:N` where a small number is one.
 * @param upper  the bound is the last timestamp of that millisecond, not the first
 * @throws {UsageError}
 */
export function parseTime(text: string, upper: boolean): bigint {
  const explicit = /^ts:(\d+)$/.exec(text)?.[1];
  const plain = explicit ?? (/^\d+$/.test(text) ? text : undefined);
  if (plain !== undefined && BigInt(plain) <= MAX_U64) {
    const value = BigInt(plain);
    if (explicit !== undefined || value >= FIRST_TIMESTAMP) return value;
    return ofMs(value, upper);
  }
  const ms = ISO_TIME.test(text) ? Date.parse(zoned(text)) : Number.NaN;
  if (!Number.isNaN(ms) && ms >= 0) return ofMs(BigInt(ms), upper);
  const forms = 'an ISO time (2026-06-07T12:00:00Z), Unix milliseconds, an HLC timestamp or ts:N';
  throw new UsageError('usage-bad-flag', `${JSON.stringify(text)} is not ${forms}`);
}

const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** A time without a zone is UTC, whatever the machine's zone. */
function zoned(text: string): string {
  return text.includes('T') && !/(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
}

function ofMs(ms: bigint, upper: boolean): bigint {
  return upper ? tsOfMs(ms) | LAST_LOGICAL : tsOfMs(ms);
}
