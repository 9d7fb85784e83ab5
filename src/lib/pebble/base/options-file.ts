/**
 * OPTIONS-NNNNNN is INI text: `[Section]`, `key=value` split at the first `=`, blanks trimmed, blank
 * lines and `#` or `;` comments (spec/pebble.md §1.5). It says what an open requested; the markers
 * and the MANIFEST rule.
 */
export const KNOWN_COMPARER = 'leveldb.BytewiseComparator';
export const KNOWN_MERGERS: readonly string[] = ['pebble.concatenate', 'nullptr'];

/** Names and the values that Pebble, opened as the node opens it, takes for them. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  'Options.comparer': [KNOWN_COMPARER],
  'Options.merger': KNOWN_MERGERS,
};

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
    const name = `${section}.${line.slice(0, equals).trim()}`;
    const value = line.slice(equals + 1).trim();
    // Pebble compares every mention of these two: a good one does not make up for a bad one.
    const kept = values.get(name);
    if (kept !== undefined && ACCEPTED[name]?.includes(kept) === false) continue;
    values.set(name, value);
  }
  return values;
}

/** The first line that is neither a section, a comment nor `key=value`: Pebble refuses to open. */
export function malformedLine(text: string): string | undefined {
  return text.split('\n').find((raw) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return false;
    return !(line.startsWith('[') && line.endsWith(']')) && !line.includes('=');
  });
}
