/**
 * The snapshot header at the start of a kv group's payload (spec/snapshot-files.md §2).
 *
 * | form | layout | bytes |
 * |---|---|---|
 * | v1 | `EKVTHLC1`, ceilingMs u64 BE | 16 |
 * | v2 | `EKVTHLC2`, len u16 BE (16 to 1024), ceilingMs and cutover u64 BE, extension | 10 + len |
 * | legacy | nothing: no `EKVTHLC` in front, or fewer than 8 bytes in all | 0 |
 */
import { copyOf } from '../bytes/copy.js';
import { hex } from '../bytes/hex.js';
import { u16be, u64be } from '../bytes/read.js';
import { concatBytes, putU16be, putU64be } from '../bytes/write.js';
import { assert } from '../core/errors.js';
import type { Site } from '../core/site.js';
import type { Field } from './field.js';
import { eofFault, FsmFault } from './fsm-fault.js';

export type HeaderForm = 'v1' | 'v2' | 'legacy';

export interface SnapshotHeader {
  readonly form: HeaderForm;
  /** Unix milliseconds, u64 as stored; 0 for legacy. */
  readonly ceilingMs: bigint;
  /** Raft index; 0 for v1 and legacy. */
  readonly cutover: bigint;
  /** The advisory bytes of v2; empty otherwise. */
  readonly extension: Uint8Array;
  /** Bytes the header takes. */
  readonly length: number;
}

const PREFIX = 'EKVTHLC';
const MAGIC_BYTES = 8;
const V1_BYTES = 16;
const V2_FIXED_BYTES = 10;
const V2_LEN_MIN = 16;
const V2_LEN_MAX = 1024;
/** No header is longer: this much of a payload is enough to decode it. */
export const HEADER_MAX_BYTES = V2_FIXED_BYTES + V2_LEN_MAX;

const LEGACY: SnapshotHeader = {
  form: 'legacy',
  ceilingMs: 0n,
  cutover: 0n,
  extension: new Uint8Array(0),
  length: 0,
};

/**
 * The five branches of §2.1, in their order.
 *
 * @param bytes  the payload, or its first `HEADER_MAX_BYTES`
 * @param site   of the payload's first byte
 * @throws {FsmFault} stage `header`: unknown magic, invalid length, payload ends inside the header
 */
export function decodeSnapshotHeader(bytes: Uint8Array, site: Site): SnapshotHeader {
  if (bytes.length < MAGIC_BYTES) return LEGACY;
  const magic = Buffer.from(bytes.buffer, bytes.byteOffset, MAGIC_BYTES).toString('latin1');
  if (!magic.startsWith(PREFIX)) return LEGACY;
  if (magic === 'EKVTHLC2') return decodeV2(bytes, site);
  if (magic === 'EKVTHLC1') return decodeV1(bytes, site);
  throw new FsmFault(
    'fsm-header-unknown-magic',
    `header magic ${JSON.stringify(PREFIX)} with version byte 0x${hex(bytes.subarray(7, 8))}, ` +
      'only "1" and "2" are known',
    {
      site,
      stage: 'header',
      nodeErrors: ['ErrSnapshotHeaderUnknownMagic'],
      nodeText: 'snapshot header: unknown EKVTHLC* magic',
    },
  );
}

function decodeV1(bytes: Uint8Array, site: Site): SnapshotHeader {
  if (bytes.length < V1_BYTES) {
    // The node reads magic and ceiling as one piece, so it is always inside a field.
    throw eofFault('fsm-header-cut', 'header', 'header.v1', V1_BYTES, bytes.length, site, V1_TEXT);
  }
  return { ...LEGACY, form: 'v1', ceilingMs: u64be(bytes, 8), length: V1_BYTES };
}

const V1_TEXT = 'v1 header: read magic+ceiling: ';

