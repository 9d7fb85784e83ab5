/**
 * The EKVT token: the data of a raft snapshot whose payload lies in a `.fsm` file
 * (spec/snapshot-files.md §3).
 *
 * | at | bytes | field |
 * |---|---|---|
 * | 0 | 4 | magic `EKVT` |
 * | 4 | 1 | version, 1 |
 * | 5 | 8 | index u64 BE: names the `.fsm` |
 * | 13 | 4 | crc32c u32 BE of the `.fsm` payload |
 */
import { hex32 } from '../bytes/hex.js';
import { u32be, u64be } from '../bytes/read.js';
import { putU32be, putU64be } from '../bytes/write.js';
import type { Site } from '../core/site.js';
import type { Field } from './field.js';
import { FsmFault } from './fsm-fault.js';

export const TOKEN_BYTES = 17;
const TOKEN_VERSION = 1;
const MAGIC = Buffer.from('EKVT', 'latin1');

export interface FsmToken {
  readonly index: bigint;
  /** CRC32C of the `.fsm` payload, u32. */
  readonly crc: number;
}

/** What the data of a raft snapshot is. `inline`: the whole FSM payload (legacy). */
export type SnapshotData =
  | { readonly kind: 'empty' }
  | { readonly kind: 'inline' }
  | { readonly kind: 'token'; readonly token: FsmToken }
  | { readonly kind: 'invalid'; readonly fault: FsmFault };

/**
 * Only data of exactly 17 bytes that starts with `EKVT` counts as a token; a version other than 1
 * makes it invalid, never inline.
 * @param site  of the data's first byte
 */
export function decodeSnapshotData(data: Uint8Array, site: Site): SnapshotData {
  if (data.length === 0) return { kind: 'empty' };
  const isToken = data.length === TOKEN_BYTES && MAGIC.equals(data.subarray(0, 4));
  if (!isToken) return { kind: 'inline' };
  const version = data[4] ?? 0;
  if (version === TOKEN_VERSION) {
    return { kind: 'token', token: { index: u64be(data, 5), crc: u32be(data, 13) } };
  }
  const fault = new FsmFault('fsm-token-version', `token version ${version}, only 1 is known`, {
    site: { path: site.path, offset: site.offset === undefined ? undefined : site.offset + 4 },
    stage: 'token',
    nodeErrors: ['ErrFSMSnapshotTokenInvalid'],
    nodeText: `unknown version: ${version}: fsm snapshot: token format invalid`,
  });
  return { kind: 'invalid', fault };
}

export function encodeToken(token: FsmToken): Uint8Array {
  const out = new Uint8Array(TOKEN_BYTES);
  out.set(MAGIC);
  out[4] = TOKEN_VERSION;
  putU64be(out, 5, token.index);
  putU32be(out, 13, token.crc);
  return out;
}

/** The fields of a token whose first byte is at `base`. */
export function tokenFields(token: FsmToken, base = 0): Field[] {
  return [
    { name: 'token.magic', offset: base, length: 4, value: '"EKVT"' },
    { name: 'token.version', offset: base + 4, length: 1, value: String(TOKEN_VERSION) },
    { name: 'token.index', offset: base + 5, length: 8, value: String(token.index) },
    { name: 'token.crc32c', offset: base + 13, length: 4, value: hex32(token.crc) },
  ];
}
