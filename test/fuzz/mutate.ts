/** Damage to bytes: what disks, crashes and attackers do, and values that decoders trip over. */
import { concatBytes, putU32be, putU32le, putU64be, putU64le } from '../../src/lib/bytes/write.js';
import type { Random } from './random.js';

export const SECTOR = 512;

/** Bounds of every integer width a format here uses, and neighbours. */
const EDGES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  16n,
  17n,
  127n,
  128n,
  255n,
  256n,
  511n,
  512n,
  1023n,
  1024n,
  4096n,
  32767n,
  32768n,
  65535n,
  65536n,
  1_000_000n,
  (1n << 20n) + 1n,
  (1n << 24n) - 1n,
  1n << 24n,
  (1n << 28n) - 1n,
  (1n << 30n) - 1n,
  1n << 30n,
  (1n << 30n) + 1n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 35n) - 1n,
  (1n << 42n) + 5n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 56n) - 1n,
  1n << 56n,
  (1n << 62n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 2n,
  (1n << 64n) - 1n,
];

export function edge(random: Random): bigint {
  const at = random.pick(EDGES);
  return random.oneIn(4) ? BigInt.asUintN(64, at + BigInt(random.below(9)) - 4n) : at;
}

export function uvarint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...out, Number(rest));
}

type Damage = (bytes: Uint8Array, random: Random) => Uint8Array;

function placed(bytes: Uint8Array, pos: number, value: Uint8Array): Uint8Array {
  bytes.set(value.subarray(0, Math.max(bytes.length - pos, 0)), Math.min(pos, bytes.length));
  return bytes;
}

function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, from + random.small(bytes.length - from + 1)];
}

/** Each takes bytes it may change in place. Lengths stay where the name says "same". */
const SAME_LENGTH: readonly Damage[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random.below(bytes.length)] = random.oneIn(2)
      ? random.u32()
      : Number(edge(random) & 255n);
    return bytes;
  },
  function setU32(bytes, random) {
    const four = new Uint8Array(4);
    const value = Number(edge(random) & 0xffff_ffffn);
    if (random.oneIn(3)) putU32be(four, 0, value);
    else putU32le(four, 0, value);
    return placed(bytes, random.below(bytes.length), four);
  },
  function setU64(bytes, random) {
    const eight = new Uint8Array(8);
    if (random.oneIn(3)) putU64be(eight, 0, edge(random));
    else putU64le(eight, 0, edge(random));
    return placed(bytes, random.below(bytes.length), eight);
  },
  function setVarint(bytes, random) {
    return placed(bytes, random.below(bytes.length), uvarint(edge(random)));
  },
  function endlessVarint(bytes, random) {
    return placed(
      bytes,
      random.below(bytes.length),
      new Uint8Array(4 + random.below(9)).fill(0xff),
    );
  },
  function nudge(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) + (random.oneIn(2) ? 1 : 255);
    return bytes;
  },
  function zeroRange(bytes, random) {
    const [from, to] = range(bytes, random);
    bytes.fill(0, from, to);
    return bytes;
  },
  function zeroSector(bytes, random) {
    const from = random.below(Math.ceil(bytes.length / SECTOR)) * SECTOR;
    bytes.fill(0, from, from + SECTOR);
    return bytes;
  },
  function noise(bytes, random) {
    const [from, to] = range(bytes, random);
    return placed(bytes, from, random.bytes(Math.min(to - from, 64)));
  },
  function swapSectors(bytes, random) {
    const sectors = Math.floor(bytes.length / SECTOR);
    if (sectors < 2) return bytes;
    const a = random.below(sectors) * SECTOR;
    const b = random.below(sectors) * SECTOR;
    const kept = bytes.slice(a, a + SECTOR);
    bytes.copyWithin(a, b, b + SECTOR);
    bytes.set(kept, b);
    return bytes;
  },
  function copyWithin(bytes, random) {
    const [from, to] = range(bytes, random);
    bytes.copyWithin(random.below(bytes.length), from, to);
    return bytes;
  },
];

const OTHER_LENGTH: readonly Damage[] = [
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function cutShort(bytes, random) {
    return bytes.subarray(0, Math.max(bytes.length - 1 - random.small(32), 0));
  },
  function dropRange(bytes, random) {
    const [from, to] = range(bytes, random);
    return concatBytes(bytes.subarray(0, from), bytes.subarray(to));
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    const extra = random.oneIn(2) ? uvarint(edge(random)) : random.bytes(1 + random.small(16));
    return concatBytes(bytes.subarray(0, at), extra, bytes.subarray(at));
  },
  function repeatRange(bytes, random) {
    const [from, to] = range(bytes, random);
    return concatBytes(bytes.subarray(0, to), bytes.subarray(from));
  },
  function append(bytes, random) {
    return concatBytes(bytes, random.oneIn(2) ? new Uint8Array(random.below(64)) : random.bytes(9));
  },
];

const MAX_BYTES = 4 << 20;

/** One to four pieces of damage of any kind to a copy. */
export function mutated(seed: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(seed);
  for (let n = 1 + random.small(4); n > 0; n--) {
    const kinds = bytes.length === 0 || random.oneIn(3) ? OTHER_LENGTH : SAME_LENGTH;
    bytes = random.pick(kinds)(bytes, random);
  }
  return bytes.subarray(0, MAX_BYTES);
}

/** As `mutated`, keeping the length. */
export function mutatedInPlace(bytes: Uint8Array, random: Random): void {
  if (bytes.length === 0) return;
  for (let n = 1 + random.small(4); n > 0; n--) random.pick(SAME_LENGTH)(bytes, random);
}

/** The front of one and the rest of the other. */
export function spliced(a: Uint8Array, b: Uint8Array, random: Random): Uint8Array {
  const at = random.below(a.length + 1);
  return concatBytes(
    a.subarray(0, at),
    b.subarray(random.oneIn(2) ? at : random.below(b.length + 1)),
  );
}
