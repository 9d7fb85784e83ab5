/**
 * Range tombstones and range keys as row blocks and WALs hold them: the internal key's user key is
 * the start, the value is (spec/pebble.md §5.6)
 *
 * | kind | value |
 * |---|---|
 * | RANGEDEL, RANGEKEYDEL | end key, raw |
 * | RANGEKEYSET | varstring end key, then repeat { varstring suffix, varstring value } |
 * | RANGEKEYUNSET | varstring end key, then repeat { varstring suffix } |
 *
 * End keys are exclusive.
 */
import { toByteString, type ByteString } from '../../bytes/byte-string.js';
import { copyOf } from '../../bytes/copy.js';
import { Cursor } from '../../bytes/cursor.js';
import { CorruptionError, ToolError } from '../../core/errors.js';
import type { Site } from '../../core/site.js';
import type { Span } from './internal-iterator.js';
import { KIND } from './internal-key.js';

const NO_BYTES = new Uint8Array(0);

/**
 * One span per suffix. What it keeps is copied out of `value`.
 * @param site the record or block that holds the value
 * @throws {CorruptionError} `pebble-range-key`
 */
export function decodeSpans(
  kind: number,
  start: ByteString,
  seqNum: bigint,
  value: Uint8Array,
  site: Site,
): Span[] {
  if (kind === KIND.RANGEDEL || kind === KIND.RANGEKEYDEL) {
    return [{ start, end: toByteString(value), kind, seqNum, suffix: '', value: NO_BYTES }];
  }
  const cursor = new Cursor(value, site.path);
  const spans: Span[] = [];
  try {
    const end = toByteString(cursor.varstring('range key end'));
    while (cursor.left > 0) {
      const suffix = toByteString(cursor.varstring('range key suffix'));
      const bytes = kind === KIND.RANGEKEYSET ? cursor.varstring('range key value') : NO_BYTES;
      spans.push({ start, end, kind, seqNum, suffix, value: copyOf(bytes) });
    }
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    throw new CorruptionError('pebble-range-key', cause.detail, { site, cause });
  }
  return spans;
}
