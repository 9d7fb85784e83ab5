/**
 * Header regions of a file with the names of their fields, for `--hexdump`. Only structure is shown,
 * never what a user stored: keys, values and entry data are left out.
 */
import { hex, hex32 } from '../bytes/hex.js';
import { u32be, u32le, u64be, u64le } from '../bytes/read.js';
import { readRange, type ByteSource } from '../io/byte-source.js';
import { padBytesOf, recBytesOf, FRAME_BYTES } from '../raft/wal/frame.js';
import type { Field } from '../snapshot/field.js';
import type { FsmReport } from '../snapshot/inspect.js';

export interface Region {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
}

/** Adjacent fields become one region; `cuts` are not bridged. */
export function regionsOf(source: ByteSource, fields: readonly Field[]): Region[] {
  const sorted = fields
    .filter(({ offset, length }) => length > 0 && offset + length <= source.size)
    .sort((a, b) => a.offset - b.offset);
  const runs: Field[][] = [];
  let end = -1;
  for (const field of sorted) {
    if (field.offset === end) runs.at(-1)?.push(field);
    else if (field.offset > end) runs.push([field]);
    else continue;
    end = field.offset + field.length;
  }
  return runs.map((run) => {
    const offset = run[0]?.offset ?? 0;
    const length = run.reduce((sum, each) => sum + each.length, 0);
    return { offset, bytes: readRange(source, offset, length), fields: run };
  });
}

/** Snapshot header, start of the store payload, footer. */
export function fsmFields(source: ByteSource, report: FsmReport): Field[] {
  const { payloadKind, payloadOffset: at } = report;
  const fields = [...report.fields];
  const take = (name: string, offset: number, length: number, value: string): void => {
    fields.push({ name, offset, length, value });
  };
  const read = (offset: number, length: number): Uint8Array => readRange(source, offset, length);
  if (payloadKind === 'oracle') take('oracle.ceilingMs', 0, 8, String(u64be(read(0, 8), 0)));
  if (payloadKind === 'empty' || payloadKind === 'oracle') return fields;
  const left = report.payloadBytes - at;
  if (report.header === undefined) {
    if (left > 0) take('(no readable header)', 0, Math.min(16, left), '');
    return fields;
  }
  if (left <= 0) return fields;
  const magic = read(at, Math.min(8, left));
  take('store.magic', at, magic.length, JSON.stringify(Buffer.from(magic).toString('latin1')));
  const u64 = (name: string, offset: number): void => {
    if (offset + 8 <= at + left) take(name, offset, 8, String(u64le(read(offset, 8), 0)));
  };
  if (payloadKind === 'pebble-stream') u64('store.lastCommitTS', at + 8);
  if (payloadKind === 'sst-bundle' && left >= 48) {
    take('store.manifestLen', at + 8, 8, String(u64be(read(at + 8, 8), 0)));
    take('store.manifestSha256', at + 16, 32, hex(read(at + 16, 32)));
  }
  if (payloadKind === 'mvcc-stream' && left >= 32) {
    take('store.version', at + 8, 4, String(u32le(read(at + 8, 4), 0)));
    take('store.checksum', at + 12, 4, hex32(u32le(read(at + 12, 4), 0)));
    u64('store.lastCommitTS', at + 16);
    u64('store.minRetainedTS', at + 24);
  }
  return fields;
}

const SHOWN_FRAMES = 4;
const RECORD_NAMES: readonly string[] = ['?', 'metadata', 'entry', 'state', 'crc', 'snapshot'];

/** The first frames of a segment and the one at `end`; of their data nothing. */
export function frameFields(source: ByteSource, end: number): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  for (let i = 0; i < SHOWN_FRAMES && offset < end; i++) {
    const next = oneFrame(source, offset, `frame ${i}`, fields);
    if (next <= offset) break;
    offset = next;
  }
  if (end >= offset && end < source.size) oneFrame(source, end, 'end', fields);
  return fields;
}

/** @returns offset behind the frame, or its own where none is there */
function oneFrame(source: ByteSource, offset: number, name: string, fields: Field[]): number {
  const left = source.size - offset;
  if (left < FRAME_BYTES) return offset;
  const head = readRange(source, offset, Math.min(left, FRAME_BYTES + 20));
  const hi = u32le(head, 4);
  const recBytes = recBytesOf(hi, u32le(head, 0));
  const padBytes = padBytesOf(hi);
  const value = `${recBytes}, padding ${padBytes}`;
  fields.push({ name: `${name}.length`, offset, length: FRAME_BYTES, value });
  if (recBytes === 0 || FRAME_BYTES + recBytes + padBytes > left) return offset;
  const limit = Math.min(FRAME_BYTES + recBytes, head.length);
  let pos = FRAME_BYTES;
  for (const [tag, what] of RECORD_FIELDS) {
    const end = varintEnd(head, pos + 1, limit);
    if (head[pos] !== tag || end < 0) break;
    const number = varintValue(head, pos + 1, end);
    const text = what === 'type' ? `${number} ${RECORD_NAMES[number] ?? ''}` : String(number);
    const shown = what === 'crc' ? hex32(number >>> 0) : text;
    fields.push({
      name: `${name}.${what}`,
      offset: offset + pos,
      length: end - pos,
      value: shown,
    });
    pos = end;
  }
  return offset + FRAME_BYTES + recBytes + padBytes;
}

const RECORD_FIELDS: readonly (readonly [number, string])[] = [
  [0x08, 'type'],
  [0x10, 'crc'],
  [0x1a, 'dataLength'],
];

function varintEnd(bytes: Uint8Array, from: number, limit: number): number {
  for (let pos = from; pos < limit; pos++) if ((bytes[pos] ?? 0) < 0x80) return pos + 1;
  return -1;
}

function varintValue(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let pos = from; pos < end; pos++)
    value += ((bytes[pos] ?? 0) & 0x7f) * 2 ** (7 * (pos - from));
  return value;
}

/** Magic and version; of a peers file the index and the number of peers too. */
export function bigEndianFields(source: ByteSource, kind: string): Field[] {
  const head = readRange(source, 0, Math.min(20, source.size));
  const fields: Field[] = [];
  if (head.length < 8) return fields;
  const magic = JSON.stringify(Buffer.from(head.subarray(0, 4)).toString('latin1'));
  fields.push({ name: 'magic', offset: 0, length: 4, value: magic });
  fields.push({ name: 'version', offset: 4, length: 4, value: String(u32be(head, 4)) });
  if (kind === 'peers-file' && head.length >= 20) {
    fields.push({ name: 'index', offset: 8, length: 8, value: String(u64be(head, 8)) });
    fields.push({ name: 'count', offset: 16, length: 4, value: String(u32be(head, 16)) });
  } else if (kind !== 'peers-file' && head.length >= 12) {
    const name = kind === 'legacy-entries' ? 'entry.length' : 'hardState.length';
    fields.push({ name, offset: 8, length: 4, value: String(u32be(head, 8)) });
  }
  return fields;
}

const FOOTER_BYTES = 53;

/** The end of a table or blob file, where its magic is. */
export function tailFields(source: ByteSource): Field[] {
  const length = Math.min(FOOTER_BYTES, source.size);
  if (length < 8) return [];
  const from = source.size - length;
  const magic = hex(readRange(source, source.size - 8, 8));
  return [
    { name: 'footer', offset: from, length: length - 8, value: '' },
    { name: 'footer.magic', offset: source.size - 8, length: 8, value: magic },
  ];
}
