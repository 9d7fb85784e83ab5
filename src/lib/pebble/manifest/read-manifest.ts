import { BugError } from '../../core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { LogEnd } from '../record/log-end.js';
import { RecordReader, type ChunkOddity } from '../record/reader.js';
import { VersionBuilder, type Version } from './version.js';
import { decodeVersionEdit } from './version-edit.js';

export interface Manifest {
  readonly path: string;
  readonly sizeBytes: number;
  readonly version: Version;
  readonly editCount: number;
  /**
   * However a MANIFEST ends, Pebble takes the edits before it for the whole (spec/pebble.md §2.4).
   * `ending.offset` below `sizeBytes` says that bytes were left unread.
   */
  readonly ending: LogEnd;
  readonly oddities: readonly ChunkOddity[];
}

/**
 * Reads all version edits and folds them.
 * @throws {CorruptionError | UnsupportedError} where Pebble refuses the MANIFEST: an edit that does
 *   not decode, unknown tags, an inconsistent version, another comparer
 */
export function readManifest(source: ByteSource, limits: Limits = DEFAULT_LIMITS): Manifest {
  const { path } = source;
  const reader = new RecordReader(source, 0, limits);
  const builder = new VersionBuilder();
  let editCount = 0;
  while (reader.next()) {
    const site = { path, offset: reader.recordOffset };
    builder.apply(decodeVersionEdit(reader.record, path, reader.recordOffset), site);
    editCount++;
  }
  const ending = reader.end;
  if (ending === undefined) throw new BugError('a record reader that stops says how');
  return {
    path,
    sizeBytes: source.size,
    version: builder.finish(path),
    editCount,
    ending,
    oddities: reader.oddities,
  };
}
