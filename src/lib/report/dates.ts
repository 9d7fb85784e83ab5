/**
 * HLC timestamps and ceilings as dates (spec/00-overview.md, Terms): a timestamp is
 * `ms << 16 | logical`, a ceiling is Unix milliseconds. Always UTC and ISO 8601.
 */

// The last millisecond that a Date can hold; a u64 of milliseconds goes much further.
const LAST_DATE_MS = 8_640_000_000_000_000n;

/** `2026-06-07T12:34:56.789Z`, or the bare number of milliseconds beyond the calendar. */
export function dateText(ms: bigint): string {
  return ms > LAST_DATE_MS ? `${ms} ms (beyond any date)` : new Date(Number(ms)).toISOString();
}

/** `2026-06-07T12:34:56.789Z`, or `not set` for zero. */
export function ceilingText(ms: bigint): string {
  return ms === 0n ? 'not set' : dateText(ms);
}

/** `2026-06-07T12:34:56.789Z +5`: physical part, then the logical counter. */
export function hlcText(ts: bigint): string {
  if (ts === 0n) return '0';
  return `${dateText(ts >> 16n)} +${ts & 0xffffn}`;
}

/** `850 ms`, `12.3 s`, `4 min 5 s`, `3 h 2 min`, `12 d 4 h`: a span for people. */
export function spanText(ms: number | bigint): string {
  const total = Math.floor(Number(ms));
  if (total < 1000) return `${total} ms`;
  if (total < 60_000) return `${(Math.floor(total / 100) / 10).toFixed(1)} s`;
  const minutes = Math.floor(total / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((total % 60_000) / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
