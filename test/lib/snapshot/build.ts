/** Writes the formats of this folder, independently of the code under test. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c as nativeCrc32c } from '@node-rs/crc32';
import { MemorySource } from '../../../src/lib/io/byte-source.js';
import type { KvView } from '../../../src/lib/kv/kv-view.js';
import type { FsmToken } from '../../../src/lib/snapshot/token.js';

/** Raw pairs, keys in latin1. */
export type Pair = readonly [key: string, value: Uint8Array];

export const PATH = 'DIR/n1/fsm-snap/0000000000000028.fsm';

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export function be64(v: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(v);
  return out;
}

export function le64(v: bigint | number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(v));
  return out;
}

export function le32(v: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(v);
  return out;
}

export function be32(v: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(v);
  return out;
}

export const V1 = Buffer.concat([latin1('EKVTHLC1'), be64(1780000049219n)]);

export function crcOf(payload: Uint8Array): number {
  return nativeCrc32c(Buffer.from(payload));
}

export function container(payload: Uint8Array): Buffer {
  return Buffer.concat([payload, be32(crcOf(payload))]);
}

export function tokenOf(payload: Uint8Array, index = 40n): FsmToken {
  return { index, crc: crcOf(payload) };
}

export function sourceOf(bytes: Uint8Array): MemorySource {
  return new MemorySource(PATH, bytes);
}

export function pebblePair(key: string, value: Uint8Array): Buffer {
  return Buffer.concat([le64(key.length), latin1(key), le64(value.length), value]);
}

export function pebbleStream(pairs: readonly Pair[], lastCommitTs = 7n): Buffer {
  const parts = pairs.map(([key, value]) => pebblePair(key, value));
  return Buffer.concat([latin1('EKVPBBL1'), le64(lastCommitTs), ...parts]);
}

export interface Version {
  readonly ts: bigint;
  readonly tombstone?: number;
  readonly expireAt?: bigint;
  readonly value: string;
}

export function mvccBody(
  keys: readonly (readonly [string, readonly Version[]])[],
  lastCommitTs = 9n,
  minRetainedTs = 3n,
): Buffer {
  const parts: Buffer[] = [le64(lastCommitTs), le64(minRetainedTs)];
  for (const [key, versions] of keys) {
    parts.push(le64(key.length), latin1(key), le64(versions.length));
    for (const v of versions) {
      parts.push(le64(v.ts), Buffer.of(v.tombstone ?? 0), le64(v.expireAt ?? 0n));
      parts.push(le64(v.value.length), latin1(v.value));
    }
  }
  return Buffer.concat(parts);
}

export function mvccStream(body: Uint8Array, version = 1, checksum = crc32(body)): Buffer {
  return Buffer.concat([latin1('EKVMVCC2'), le32(version), le32(checksum), body]);
}

function uvarint(v: number): Buffer {
  const out: number[] = [];
  for (; v >= 0x80; v = Math.floor(v / 128)) out.push((v % 128) | 0x80);
  return Buffer.of(...out, v);
}

