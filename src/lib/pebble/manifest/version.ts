/**
 * The fold of all version edits: which tables are live, and at which level (spec/pebble.md §3.3).
 */
import { CorruptionError, UnsupportedError } from '../../core/errors.js';
import type { Site } from '../../core/site.js';
import { KNOWN_COMPARER } from '../base/options-file.js';
import { compareBounds, isExclusiveSentinel, type TableMeta } from './table-meta.js';
import type { BlobFileMeta, VersionEdit } from './version-edit.js';

export const LEVEL_COUNT = 7;

export interface Version {
  /** L0 oldest first; L1 to L6 by key, disjoint. */
  readonly levels: readonly (readonly TableMeta[])[];
  /** Size by file number, of the table files that virtual tables share. */
  readonly backings: ReadonlyMap<number, number>;
  /** By blob file id. */
  readonly blobs: ReadonlyMap<number, BlobFileMeta>;
  /** 0 when never set. */
  readonly minUnflushedLogNum: number;
  readonly nextFileNum: number;
  readonly lastSeqNum: bigint;
}

export class VersionBuilder {
  private readonly levels = Array.from({ length: LEVEL_COUNT }, () => new Map<number, TableMeta>());
  private readonly backings = new Map<number, number>();
  private readonly blobs = new Map<number, BlobFileMeta>();
  private minUnflushedLogNum = 0;
  private nextFileNum = 0;
  private lastSeqNum = 0n;

  /**
   * @param site the edit's record
   * @throws {CorruptionError} `pebble-version-inconsistent`
   * @throws {UnsupportedError} `pebble-comparer-unknown`
   */
  apply(edit: VersionEdit, site: Site): void {
    const corrupt = (message: string): CorruptionError =>
      new CorruptionError('pebble-version-inconsistent', message, { site });
    if (edit.comparer !== undefined && edit.comparer !== KNOWN_COMPARER) {
      throw new UnsupportedError(
        'pebble-comparer-unknown',
        `keys are ordered by ${JSON.stringify(edit.comparer)}; only ${KNOWN_COMPARER} is known`,
        { site },
      );
    }
    for (const blob of edit.newBlobs) this.blobs.set(blob.id, blob);
    for (const { id, number } of edit.deletedBlobs) {
      if (this.blobs.get(id)?.number === number) this.blobs.delete(id);
    }
    for (const { level, number } of edit.deletedTables) {
      if (this.levels[level]?.delete(number) !== true) {
        throw corrupt(`table ${number} is deleted from L${level} and was never added there`);
      }
    }
    for (const { number, sizeBytes } of edit.createdBackings) {
      if (this.backings.has(number)) throw corrupt(`backing ${number} is created twice`);
      this.backings.set(number, sizeBytes);
    }
    for (const table of edit.newTables) {
      if (table.virtual && !this.backings.has(table.backing)) {
        throw corrupt(`virtual table ${table.number}: its backing ${table.backing} is unknown`);
      }
      this.levels[table.level]?.set(table.number, table);
    }
    for (const number of edit.removedBackings) this.backings.delete(number);
    this.minUnflushedLogNum = edit.minUnflushedLogNum || this.minUnflushedLogNum;
    this.nextFileNum = edit.nextFileNum || this.nextFileNum;
    this.lastSeqNum = edit.lastSeqNum || this.lastSeqNum;
  }

  /** The version after the last edit. @throws {CorruptionError} `pebble-version-inconsistent` */
  finish(path: string): Version {
    const site = { path };
    if (this.minUnflushedLogNum === 0 && this.nextFileNum < 2) {
      throw new CorruptionError(
        'pebble-version-inconsistent',
        `no minimum log number was ever set, and the next file number is ${this.nextFileNum}`,
        { site },
      );
    }
    const levels = this.levels.map((tables, level) => {
      const sorted = [...tables.values()];
      if (level === 0) return sorted.sort(compareAge);
      sorted.sort((a, b) => compareBounds(a.bounds.smallest, b.bounds.smallest));
      checkDisjoint(sorted, level, site);
      return sorted;
    });
    for (const table of levels.flat()) {
      for (const { blobFileId } of table.blobReferences) {
        if (this.blobs.has(blobFileId)) continue;
        throw new CorruptionError(
          'pebble-version-inconsistent',
          `table ${table.number} refers to blob file ${blobFileId}, which is unknown`,
          { site },
        );
      }
    }
    const { backings, blobs, minUnflushedLogNum, nextFileNum, lastSeqNum } = this;
    return { levels, backings, blobs, minUnflushedLogNum, nextFileNum, lastSeqNum };
  }
}

function compareAge(a: TableMeta, b: TableMeta): number {
  if (a.largestSeqNum !== b.largestSeqNum) return a.largestSeqNum < b.largestSeqNum ? -1 : 1;
  if (a.smallestSeqNum !== b.smallestSeqNum) return a.smallestSeqNum < b.smallestSeqNum ? -1 : 1;
  return a.number - b.number;
}

/** Levels below L0 are read as one sorted run; overlapping tables would hide each other's keys. */
function checkDisjoint(tables: readonly TableMeta[], level: number, site: Site): void {
  let before: TableMeta | undefined;
  for (const table of tables) {
    if (before !== undefined) {
      const end = before.bounds.largest;
      const start = table.bounds.smallest.userKey;
      if (end.userKey > start || (end.userKey === start && !isExclusiveSentinel(end))) {
        throw new CorruptionError(
          'pebble-version-inconsistent',
          `L${level} tables ${before.number} and ${table.number} overlap`,
          { site },
        );
      }
    }
    before = table;
  }
}
