/**
 * One MANIFEST record is one version edit: tag uvarint and fields, to the end of the record
 * (spec/pebble.md §3.1, §3.2). Unknown tags have an unknown length, so they end everything.
 */
import { toByteString, type ByteString } from '../../bytes/byte-string.js';
import { Cursor } from '../../bytes/cursor.js';
import { hex } from '../../bytes/hex.js';
import { u64le } from '../../bytes/read.js';
import { CorruptionError, ToolError, UnsupportedError } from '../../core/errors.js';
import {
  compareBounds,
  type BlobReference,
  type Bound,
  type KeyRange,
  type TableMeta,
} from './table-meta.js';

export const TAG = {
  COMPARER: 1,
  MIN_UNFLUSHED_LOG: 2,
  NEXT_FILE: 3,
  LAST_SEQNUM: 4,
  COMPACTION_POINTER: 5,
  DELETED_TABLE: 6,
  NEW_TABLE_1: 7,
  PREV_LOG: 9,
  NEW_TABLE_2: 100,
  NEW_TABLE_3: 102,
  NEW_TABLE_4: 103,
  NEW_TABLE_5: 104,
  CREATED_BACKING: 105,
  REMOVED_BACKING: 106,
  NEW_BLOB: 107,
  DELETED_BLOB: 108,
} as const;

const CUSTOM = {
  TERMINATOR: 1,
  NEEDS_COMPACTION: 2,
  CREATION_TIME: 6,
  PATH_ID: 65,
  VIRTUAL: 66,
  SYNTHETIC_PREFIX: 67,
  SYNTHETIC_SUFFIX: 68,
  BLOB_REFERENCES: 69,
  NOT_SAFE_TO_IGNORE: 64,
} as const;

/** Tag 104's marker byte. */
const MARKER = { HAS_POINTS: 1, SMALLEST_IS_POINT: 2, LARGEST_IS_POINT: 4, KNOWN: 7 } as const;

const LEVELS = 7;
const TRAILER_BYTES = 8;

export interface BlobFileMeta {
  readonly id: number;
  readonly number: number;
  readonly sizeBytes: number;
  readonly valueBytes: number;
  /** Unix seconds. */
  readonly creationTime: number;
}

export interface VersionEdit {
  readonly comparer: ByteString | undefined;
  /** 0 where this edit does not set it; likewise the two below. */
  readonly minUnflushedLogNum: number;
  readonly nextFileNum: number;
  readonly lastSeqNum: bigint;
  readonly deletedTables: readonly { readonly level: number; readonly number: number }[];
  readonly newTables: readonly TableMeta[];
  readonly createdBackings: readonly { readonly number: number; readonly sizeBytes: number }[];
  readonly removedBackings: readonly number[];
  readonly newBlobs: readonly BlobFileMeta[];
  readonly deletedBlobs: readonly { readonly id: number; readonly number: number }[];
}

interface EditDraft {
  comparer: ByteString | undefined;
  minUnflushedLogNum: number;
  nextFileNum: number;
  lastSeqNum: bigint;
  deletedTables: { level: number; number: number }[];
  newTables: TableMeta[];
  createdBackings: { number: number; sizeBytes: number }[];
  removedBackings: number[];
  newBlobs: BlobFileMeta[];
  deletedBlobs: { id: number; number: number }[];
}

/**
 * Decodes one record. What it keeps is copied.
 * @param offset file offset of the record; every error names it
 * @throws {CorruptionError} `pebble-manifest-edit`
 * @throws {UnsupportedError} `pebble-manifest-tag`
 */
export function decodeVersionEdit(record: Uint8Array, path: string, offset: number): VersionEdit {
  const cursor = new Cursor(record, path);
  const edit: EditDraft = {
    comparer: undefined,
    minUnflushedLogNum: 0,
    nextFileNum: 0,
    lastSeqNum: 0n,
    deletedTables: [],
    newTables: [],
    createdBackings: [],
    removedBackings: [],
    newBlobs: [],
    deletedBlobs: [],
  };
  try {
    while (cursor.left > 0) decodeField(cursor, edit);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const message = `${cause.detail}, at byte ${cursor.pos} of an edit of ${record.length}`;
    const detail = { site: { path, offset }, cause };
    if (cause instanceof UnsupportedError) {
      throw new UnsupportedError('pebble-manifest-tag', message, detail);
    }
    throw new CorruptionError('pebble-manifest-edit', message, detail);
  }
  return edit;
}

