/**
 * What Pebble checks of every referenced file at open: it exists, with the recorded size
 * (spec/pebble.md §1.4).
 */
import { CorruptionError } from '../../core/errors.js';
import { blobName, tableName } from '../base/filename.js';
import type { TableMeta } from '../manifest/table-meta.js';
import type { Version } from '../manifest/version.js';
import type { IngestedTable } from '../wal/ingest.js';
import type { Directory } from './directory.js';

/** Every fault among the files that the version or a replayed ingest record needs. */
export function* missingFiles(
  directory: Directory,
  version: Version,
  ingested: readonly IngestedTable[],
): Generator<CorruptionError> {
  const { dir, byName } = directory;
  const sizeOf = (name: string): number | undefined => {
    const entry = byName.get(name);
    return entry?.kind === 'file' ? entry.size : undefined;
  };
  const wrongSize = (name: string, size: number, expected: number): CorruptionError =>
    new CorruptionError(
      'pebble-table-size',
      `${name} has ${size} bytes, MANIFEST says ${expected}: truncated or overwritten`,
      { site: { path: `${dir.path}/${name}` } },
    );
  for (const table of version.levels.flat()) {
    const name = tableName(table.backing);
    const expected = table.virtual ? version.backings.get(table.backing) : table.sizeBytes;
    const size = sizeOf(name);
    if (size === undefined) {
      const site = { path: `${dir.path}/${name}` };
      yield new CorruptionError('pebble-table-missing', missingText(table, name), { site });
    } else if (expected !== undefined && size !== expected) {
      yield wrongSize(name, size, expected);
    }
  }
  for (const blob of version.blobs.values()) {
    const name = blobName(blob.number);
    const size = sizeOf(name);
    if (size === undefined) {
      const message = `blob file ${blob.id} is listed but ${name} does not exist`;
      yield new CorruptionError('pebble-blob-missing', message, {
        site: { path: `${dir.path}/${name}` },
      });
    } else if (size !== blob.sizeBytes) {
      yield wrongSize(name, size, blob.sizeBytes);
    }
  }
  for (const { number, walPath, offset } of ingested) {
    if (sizeOf(tableName(number)) !== undefined) continue;
    const message = `the WAL names table ${number} for ingestion; it does not exist`;
    yield new CorruptionError('pebble-ingest-missing', message, {
      site: { path: walPath, offset },
    });
  }
}

function missingText(table: TableMeta, name: string): string {
  const { bounds, level, number, smallestSeqNum, largestSeqNum } = table;
  const { smallest, largest } = bounds;
  const keys = `${JSON.stringify(smallest.userKey)}..${JSON.stringify(largest.userKey)}`;
  return (
    `L${level} table ${number} (keys ${keys}, numbers ${smallestSeqNum}..${largestSeqNum}) ` +
    `is listed but ${name} does not exist; that key range is incomplete`
  );
}
