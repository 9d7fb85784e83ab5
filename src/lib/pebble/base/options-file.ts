/**
 * OPTIONS-NNNNNN is INI text: `[Section]`, `key=value` split at the first `=`, blanks trimmed, blank
 * lines and `#` or `;` comments (spec/pebble.md §1.5). It says what an open requested; the markers
 * and the MANIFEST rule.
 */
export const KNOWN_COMPARER = 'leveldb.BytewiseComparator';
export const KNOWN_MERGERS: readonly string[] = ['pebble.concatenate', 'nullptr'];

/** Values by `Section.key`. */
export type OptionsFile = ReadonlyMap<string, string>;

export function parseOptionsFile(text: string): OptionsFile {
  const values = new Map<string, string>();
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[') && line.endsWith(']')) {
      section = line.slice(1, -1);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    values.set(`${section}.${line.slice(0, equals).trim()}`, line.slice(equals + 1).trim());
  }
  return values;
}
