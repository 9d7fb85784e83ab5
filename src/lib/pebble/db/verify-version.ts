/** The invariants of a version and of the directory around it (spec/pebble.md §8, MANIFEST). */
import type { ErrorCode } from '../../core/codes/all.js';
import type { Finding, FindingSink } from '../../core/finding.js';
import { parseFilename } from '../base/filename.js';
import { KIND } from '../base/internal-key.js';
import { compareBounds, type KeyRange, type TableMeta } from '../manifest/table-meta.js';
import type { Version } from '../manifest/version.js';
import type { PebbleState } from './pebble-db.js';

const POINT_BOUND_KINDS: ReadonlySet<number> = new Set([
  KIND.DELETE,
  KIND.SET,
  KIND.MERGE,
  KIND.SINGLEDEL,
  KIND.RANGEDEL,
  KIND.SETWITHDEL,
  KIND.DELSIZED,
]);
const RANGE_BOUND_KINDS: ReadonlySet<number> = new Set([
  KIND.RANGEKEYDEL,
  KIND.RANGEKEYUNSET,
  KIND.RANGEKEYSET,
]);

/** Checks the version against itself. */
export function verifyVersion(version: Version, path: string, report: FindingSink): void {
  const fault = (message: string): void => {
    report({ code: 'pebble-version-inconsistent', severity: 'error', file: path, message });
  };
  const tables = version.levels.flat();
  for (const table of tables) {
    for (const message of tableFaults(table, version)) fault(`table ${table.number}: ${message}`);
  }
  const seen = new Set<number>();
  for (const { number } of tables) {
    if (seen.has(number)) fault(`table ${number} is live at two levels`);
    seen.add(number);
  }
  const referenced = new Set(tables.filter((table) => table.virtual).map((table) => table.backing));
  for (const number of version.backings.keys()) {
    if (!referenced.has(number))
      fault(`backing ${number} is recorded and no virtual table uses it`);
  }
  verifyNumbers(version, fault);
}

function* tableFaults(table: TableMeta, version: Version): Generator<string> {
  const { points, rangeKeys, bounds, smallestSeqNum, largestSeqNum } = table;
  if (smallestSeqNum > largestSeqNum) {
    yield `smallest number ${smallestSeqNum} above the largest, ${largestSeqNum}`;
  }
  if (largestSeqNum > version.lastSeqNum) {
    yield `number ${largestSeqNum} above the last one of the MANIFEST, ${version.lastSeqNum}`;
  }
  yield* rangeFaults('point', points, POINT_BOUND_KINDS, bounds);
  yield* rangeFaults('range key', rangeKeys, RANGE_BOUND_KINDS, bounds);
  if (!table.virtual && (table.syntheticPrefix ?? table.syntheticSuffix) !== undefined) {
    yield 'a synthetic prefix or suffix on a physical table';
  }
  const prefix = table.syntheticPrefix ?? '';
  if (!bounds.smallest.userKey.startsWith(prefix) || !bounds.largest.userKey.startsWith(prefix)) {
    yield 'a bound without the synthetic prefix';
  }
}

function* rangeFaults(
  what: string,
  range: KeyRange | undefined,
  kinds: ReadonlySet<number>,
  bounds: KeyRange,
): Generator<string> {
  if (!range) return;
  for (const { kind } of [range.smallest, range.largest]) {
    if (!kinds.has(kind)) yield `${what} bound of kind ${kind}`;
  }
  if (compareBounds(range.smallest, range.largest) > 0) yield `${what} bounds are reversed`;
  if (
    compareBounds(range.smallest, bounds.smallest) < 0 ||
    compareBounds(range.largest, bounds.largest) > 0
  ) {
    yield `${what} bounds reach beyond the table's own`;
  }
}

function verifyNumbers(version: Version, fault: (message: string) => void): void {
  const next = version.nextFileNum;
  const numbers = [
    version.minUnflushedLogNum,
    ...version.backings.keys(),
    ...[...version.blobs.values()].map((blob) => blob.number),
    ...version.levels.flat().map((table) => table.number),
  ];
  for (const number of numbers) {
    if (number >= next) fault(`file number ${number} is not below the next one, ${next}`);
  }
  let before: TableMeta | undefined;
  for (const table of version.levels[0] ?? []) {
    if (
      before?.largestSeqNum === table.largestSeqNum &&
      before.smallestSeqNum === table.smallestSeqNum &&
      before.largestSeqNum === 0n
    ) {
      fault(`L0 tables ${before.number} and ${table.number} cannot be told apart by age`);
    }
    before = table;
  }
}

/** Files that the live version does not use. */
export function* unusedFiles(state: PebbleState): Generator<Finding> {
  const { directory, manifest, replay } = state;
  const { version } = manifest;
  const used = new Set<number>([
    ...version.levels.flat().map((table) => table.backing),
    ...replay.ingested.map((table) => table.number),
  ]);
  const blobs = new Set([...version.blobs.values()].map((blob) => blob.number));
  for (const { name } of directory.entries) {
    const file = parseFilename(name);
    let isUnused = false;
    if (file?.type === 'table') isUnused = !used.has(file.number);
    else if (file?.type === 'blob') isUnused = !blobs.has(file.number);
    if (!isUnused || !file || !('number' in file)) continue;
    const isNewer = file.number >= version.nextFileNum;
    const code: ErrorCode = 'pebble-orphan-file';
    yield {
      code,
      severity: 'note',
      file: `${directory.dir.path}/${name}`,
      message: isNewer
        ? 'newer than the last MANIFEST edit (normal after a crash); not part of the version'
        : 'not part of the version; Pebble deletes it after opening',
    };
  }
}
