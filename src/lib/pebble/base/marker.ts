/**
 * A marker is an empty file whose name is the datum: `marker.` NAME `.` ITER `.` VALUE, NAME up to
 * the first dot, ITER (decimal u64) up to the next, VALUE all the rest. A move creates the new
 * marker before it removes the old one, so the greatest ITER of a NAME wins (spec/pebble.md §1.2).
 */
export interface Marker {
  readonly name: string;
  readonly iter: bigint;
  readonly value: string;
  readonly fileName: string;
}

export interface Markers {
  /** The winning marker of each NAME. */
  readonly byName: ReadonlyMap<string, Marker>;
  /** Left-overs of interrupted moves. */
  readonly superseded: readonly Marker[];
  /** Names that begin like a marker and are none: Pebble refuses the directory. */
  readonly malformed: readonly string[];
}

export function parseMarker(fileName: string): Marker | undefined {
  const match = /^marker\.([^.]*)\.(\d+)\.(.*)$/s.exec(fileName);
  const [, name, digits, value] = match ?? [];
  if (name === undefined || digits === undefined || value === undefined) return undefined;
  const iter = BigInt(digits);
  return iter > 0xffff_ffff_ffff_ffffn ? undefined : { name, iter, value, fileName };
}

export function parseMarkers(names: Iterable<string>): Markers {
  const byName = new Map<string, Marker>();
  const superseded: Marker[] = [];
  const malformed: string[] = [];
  for (const fileName of names) {
    if (!fileName.startsWith('marker.')) continue;
    const marker = parseMarker(fileName);
    if (!marker) {
      malformed.push(fileName);
      continue;
    }
    const known = byName.get(marker.name);
    const wins = known === undefined || marker.iter > known.iter;
    if (wins) byName.set(marker.name, marker);
    if (known) superseded.push(wins ? known : marker);
  }
  return { byName, superseded, malformed };
}
