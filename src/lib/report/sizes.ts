/** Sizes and counts for people. Never a locale: the same input prints the same bytes everywhere. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** `1234567` → `1,234,567`. */
export function countText(count: number | bigint): string {
  return count.toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `512 B`, `1.2 KiB`, `61.0 MiB`: one decimal, never rounded up to a full unit of the next. */
export function sizeText(bytes: number | bigint): string {
  let value = Number(bytes);
  if (value < 1024) return `${value} B`;
  let unit = -1;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${UNITS[unit]}`;
}

/** `1.1 MiB (1,234,567 B)`: for the one size that a report is about. */
export function exactSizeText(bytes: number | bigint): string {
  return Number(bytes) < 1024 ? sizeText(bytes) : `${sizeText(bytes)} (${countText(bytes)} B)`;
}

/** `1 key`, `2 keys`, `1,000 entries`. */
export function plural(count: number | bigint, one: string, many = `${one}s`): string {
  return `${countText(count)} ${Number(count) === 1 ? one : many}`;
}
