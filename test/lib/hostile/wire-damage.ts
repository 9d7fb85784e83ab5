/**
 * WALs and `.snap` files over which the two protobuf libraries of etcd 3.6 and 3.7 part: known fields
 * of a foreign wire type, absent and zero and repeated ones, numbers written longer than they need,
 * groups that do not match, what ends inside a field, torn or not. Checksums are made right again,
 * so that the parsers behind them are reached (spec/etcd-wal.md §2.5 step 6, §3.1, §3.3, §10).
 */
import { concatBytes, putU32le, putU64le } from '../../../src/lib/bytes/write.js';
import { crc32c } from '../../../src/lib/checksum/crc32c.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import { WireWriter } from '../../../src/lib/proto/wire-writer.js';
import { emptyConfState, type ConfState } from '../../../src/lib/raft/conf-state.js';
import { encodeEntry } from '../../../src/lib/raft/entry.js';
import { encodeHardState } from '../../../src/lib/raft/hard-state.js';
import { encodeRaftSnapshot } from '../../../src/lib/raft/raft-snapshot.js';
import { RECORD_TYPE } from '../../../src/lib/raft/wal/decoder.js';
import { FRAME_BYTES } from '../../../src/lib/raft/wal/frame.js';
import { encodeSnapshotRecord } from '../../../src/lib/raft/wal/snapshot-record.js';
import { edge, uvarint } from '../../fuzz/mutate.js';
import type { Random } from '../../fuzz/random.js';