function decodeField(cursor: Cursor, edit: EditDraft): void {
  const tag = cursor.uvarint('tag');
  switch (tag) {
    case TAG.COMPARER:
      edit.comparer = toByteString(cursor.varstring('comparer'));
      return;
    case TAG.MIN_UNFLUSHED_LOG:
      edit.minUnflushedLogNum = cursor.uvarint('min unflushed log number');
      return;
    case TAG.NEXT_FILE:
      edit.nextFileNum = cursor.uvarint('next file number');
      return;
    case TAG.LAST_SEQNUM:
      edit.lastSeqNum = cursor.uvarint64('last sequence number');
      return;
    case TAG.COMPACTION_POINTER:
      decodeLevel(cursor);
      cursor.varstring('compaction pointer');
      return;
    case TAG.PREV_LOG:
      cursor.uvarint('previous log number');
      return;
    case TAG.DELETED_TABLE:
      edit.deletedTables.push({
        level: decodeLevel(cursor),
        number: cursor.uvarint('table number'),
      });
      return;
    case TAG.NEW_TABLE_1:
    case TAG.NEW_TABLE_2:
    case TAG.NEW_TABLE_3:
    case TAG.NEW_TABLE_4:
    case TAG.NEW_TABLE_5:
      edit.newTables.push(decodeNewTable(cursor, tag));
      return;
    default:
      decodeFileField(cursor, edit, tag);
  }
}

function decodeFileField(cursor: Cursor, edit: EditDraft, tag: number): void {
  switch (tag) {
    case TAG.CREATED_BACKING:
      edit.createdBackings.push({
        number: cursor.uvarint('backing number'),
        sizeBytes: cursor.uvarint('backing size'),
      });
      return;
    case TAG.REMOVED_BACKING:
      edit.removedBackings.push(cursor.uvarint('backing number'));
      return;
    case TAG.NEW_BLOB:
      edit.newBlobs.push({
        id: cursor.uvarint('blob file id'),
        number: cursor.uvarint('blob file number'),
        sizeBytes: cursor.uvarint('blob file size'),
        valueBytes: cursor.uvarint('blob value size'),
        creationTime: cursor.uvarint('blob creation time'),
      });
      return;
    case TAG.DELETED_BLOB:
      edit.deletedBlobs.push({
        id: cursor.uvarint('blob file id'),
        number: cursor.uvarint('blob file number'),
      });
      return;
    default:
      throw new UnsupportedError('pebble-manifest-tag', `unknown tag ${tag}; a newer Pebble?`);
  }
}

function corrupt(message: string): CorruptionError {
  return new CorruptionError('pebble-manifest-edit', message);
}

function decodeLevel(cursor: Cursor): number {
  const level = cursor.uvarint('level');
  if (level >= LEVELS) throw corrupt(`level ${level}, the last is ${LEVELS - 1}`);
  return level;
}

function decodeBound(cursor: Cursor, field: string): Bound {
  const key = cursor.varstring(field);
  if (key.length < TRAILER_BYTES) {
    throw corrupt(`${field} has ${key.length} B, an internal key at least ${TRAILER_BYTES}`);
  }
  const trailer = u64le(key, key.length - TRAILER_BYTES);
  return {
    userKey: toByteString(key.subarray(0, key.length - TRAILER_BYTES)),
    seqNum: trailer >> 8n,
    kind: Number(trailer & 0xffn),
  };
}

function decodeRange(cursor: Cursor, field: string): KeyRange {
  return {
    smallest: decodeBound(cursor, `smallest ${field} key`),
    largest: decodeBound(cursor, `largest ${field} key`),
  };
}

interface Ranges {
  readonly points: KeyRange | undefined;
  readonly rangeKeys: KeyRange | undefined;
  readonly bounds: KeyRange;
}

