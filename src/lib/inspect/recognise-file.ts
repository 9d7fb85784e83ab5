/**
 * What a file is: by its bytes first, by its name where they do not say.
 *
 * | bytes | kind |
 * |---|---|
 * | `EKVTHLC`, `EKVPBBL1`, `EKVSSTI1`, `EKVMVCC2` | a snapshot payload; with a CRC footer a `.fsm` |
 * | `EKVP`, `EKVR`, `EKVM`, `EKVW` | peers file, legacy state, metadata, entries |
 * | `08 crc 12 length`, exactly to the end of the file | `.snap` |
 * | a short frame at 0 whose record begins `08 04 10` | WAL segment: it begins with a crc record |
 * | magic in the last 8 bytes | sstable, blob file |
 * | `{` and a member that only keys.json has | sidecar |
 *
 * An oracle's `.fsm`, an empty payload's and a legacy headerless one of unknown form have no magic;
 * of them the name speaks. The bytes of a file that is not recognised are never shown: it may be a
 * key.
 */
import { hex } from '../bytes/hex.js';
import { u32le } from '../bytes/read.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { crcFooterMatches } from './crc-footer.js';
import type { FileKind } from './kind.js';
import { readSnapLayout } from './snap-layout.js';

export interface Recognised<K> {
  readonly kind: K;
  readonly by: 'content' | 'name' | 'flag';
  /** What the name says where the bytes say something else. */
  readonly nameSays?: FileKind | undefined;
}

const HEAD_BYTES = 4096;
const PAYLOAD_MAGIC = /^(?:EKVTHLC|EKVPBBL1|EKVSSTI1|EKVMVCC2)/;
const KIND_OF_MAGIC: Readonly<Record<string, FileKind>> = {
  EKVP: 'peers-file',
  EKVR: 'legacy-state',
  EKVM: 'legacy-meta',
  EKVW: 'legacy-entries',
};
/** LevelDB's, RocksDB's, Pebble's. */
const TABLE_MAGIC = ['57fb808b247547db', 'f7cff485b741e288', 'f09faab3f09faab3'];
const BLOB_MAGIC = 'f09faab3f09fa680';
const SIDECAR_MEMBER =
  /"(?:raft_applied_index|storage_envelope_active|raft_envelope_cutover_index)"/i;
/** The longest crc record has 9 bytes; metadata may follow in no file before it. */
const MAX_CRC_RECORD_BYTES = 32;

const BY_NAME: readonly (readonly [RegExp, FileKind])[] = [
  [/\.fsm(?:\.tmp)?$/, 'fsm-file'],
  [/\.snap(?:\.broken)?$/, 'snap-file'],
  [/\.wal(?:\.broken)?$/, 'wal-segment'],
  [/^etcd-raft-peers\.bin/, 'peers-file'],
  [/^etcd-raft-state\.bin/, 'legacy-state'],
  [/^etcd-raft-meta\.bin/, 'legacy-meta'],
  [/^etcd-raft-entries\.bin/, 'legacy-entries'],
  [/^etcd-fsm-snapshot\.bin/, 'payload-file'],
  [/^elastickv-etcd-snapshot-/, 'payload-file'],
  [/^keys\.json/, 'sidecar'],
  [/^raft-engine$/, 'engine-marker'],
  [/^\d+\.sst$/, 'pebble-table'],
  [/^\d+\.blob$/, 'pebble-blob'],
];

export function kindOfName(name: string): FileKind | undefined {
  return BY_NAME.find(([form]) => form.test(name))?.[1];
}

/**
 * @param name  last part of the path
 * @returns undefined when nothing tells
 * @throws {IoError} the file cannot be read
 */
export function recogniseFile(source: ByteSource, name: string): Recognised<FileKind> | undefined {
  const named = kindOfName(name);
  const found = kindOfContent(source, named);
  if (found === undefined) return named && { kind: named, by: 'name' };
  if (named === undefined || named === found) return { kind: found, by: 'content' };
  return { kind: found, by: 'content', nameSays: named };
}

function kindOfContent(source: ByteSource, named: FileKind | undefined): FileKind | undefined {
  const head = readRange(source, 0, Math.min(HEAD_BYTES, source.size));
  const text = Buffer.from(head).toString('latin1');
  if (PAYLOAD_MAGIC.test(text)) return payloadForm(source, named);
  const magic = KIND_OF_MAGIC[text.slice(0, 4)];
  if (magic !== undefined) return magic;
  if (beginsAsSegment(head)) return 'wal-segment';
  if (readSnapLayout(source) !== undefined) return 'snap-file';
  if (/^\s*\{/.test(text) && SIDECAR_MEMBER.test(text)) return 'sidecar';
  return kindOfTail(source);
}

/** A name settles it; without one the footer does, which takes a pass over the file. */
function payloadForm(source: ByteSource, named: FileKind | undefined): FileKind {
  if (named === 'fsm-file') return named;
  return crcFooterMatches(source) ? 'fsm-file' : 'payload-file';
}

function beginsAsSegment(head: Uint8Array): boolean {
  if (head.length < 12 || head[8] !== 0x08 || head[9] !== 0x04 || head[10] !== 0x10) return false;
  return u32le(head, 0) <= MAX_CRC_RECORD_BYTES;
}

function kindOfTail(source: ByteSource): FileKind | undefined {
  if (source.size < 8) return undefined;
  const magic = hex(readRange(source, source.size - 8, 8));
  if (TABLE_MAGIC.includes(magic)) return 'pebble-table';
  return magic === BLOB_MAGIC ? 'pebble-blob' : undefined;
}