/** A row block with a restart at every entry (spec/pebble.md §6.5), and its trailer (§6.4). */
function rowBlock(entries: readonly (readonly [Uint8Array, Uint8Array])[]): Buffer {
  const parts: Buffer[] = [];
  const restarts: number[] = [];
  let at = 0;
  for (const [key, value] of entries) {
    const head = [Buffer.of(0), uvarint(key.length), uvarint(value.length)];
    const entry = Buffer.concat([...head, key, value]);
    restarts.push(at);
    at += entry.length;
    parts.push(entry);
  }
  if (restarts.length === 0) restarts.push(0);
  const block = Buffer.concat([...parts, ...restarts.map(le32), le32(restarts.length)]);
  const coded = Buffer.concat([block, Buffer.of(0)]);
  const crc = nativeCrc32c(coded);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return Buffer.concat([coded, le32(masked)]);
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/** A Pebble v2 table of one data block: SETs with that sequence number. */
export function sstable(pairs: readonly Pair[], seq = 0n, kind = 1): Buffer {
  const internal = (key: string): Buffer =>
    Buffer.concat([latin1(key), le64((seq << 8n) | BigInt(kind))]);
  const data = rowBlock(pairs.map(([key, value]) => [internal(key), value]));
  const handle = (from: number, block: Buffer): Buffer =>
    Buffer.concat([uvarint(from), uvarint(block.length - 5)]);
  const last = pairs.at(-1)?.[0] ?? '';
  const index = rowBlock([[internal(last), handle(0, data)]]);
  const properties = rowBlock([
    [latin1('rocksdb.block.based.table.index.type'), le32(0)],
    [latin1('rocksdb.comparator'), latin1('leveldb.BytewiseComparator')],
    [latin1('rocksdb.data.size'), uvarint(data.length)],
    [latin1('rocksdb.num.data.blocks'), uvarint(1)],
    [latin1('rocksdb.num.entries'), uvarint(pairs.length)],
    [latin1('rocksdb.raw.key.size'), uvarint(total(pairs.map(([key]) => key.length + 8)))],
    [latin1('rocksdb.raw.value.size'), uvarint(total(pairs.map(([, value]) => value.length)))],
  ]);
  const propertiesAt = data.length + index.length;
  const meta = rowBlock([[latin1('rocksdb.properties'), handle(propertiesAt, properties)]]);
  const metaAt = propertiesAt + properties.length;
  const footer = Buffer.alloc(53);
  footer[0] = 1;
  Buffer.concat([handle(metaAt, meta), handle(data.length, index)]).copy(footer, 1);
  footer.writeUInt32LE(2, 41);
  Buffer.from('f09faab3f09faab3', 'hex').copy(footer, 45);
  return Buffer.concat([data, index, properties, meta, footer]);
}

export interface BundleTable {
  readonly bytes: Uint8Array;
  readonly smallest: string;
  readonly largest: string;
}

export function tableOf(pairs: readonly Pair[], seq = 0n, kind = 1): BundleTable {
  const [smallest, largest] = [pairs[0]![0], pairs.at(-1)![0]];
  return { bytes: sstable(pairs, seq, kind), smallest, largest };
}

/** The manifest as an object; numbers as text are put in bare by `manifestJson`. */
export function manifestOf(tables: readonly BundleTable[]): Record<string, unknown> {
  return {
    version: 1,
    last_commit_ts: '@18446744073709551615',
    min_retained_ts: '@5',
    pending_min_retained_ts: 0,
    entry_count: 3,
    uncompressed_bytes: 100,
    total_file_bytes: tables.reduce((n, t) => n + t.bytes.length, 0),
    files: tables.map((t, i) => ({
      name: `${String(i).padStart(6, '0')}.sst`,
      size: t.bytes.length,
      sha256: createHash('sha256').update(t.bytes).digest('hex'),
      smallest: latin1(t.smallest).toString('base64'),
      largest: latin1(t.largest).toString('base64'),
    })),
  };
}

export function manifestJson(manifest: unknown): Buffer {
  return Buffer.from(JSON.stringify(manifest).replace(/"@(-?[0-9.e]+)"/g, '$1'));
}

export function bundle(json: Uint8Array, tables: readonly BundleTable[]): Buffer {
  const sha = createHash('sha256').update(json).digest();
  const files = tables.map((t) => t.bytes);
  return Buffer.concat([latin1('EKVSSTI1'), be64(BigInt(json.length)), sha, json, ...files]);
}

/** All pairs of a view as `key hex, value hex`, by walking a cursor. */
export function pairsOf(view: KvView): [string, string][] {
  const out: [string, string][] = [];
  const cursor = view.cursor();
  for (let more = cursor.first(); more; more = cursor.next()) {
    out.push([hexOf(cursor.key), hexOf(cursor.value)]);
  }
  return out;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What a Map of the pairs holds, in key order: the reference for every view. */
export function expectedPairs(pairs: readonly Pair[], over: readonly Pair[]): [string, string][] {
  const map = new Map<string, string>();
  for (const [key, value] of [...pairs, ...over]) map.set(hexOf(latin1(key)), hexOf(value));
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
