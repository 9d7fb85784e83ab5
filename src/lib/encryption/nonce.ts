/**
 * Who sealed an envelope, in which life and as which write (spec/encryption.md §3):
 *
 *     node id u16 BE (2) | local epoch u16 BE (2) | write count u64 BE (8)
 *
 * The node id is the low 16 bits of the full node id. One counter per purpose, the first value of a
 * process life is 1.
 */
import { u16be, u64be } from '../bytes/read.js';
import { putU16be, putU64be } from '../bytes/write.js';
import { assert } from '../core/errors.js';
import { NONCE_LENGTH } from './aead.js';

export interface Nonce {
  readonly nodeId16: number;
  readonly localEpoch: number;
  readonly count: bigint;
}

export function decodeNonce(bytes: Uint8Array): Nonce {
  assert(bytes.length === NONCE_LENGTH, 'a nonce has 12 bytes');
  return { nodeId16: u16be(bytes, 0), localEpoch: u16be(bytes, 2), count: u64be(bytes, 4) };
}

export function encodeNonce(nonce: Nonce): Uint8Array {
  const out = new Uint8Array(NONCE_LENGTH);
  putU16be(out, 0, nonce.nodeId16);
  putU16be(out, 2, nonce.localEpoch);
  putU64be(out, 4, nonce.count);
  return out;
}

/** The low 16 bits of a full node id. */
export function nodeId16Of(fullNodeId: bigint): number {
  return Number(fullNodeId & 0xffffn);
}
