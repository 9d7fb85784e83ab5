/**
 * Names in a database directory (spec/pebble.md §1.1). File numbers come from one counter; they are
 * printed in base 10 with at least six digits and read with any number of digits.
 */

export type PebbleFile =
  | {
      readonly type: 'table' | 'blob' | 'manifest' | 'options' | 'remote-catalog';
      readonly number: number;
    }
  | { readonly type: 'wal'; readonly number: number; readonly segment: number }
  | { readonly type: 'lock' | 'current' | 'temporary' | 'marker' };

const FORMS: readonly (readonly [
  RegExp,
  'table' | 'blob' | 'manifest' | 'options' | 'remote-catalog',
])[] = [
  [/^(\d+)\.sst$/, 'table'],
  [/^(\d+)\.blob$/, 'blob'],
  [/^MANIFEST-(\d+)$/, 'manifest'],
  [/^OPTIONS-(\d+)$/, 'options'],
  [/^REMOTE-OBJ-CATALOG-(\d+)$/, 'remote-catalog'],
];

function fileNumber(digits: string | undefined): number | undefined {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** What a name stands for, or undefined for a name that Pebble ignores. */
export function parseFilename(name: string): PebbleFile | undefined {
  for (const [form, type] of FORMS) {
    const number = fileNumber(form.exec(name)?.[1]);
    if (number !== undefined) return { type, number };
  }
  const wal = /^(\d+)(?:-(\d+))?\.log$/.exec(name);
  if (wal) {
    const number = fileNumber(wal[1]);
    const segment = fileNumber(wal[2] ?? '0');
    return number === undefined || segment === undefined
      ? undefined
      : { type: 'wal', number, segment };
  }
  if (name === 'LOCK') return { type: 'lock' };
  if (name === 'CURRENT') return { type: 'current' };
  if (name.startsWith('marker.')) return { type: 'marker' };
  if (name.endsWith('.dbtmp')) return { type: 'temporary' };
  return undefined;
}

export function fileNumberText(number: number): string {
  return String(number).padStart(6, '0');
}

export function tableName(number: number): string {
  return `${fileNumberText(number)}.sst`;
}

export function blobName(number: number): string {
  return `${fileNumberText(number)}.blob`;
}

export function manifestName(number: number): string {
  return `MANIFEST-${fileNumberText(number)}`;
}

export function walName(number: number, segment = 0): string {
  const suffix = segment === 0 ? '' : `-${String(segment).padStart(3, '0')}`;
  return `${fileNumberText(number)}${suffix}.log`;
}
