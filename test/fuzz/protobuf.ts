/** Damage to protobuf messages at the level of fields: what a checksum's owner could have written. */
import { concatBytes } from '../../src/lib/bytes/write.js';
import { edge, mutated, uvarint } from './mutate.js';
import type { Random } from './random.js';

interface Field {
  readonly tag: number;
  readonly value: bigint | Uint8Array;
}

function varintAt(bytes: Uint8Array, pos: number): [value: bigint, next: number] | undefined {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[pos + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [value, pos + i + 1];
  }
  return undefined;
}

/** The fields of a message, or undefined where it does not parse as one. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  let pos = 0;
  while (pos < bytes.length) {
    const tag = varintAt(bytes, pos);
    if (tag === undefined || tag[0] < 8n || tag[0] > 0xffff_ffffn) return undefined;
    const wire = Number(tag[0] & 7n);
    if (wire !== 0 && wire !== 2) return undefined;
    const value = varintAt(bytes, tag[1]);
    if (value === undefined) return undefined;
    if (wire === 0) {
      fields.push({ tag: Number(tag[0]), value: value[0] });
      pos = value[1];
      continue;
    }
    if (value[0] > BigInt(bytes.length - value[1])) return undefined;
    const end = value[1] + Number(value[0]);
    fields.push({ tag: Number(tag[0]), value: bytes.subarray(value[1], end) });
    pos = end;
  }
  return fields;
}

function encoded(field: Field, random: Random, lies: boolean): Uint8Array {
  const tag = uvarint(BigInt(field.tag));
  if (typeof field.value === 'bigint') return concatBytes(tag, uvarint(field.value));
  const length = lies && random.oneIn(3) ? edge(random) : BigInt(field.value.length);
  return concatBytes(tag, uvarint(length), field.value);
}

function changed(field: Field, random: Random, depth: number): Field {
  const { tag, value } = field;
  switch (random.below(6)) {
    case 0:
      return { tag: (random.below(20) << 3) | random.below(8), value };
    case 1:
      return { tag: tag ^ (1 << random.below(6)), value };
    default:
      if (typeof value === 'bigint') return { tag, value: edge(random) };
      return {
        tag,
        value: depth > 0 ? harmedMessage(value, random, depth - 1) : mutated(value, random),
      };
  }
}

/** A message with fields changed, dropped, repeated, moved, or with lengths that lie. */
export function harmedMessage(bytes: Uint8Array, random: Random, depth = 4): Uint8Array {
  const fields = random.oneIn(8) ? undefined : fieldsOf(bytes);
  if (fields === undefined || fields.length === 0) return mutated(bytes, random);
  for (let n = 1 + random.small(3); n > 0; n--) {
    const at = random.below(fields.length);
    const field = fields[at];
    if (field === undefined) break;
    switch (random.below(7)) {
      case 0:
        fields.splice(at, 1);
        break;
      case 1:
        fields.splice(random.below(fields.length), 0, field);
        break;
      case 2:
        fields.push({ tag: (1 + random.below(12)) << 3, value: edge(random) });
        break;
      default:
        fields[at] = changed(field, random, depth);
    }
    if (fields.length === 0) break;
  }
  const lies = random.oneIn(4);
  return concatBytes(...fields.map((field) => encoded(field, random, lies)));
}