function decodeV2(bytes: Uint8Array, site: Site): SnapshotHeader {
  const left = bytes.length - MAGIC_BYTES;
  const text = 'v2 header: read length prefix: ';
  if (left < 2) {
    throw eofFault('fsm-header-cut', 'header', 'header.len', 2, left, behind(site, 8), text);
  }
  const length = u16be(bytes, MAGIC_BYTES);
  if (length < V2_LEN_MIN || length > V2_LEN_MAX) {
    throw new FsmFault(
      'fsm-header-length',
      `header.len is ${length}, must be ${V2_LEN_MIN} to ${V2_LEN_MAX}`,
      {
        site: behind(site, MAGIC_BYTES),
        stage: 'header',
        nodeErrors: ['ErrSnapshotHeaderInvalidLength'],
        nodeText: 'snapshot header: invalid v2 length prefix',
      },
    );
  }
  const have = bytes.length - V2_FIXED_BYTES;
  if (have < length) {
    const at = behind(site, V2_FIXED_BYTES);
    throw eofFault('fsm-header-cut', 'header', 'header.v2', length, have, at, V2_TEXT);
  }
  return {
    form: 'v2',
    ceilingMs: u64be(bytes, 10),
    cutover: u64be(bytes, 18),
    extension: copyOf(bytes.subarray(V2_FIXED_BYTES + V2_LEN_MIN, V2_FIXED_BYTES + length)),
    length: V2_FIXED_BYTES + length,
  };
}

const V2_TEXT = 'v2 header: read payload: ';

function behind(site: Site, bytes: number): Site {
  return { path: site.path, offset: (site.offset ?? 0) + bytes };
}

/** The header's bytes; for `legacy` there are none. `length` is not looked at. */
export function encodeSnapshotHeader(header: Omit<SnapshotHeader, 'length'>): Uint8Array {
  if (header.form === 'legacy') return new Uint8Array(0);
  if (header.form === 'v1') {
    assert(header.cutover === 0n && header.extension.length === 0, 'v1 holds a ceiling only');
    const out = new Uint8Array(V1_BYTES);
    out.set(Buffer.from('EKVTHLC1', 'latin1'));
    putU64be(out, 8, header.ceilingMs);
    return out;
  }
  const length = V2_LEN_MIN + header.extension.length;
  assert(length <= V2_LEN_MAX, 'the extension fits a v2 header');
  const fixed = new Uint8Array(V2_FIXED_BYTES + V2_LEN_MIN);
  fixed.set(Buffer.from('EKVTHLC2', 'latin1'));
  putU16be(fixed, MAGIC_BYTES, length);
  putU64be(fixed, 10, header.ceilingMs);
  putU64be(fixed, 18, header.cutover);
  return concatBytes(fixed, header.extension);
}

/** The ceiling as the node uses it, converted to a signed number: one above 2^63-1 raises nothing. */
export function signedCeilingMs(header: SnapshotHeader): bigint {
  return BigInt.asIntN(64, header.ceilingMs);
}

/** The fields of a header whose first byte is at `base`, in byte order; none for legacy. */
export function headerFields(header: SnapshotHeader, base = 0): Field[] {
  if (header.form === 'legacy') return [];
  const ceiling = String(header.ceilingMs);
  if (header.form === 'v1') {
    return [
      { name: 'header.magic', offset: base, length: 8, value: '"EKVTHLC1"' },
      { name: 'header.ceilingMs', offset: base + 8, length: 8, value: ceiling },
    ];
  }
  const cutover = String(header.cutover);
  const fields: Field[] = [
    { name: 'header.magic', offset: base, length: 8, value: '"EKVTHLC2"' },
    { name: 'header.len', offset: base + 8, length: 2, value: String(header.length - 10) },
    { name: 'header.ceilingMs', offset: base + 10, length: 8, value: ceiling },
    { name: 'header.cutover', offset: base + 18, length: 8, value: cutover },
  ];
  if (header.extension.length > 0) {
    const value = hex(header.extension);
    const length = header.extension.length;
    fields.push({ name: 'header.extension', offset: base + 26, length, value });
  }
  return fields;
}