/** A field as it lies there: the value with its length, if it has one. */
interface Field {
  tag: Uint8Array;
  number: bigint;
  wire: number;
  value: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Field numbers at which one of the libraries draws a line. */
const NUMBERS = [6n, 15n, 16n, 19_000n, (1n << 29n) - 1n, 1n << 29n, (1n << 29n) + 1n] as const;
const FAR_NUMBERS = [0n, (1n << 31n) - 1n, 1n << 31n, 1n << 32n, 1n << 60n] as const;

function tagOf(number: bigint, wire: number): Uint8Array {
  return uvarint(BigInt.asUintN(64, (number << 3n) | BigInt(wire)));
}

function field(number: bigint, wire: number, value: Uint8Array): Field {
  return { tag: tagOf(number, wire), number, wire, value };
}

function joinFields(fields: readonly Field[]): Uint8Array {
  return concatBytes(...fields.flatMap(({ tag, value }) => [tag, value]));
}

function varintEnd(bytes: Uint8Array, pos: number): number {
  let end = pos;
  while ((bytes[end] ?? 0) >= 0x80) end++;
  return end + 1;
}

function varintAt(bytes: Uint8Array, pos: number): bigint {
  let value = 0n;
  for (let i = varintEnd(bytes, pos) - 1; i >= pos; i--) {
    value = (value << 7n) | BigInt((bytes[i] ?? 0) & 0x7f);
  }
  return value;
}

/** The fields of a message that we have written ourselves: varints and lengths, nothing else. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let pos = 0; pos < bytes.length;) {
    const from = varintEnd(bytes, pos);
    const key = varintAt(bytes, pos);
    let to = varintEnd(bytes, from);
    if ((key & 7n) === 2n) to += Number(varintAt(bytes, from));
    fields.push(field(key >> 3n, Number(key & 7n), bytes.slice(from, to)));
    pos = to;
  }
  return fields;
}

function lengthDelimited(bytes: Uint8Array): Uint8Array {
  return concatBytes(uvarint(BigInt(bytes.length)), bytes);
}

/** With more bytes than the number needs. */
function stretched(value: bigint, more: number): Uint8Array {
  const short = uvarint(value);
  const out = concatBytes(short, new Uint8Array(more));
  for (let i = short.length - 1; i < out.length - 1; i++) out[i] = (out[i] ?? 0) | 0x80;
  return out;
}

/** Ten bytes and more, bits beyond the 64th set or not. */
function wide(random: Random): Uint8Array {
  const last = random.pick([0, 1, 2, 3, 0x7f]);
  const out = new Uint8Array(random.pick([10, 10, 10, 11])).fill(0x80 | random.below(128));
  out[out.length - 1] = last;
  return out;
}

function group(number: bigint, random: Random, depth: number): Uint8Array {
  const inner: Uint8Array[] = [];
  for (let n = random.below(3); n > 0; n--) {
    const wire = random.pick([0, 1, 2, 3, 5]);
    const at = random.oneIn(6) ? random.pick(FAR_NUMBERS) : BigInt(1 + random.below(20));
    if (wire === 3 && depth === 0) continue;
    inner.push(tagOf(at, wire), valueOf(at, wire, random, depth - 1));
  }
  const end = random.oneIn(5) ? random.pick([number + 1n, number + (1n << 29n), 1n]) : number;
  if (!random.oneIn(8)) inner.push(tagOf(end, random.oneIn(16) ? 3 : 4));
  return concatBytes(...inner);
}

/** A value of that wire type, sound for the most part. */
function valueOf(number: bigint, wire: number, random: Random, depth = 2): Uint8Array {
  switch (wire) {
    case 0:
      if (random.oneIn(6)) return wide(random);
      if (random.oneIn(4)) return stretched(BigInt(random.below(300)), 1 + random.below(4));
      return uvarint(random.oneIn(2) ? edge(random) : BigInt(random.below(9)));
    case 1:
      return random.bytes(8);
    case 2:
      if (random.oneIn(8)) return concatBytes(uvarint(edge(random)), random.bytes(3));
      return lengthDelimited(random.bytes(random.below(6)));
    case 3:
      return group(number, random, depth);
    case 5:
      return random.bytes(4);
    default:
      return NOTHING;
  }
}

/** Groups in one another, as deep as the standard library goes and a step further. */
function deepGroup(random: Random): Field {
  const depth = random.pick([3, 9_999, 10_000, 10_001, 10_002, 10_003]);
  const inner = [...Array<Uint8Array>(depth - 1).fill(tagOf(7n, 3))];
  const ends = [...Array<Uint8Array>(depth).fill(tagOf(7n, 4))];
  return field(7n, 3, concatBytes(...inner, ...ends));
}

/** Numbers in one field; at times the last runs past it. */
function packed(random: Random): Uint8Array {
  const numbers = Array.from({ length: random.below(4) }, () => uvarint(edge(random)));
  const bytes = concatBytes(
    ...numbers,
    random.oneIn(3) ? Uint8Array.of(0x80 | random.u32()) : NOTHING,
  );
  return lengthDelimited(bytes);
}

type Quirk = (fields: Field[], at: number, random: Random) => void;

const WIRES = [0, 1, 2, 3, 5] as const;

const QUIRKS: readonly Quirk[] = [
  function foreignBeside(fields, at, random) {
    const number = fields[at]?.number ?? 1n;
    const wire = random.oneIn(12) ? random.pick([4, 6, 7]) : random.pick(WIRES);
    const to = random.below(fields.length + 1);
    fields.splice(to, 0, field(number, wire, valueOf(number, wire, random)));
  },
  function foreignInstead(fields, at, random) {
    const number = fields[at]?.number ?? 1n;
    const wire = random.pick(WIRES);
    fields[at] = field(number, wire, valueOf(number, wire, random));
  },
  function unknown(fields, _at, random) {
    const number = random.oneIn(3) ? random.pick(FAR_NUMBERS) : random.pick(NUMBERS);
    const wire = random.pick(WIRES);
    const to = random.below(fields.length + 1);
    fields.splice(to, 0, field(number, wire, valueOf(number, wire, random)));
  },
  function deep(fields, at, random) {
    if (random.oneIn(4)) fields.splice(at, 0, deepGroup(random));
    else fields.splice(at, 0, field(9n, 3, group(9n, random, 3)));
  },
  function absent(fields, at) {
    fields.splice(at, 1);
  },
  function zero(fields, at) {
    const one = fields[at];
    if (one) fields[at] = field(one.number, one.wire, Uint8Array.of(0));
  },
  function zeroAdded(fields, at, random) {
    fields.splice(
      at,
      0,
      field(BigInt(1 + random.below(5)), random.oneIn(3) ? 2 : 0, Uint8Array.of(0)),
    );
  },
  function repeated(fields, at, random) {
    const one = fields[at];
    if (one) fields.splice(random.below(fields.length + 1), 0, one);
  },
  function stretchedTag(fields, at, random) {
    const one = fields[at];
    if (!one) return;
    one.tag = stretched((one.number << 3n) | BigInt(one.wire), 1 + random.below(9));
  },
  function stretchedValue(fields, at, random) {
    const one = fields[at];
    if (one?.wire === 0) one.value = stretched(varintAt(one.value, 0), 1 + random.below(5));
  },
  function wideValue(fields, at, random) {
    const one = fields[at];
    if (one?.wire === 0) one.value = wide(random);
  },
  function wideTag(fields, at, random) {
    fields.splice(at, 0, { tag: wide(random), number: 0n, wire: 0, value: random.bytes(2) });
  },
  function lie(fields, at, random) {
    const one = fields[at];
    if (one?.wire !== 2) return;
    const body = one.value.subarray(varintEnd(one.value, 0));
    const near = BigInt(body.length) + BigInt(random.below(9)) - 4n;
    const length = random.oneIn(2) ? edge(random) : near;
    one.value = concatBytes(uvarint(BigInt.asUintN(64, length)), body);
  },
  function packedNumbers(fields, at, random) {
    fields.splice(at, 0, field(BigInt(1 + random.below(5)), 2, packed(random)));
  },
  function inside(fields, at, random) {
    const nested = fields.filter(({ wire, value }) => wire === 2 && value.length > 1);
    const one = nested.length > 0 ? random.pick(nested) : fields[at];
    if (one?.wire !== 2 || nested.length === 0) return;
    const body = one.value.subarray(varintEnd(one.value, 0));
    one.value = lengthDelimited(looksLikeMessage(body) ? quirked(body, random) : body);
  },
];

/** Good enough for what we make: a token or a payload never begins with such a tag. */
function looksLikeMessage(bytes: Uint8Array): boolean {
  try {
    return joinFields(fieldsOf(bytes)).length === bytes.length;
  } catch {
    return false;
  }
}

/** One to three quirks; now and then the end is cut off. */
function quirked(message: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(message);
  for (let n = 1 + random.small(3); n > 0; n--) {
    const at = random.below(Math.max(fields.length, 1));
    random.pick(QUIRKS)(fields, at, random);
  }
  const bytes = joinFields(fields);
  return random.oneIn(6) ? bytes.subarray(0, bytes.length - 1 - random.small(4)) : bytes;
}

interface Rec {
  readonly type: number;
  readonly data: Uint8Array | undefined;
}

function confState(random: Random): ConfState | undefined {
  if (random.oneIn(4)) return undefined;
  const autoLeave = random.pick([undefined, false, true]);
  const learners = random.oneIn(2) ? [9n] : [];
  return { ...emptyConfState(), voters: [7n, (1n << 63n) + 1n], learners, autoLeave };
}

/** Snapshot (1,1), then entries 2 to 8 with their states, a snapshot between. */
function soundRecords(random: Random): Rec[] {
  const dialect = random.pick([PROTO_36, PROTO_37]);
  const records: Rec[] = [];
  const put = (type: number, data?: Uint8Array): void => void records.push({ type, data });
  const vouch = (index: bigint): void =>
    put(
      RECORD_TYPE.snapshot,
      encodeSnapshotRecord({ index, term: 1n, confState: confState(random) }, dialect),
    );
  const state = (term: bigint, commit: bigint): void =>
    put(
      RECORD_TYPE.state,
      encodeHardState({ term, vote: random.pick([undefined, 0n, 7n]), commit }, dialect),
    );
  put(RECORD_TYPE.crc);
  put(RECORD_TYPE.metadata, random.pick([undefined, undefined, NOTHING, Uint8Array.of(1, 2)]));
  put(
    RECORD_TYPE.snapshot,
    encodeSnapshotRecord({ index: 0n, term: 0n, confState: undefined }, dialect),
  );
  vouch(1n);
  state(1n, 1n);
  for (let index = 2n; index < 9n; index++) {
    const type = random.pick([undefined, 0, 1, 2]);
    const data = random.pick([
      undefined,
      NOTHING,
      new Uint8Array(600),
      random.bytes(40),
      random.bytes(1200),
    ]);
    put(RECORD_TYPE.entry, encodeEntry({ type, term: 1n, index, data }, dialect));
    state(1n, index - 1n);
    if (index === 4n && random.oneIn(2)) vouch(3n);
  }
  return records;
}

/** Frames a record as it is, padded as the writer does. */
function framed(record: Uint8Array, length = record.length): Uint8Array {
  const pad = (8 - (record.length % 8)) % 8;
  const out = new Uint8Array(FRAME_BYTES + record.length + pad);
  putU32le(out, 0, length);
  if (pad > 0) out[7] = 0x80 | pad;
  out.set(record, FRAME_BYTES);
  return out;
}

/** The record's own message harmed: no checksum covers it. */
function harmedRecord(record: Uint8Array, random: Random): Uint8Array {
  if (!random.oneIn(4)) return framed(quirked(record, random));
  // The frame ends inside the message, the zeros behind it may make it look torn.
  const cut = record.subarray(0, Math.max(record.length - 1 - random.small(700), 0));
  return framed(cut);
}

function metadataAt(random: Random, at: number, count: number): boolean {
  return random.oneIn(40) && at > 2 && at < count;
}

/** One segment, or two with the chain carried on; zeros behind the last. */
export function wireWal(random: Random): Map<string, Uint8Array> {
  const records = soundRecords(random);
  const cutAt = random.oneIn(2) ? 6 + random.below(records.length - 8) : records.length;
  const target = 1 + random.below(records.length - 1);
  const below = random.oneIn(3);
  const segments: Uint8Array[][] = [[]];
  let crc = 0;
  const put = (type: number, data: Uint8Array | undefined, harm: boolean): void => {
    if (data !== undefined) crc = crc32c(data, crc);
    const record = new WireWriter().varint(1, type).varint(2, crc).bytes(3, data).finish();
    segments.at(-1)!.push(harm ? harmedRecord(record, random) : framed(record));
  };
  for (const [i, { type, data }] of records.entries()) {
    if (i === cutAt) {
      segments.push([]);
      put(RECORD_TYPE.crc, undefined, false);
      put(RECORD_TYPE.metadata, undefined, false);
    }
    const hit = i === target || random.oneIn(25);
    const harmed = hit && !below && data !== undefined ? quirked(data, random) : data;
    put(metadataAt(random, i, cutAt) ? random.below(8) : type, harmed, hit && below);
  }
  segments.at(-1)!.push(new Uint8Array(random.pick([0, 8, 600, 2048])));
  const names = ['0000000000000000-0000000000000000.wal', '0000000000000001-0000000000000004.wal'];
  return new Map(
    segments.map((parts, i) => [names[i]!, tornAtTimes(concatBytes(...parts), random)]),
  );
}

function tornAtTimes(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.oneIn(6)) return bytes.slice(0, bytes.length - random.below(200));
  if (random.oneIn(6)) bytes.fill(0, 512 * random.below(bytes.length / 512), bytes.length);
  if (random.oneIn(20)) putU64le(bytes, 8 * random.below(bytes.length / 8), edge(random));
  return bytes;
}

/** A `.snap` file harmed in its inner message or in the outer one. */
export function wireSnap(random: Random): Map<string, Uint8Array> {
  const dialect = random.pick([PROTO_36, PROTO_37]);
  const metadata = { confState: confState(random), index: 5n, term: 2n };
  const token = concatBytes(Buffer.from('EKVT\x01'), random.bytes(12));
  const snapshot = {
    data: random.pick([token, token, NOTHING, undefined]),
    metadata: random.oneIn(10) ? undefined : metadata,
  };
  let inner = encodeRaftSnapshot(snapshot, dialect);
  const outerToo = random.oneIn(4);
  if (!outerToo || random.oneIn(3)) inner = quirked(inner, random);
  const outer = new WireWriter().varint(1, crc32c(inner)).bytes(2, inner).finish();
  const bytes = outerToo ? quirked(outer, random) : outer;
  return new Map([['0000000000000002-0000000000000005.snap', bytes]]);
}