function decodeRanges(cursor: Cursor, tag: number): Ranges {
  if (tag !== TAG.NEW_TABLE_5) {
    const points = decodeRange(cursor, 'point');
    return { points, rangeKeys: undefined, bounds: points };
  }
  const marker = cursor.u8('bounds marker');
  if ((marker & ~MARKER.KNOWN) !== 0)
    throw corrupt(`bounds marker 0x${hex(Uint8Array.of(marker))}`);
  const hasPoints = (marker & MARKER.HAS_POINTS) !== 0;
  if (!hasPoints && marker !== 0) throw corrupt('a point bound is named and there is none');
  const points = hasPoints ? decodeRange(cursor, 'point') : undefined;
  const rangeKeys = decodeRange(cursor, 'range');
  const bounds = {
    smallest: ((marker & MARKER.SMALLEST_IS_POINT) === 0 ? rangeKeys : (points ?? rangeKeys))
      .smallest,
    largest: ((marker & MARKER.LARGEST_IS_POINT) === 0 ? rangeKeys : (points ?? rangeKeys)).largest,
  };
  return { points, rangeKeys, bounds };
}

interface CustomFields {
  creationTime: number | undefined;
  backing: number | undefined;
  syntheticPrefix: ByteString | undefined;
  syntheticSuffix: ByteString | undefined;
  blobReferences: BlobReference[];
}

function decodeNewTable(cursor: Cursor, tag: number): TableMeta {
  const level = decodeLevel(cursor);
  const number = cursor.uvarint('table number');
  if (tag === TAG.NEW_TABLE_3) cursor.uvarint('path id');
  const sizeBytes = cursor.uvarint('table size');
  const ranges = decodeRanges(cursor, tag);
  const hasSeqNums = tag !== TAG.NEW_TABLE_1;
  const smallestSeqNum = hasSeqNums ? cursor.uvarint64('smallest sequence number') : 0n;
  const largestSeqNum = hasSeqNums ? cursor.uvarint64('largest sequence number') : 0n;
  const custom: CustomFields = {
    creationTime: undefined,
    backing: undefined,
    syntheticPrefix: undefined,
    syntheticSuffix: undefined,
    blobReferences: [],
  };
  if (tag === TAG.NEW_TABLE_4 || tag === TAG.NEW_TABLE_5) decodeCustomFields(cursor, custom);
  if (compareBounds(ranges.bounds.smallest, ranges.bounds.largest) > 0) {
    throw corrupt(`table ${number}: its smallest key lies behind its largest`);
  }
  return {
    level,
    number,
    sizeBytes,
    ...ranges,
    smallestSeqNum,
    largestSeqNum,
    creationTime: custom.creationTime,
    backing: custom.backing ?? number,
    virtual: custom.backing !== undefined,
    syntheticPrefix: custom.syntheticPrefix,
    syntheticSuffix: custom.syntheticSuffix,
    blobReferences: custom.blobReferences,
  };
}

function decodeCustomFields(cursor: Cursor, custom: CustomFields): void {
  for (;;) {
    const id = cursor.uvarint('custom field');
    switch (id) {
      case CUSTOM.TERMINATOR:
        return;
      case CUSTOM.NEEDS_COMPACTION:
        if (cursor.varstring('needs compaction').length !== 1) {
          throw corrupt('field "needs compaction" has not one byte');
        }
        break;
      case CUSTOM.CREATION_TIME: {
        const field = new Cursor(cursor.varstring('creation time'), cursor.path);
        custom.creationTime = field.uvarint('creation time');
        if (field.left > 0) throw corrupt('field "creation time" holds more than one number');
        break;
      }
      case CUSTOM.VIRTUAL:
        custom.backing = cursor.uvarint('backing number');
        break;
      case CUSTOM.SYNTHETIC_PREFIX:
        custom.syntheticPrefix = toByteString(cursor.varstring('synthetic prefix'));
        break;
      case CUSTOM.SYNTHETIC_SUFFIX:
        custom.syntheticSuffix = toByteString(cursor.varstring('synthetic suffix'));
        break;
      case CUSTOM.BLOB_REFERENCES:
        decodeBlobReferences(cursor, custom);
        break;
      default:
        if ((id & CUSTOM.NOT_SAFE_TO_IGNORE) !== 0) {
          throw new UnsupportedError(
            'pebble-manifest-tag',
            `custom field ${id} of a table may not be ignored and is not known`,
          );
        }
        cursor.varstring(`custom field ${id}`);
    }
  }
}

function decodeBlobReferences(cursor: Cursor, custom: CustomFields): void {
  cursor.uvarint('blob reference depth');
  const count = cursor.uvarint('blob reference count');
  for (let i = 0; i < count; i++) {
    custom.blobReferences.push({
      blobFileId: cursor.uvarint('blob file id'),
      valueBytes: cursor.uvarint('blob value size'),
    });
  }
}
