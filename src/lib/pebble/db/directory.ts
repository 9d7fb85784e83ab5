/**
 * Decides what a directory is, from its names alone (spec/pebble.md §1.2, §1.3), and which files a
 * reader needs.
 */
import { CorruptionError, IoError, ToolError, UnsupportedError } from '../../core/errors.js';
import { findingOf, type FindingSink } from '../../core/finding.js';
import type { DirEntry, DirSource } from '../../io/dir-source.js';
import { manifestName, parseFilename } from '../base/filename.js';
import { FORMAT_VERSION_MAX, FORMAT_VERSION_MIN } from '../base/format-version.js';
import { parseMarkers, type Markers } from '../base/marker.js';

export interface Directory {
  readonly dir: DirSource;
  readonly entries: readonly DirEntry[];
  readonly byName: ReadonlyMap<string, DirEntry>;
  readonly formatVersion: number;
  /** Name of the live MANIFEST; it exists. */
  readonly manifest: string;
  /** Name of the highest-numbered OPTIONS file, if there is one. */
  readonly options: string | undefined;
  /** With salvage: why Pebble would refuse this directory by its names. */
  readonly refusal: ToolError | undefined;
}

/**
 * Lists the directory once and settles format version and MANIFEST.
 *
 * @param salvage goes on over malformed markers, which Pebble refuses
 * @throws {IoError} `pebble-no-database`
 * @throws {UnsupportedError} `pebble-format-too-new`, `pebble-format-too-old`, `pebble-v1-layout`,
 *   `pebble-remote-objects`
 * @throws {CorruptionError} `pebble-marker-malformed`, `pebble-manifest-missing`
 */
export function readDirectory(
  dir: DirSource,
  findings: FindingSink | undefined,
  salvage: boolean,
): Directory {
  const entries = dir.list();
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const markers = parseMarkers(byName.keys());
  const refusal = malformedMarker(dir, markers);
  if (refusal) {
    if (!salvage) throw refusal;
    findings?.(findingOf(refusal));
  }
  if (markers.byName.has('remote-obj-catalog')) {
    throw new UnsupportedError(
      'pebble-remote-objects',
      'the database uses remote object storage; not supported',
      { site: { path: dir.path } },
    );
  }
  const formatVersion = readFormatVersion(dir, markers, byName, findings);
  const { name: manifest, missing } = liveManifest(dir, markers, byName);
  if (manifest === undefined) throw missing;
  if (missing !== undefined) {
    if (!salvage) throw missing;
    findings?.(findingOf(missing));
  }
  return {
    dir,
    entries,
    byName,
    formatVersion,
    manifest,
    options: newestOptions(entries),
    refusal: refusal ?? missing,
  };
}

/** Where the one that counts is missing, another one that a salvage can read. */
type LiveManifest =
  | { readonly name: string; readonly missing: undefined }
  | { readonly name: string | undefined; readonly missing: CorruptionError };

function malformedMarker(dir: DirSource, markers: Markers): CorruptionError | undefined {
  const [name] = markers.malformed;
  if (name === undefined) return undefined;
  return new CorruptionError(
    'pebble-marker-malformed',
    `${dir.path} contains the malformed marker ${name}; Pebble refuses to open such a directory`,
    { site: { path: `${dir.path}/${name}` } },
  );
}

function readFormatVersion(
  dir: DirSource,
  markers: Markers,
  byName: ReadonlyMap<string, DirEntry>,
  findings: FindingSink | undefined,
): number {
  const site = { path: dir.path };
  const marker = markers.byName.get('format-version');
  if (!marker) {
    if (byName.has('CURRENT')) {
      throw new UnsupportedError(
        'pebble-v1-layout',
        'Pebble v1 layout (CURRENT file); not supported by Pebble v2',
        { site: { path: `${dir.path}/CURRENT` } },
      );
    }
    if (!markers.byName.has('manifest')) {
      throw new IoError(
        'pebble-no-database',
        `no Pebble database in ${dir.path} (no marker.manifest.* file)`,
        { site },
      );
    }
    findings?.({
      code: 'pebble-creation-cut-short',
      severity: 'warning',
      file: dir.path,
      message: 'no marker.format-version.* file: the first open did not finish; read as version 13',
    });
    return FORMAT_VERSION_MIN;
  }
  const at = { site: { path: `${dir.path}/${marker.fileName}` } };
  if (!/^\d+$/.test(marker.value)) {
    const message = `format version ${JSON.stringify(marker.value)} is not a number`;
    throw new CorruptionError('pebble-marker-malformed', message, at);
  }
  const version = Number(marker.value);
  if (version > FORMAT_VERSION_MAX) {
    const known = `newer than this reader knows (${FORMAT_VERSION_MAX})`;
    const message = `format version ${version} is ${known}`;
    throw new UnsupportedError('pebble-format-too-new', message, at);
  }
  if (!markers.byName.has('manifest') && !byName.has('CURRENT')) {
    throw new IoError(
      'pebble-no-database',
      `no Pebble database in ${dir.path} (no marker.manifest.* file)`,
      { site },
    );
  }
  if (version < FORMAT_VERSION_MIN) {
    const message = `format version ${version} predates Pebble v2 (${FORMAT_VERSION_MIN})`;
    throw new UnsupportedError('pebble-format-too-old', message, at);
  }
  return version;
}

/** By the marker, never the highest number: a new MANIFEST exists before the marker moves. */
function liveManifest(
  dir: DirSource,
  markers: Markers,
  byName: ReadonlyMap<string, DirEntry>,
): LiveManifest {
  const marker = markers.byName.get('manifest');
  if (!marker) {
    throw new IoError(
      'pebble-no-database',
      `no Pebble database in ${dir.path} (no marker.manifest.* file)`,
      { site: { path: dir.path } },
    );
  }
  const file = parseFilename(marker.value);
  if (file?.type !== 'manifest') {
    throw new CorruptionError(
      'pebble-marker-malformed',
      `the manifest marker names ${JSON.stringify(marker.value)}, which is no MANIFEST`,
      { site: { path: `${dir.path}/${marker.fileName}` } },
    );
  }
  const name = manifestName(file.number);
  if (byName.get(name)?.kind === 'file') return { name, missing: undefined };
  const present = [...byName.keys()].filter((known) => parseFilename(known)?.type === 'manifest');
  const missing = new CorruptionError(
    'pebble-manifest-missing',
    `the marker names ${name}, which is missing; present: ${present.join(', ') || 'none'}`,
    { site: { path: dir.path } },
  );
  return { name: present.at(-1), missing };
}

function newestOptions(entries: readonly DirEntry[]): string | undefined {
  let newest: { readonly name: string; readonly number: number } | undefined;
  for (const { name } of entries) {
    const file = parseFilename(name);
    if (file?.type !== 'options') continue;
    if (!newest || file.number > newest.number) newest = { name, number: file.number };
  }
  return newest?.name;
}
