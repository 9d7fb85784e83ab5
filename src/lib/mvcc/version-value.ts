/**
 * The value of a version (spec/mvcc-store.md §2):
 *
 *   0  flags u8         bit 0 tombstone, bits 1-2 encryption state, bits 3-7 zero
 *   1  expireAt u64 LE  0 = never, else an HLC timestamp
 *   9  body             an envelope when the state is 1
 */
import { isZero, u64le } from '../bytes/read.js';
import type { ByteArena } from '../kv/byte-arena.js';
import { Fault } from './fault.js';

export const VALUE_HEADER_BYTES = 9;
const FLAG_TOMBSTONE = 0x01;
const STATE_MASK = 0x06;
export const STATE_ENCRYPTED = 0x02;
const RESERVED_MASK = 0xf8;
const EXPIRE_AT = 1;

export interface VersionHeader {
  readonly tombstone: boolean;
  readonly encrypted: boolean;
  readonly expireAt: bigint;
}

/** Too short is looked at first, then reserved bits and states. */
export function decodeVersionHeader(stored: Uint8Array): VersionHeader | Fault {
  const flags = stored[0];
  if (flags === undefined || stored.length < VALUE_HEADER_BYTES) {
    const text = `value of ${stored.length} B is shorter than its header of 9 B`;
    return new Fault('value-header-short', [], text);
  }
  const state = flags & STATE_MASK;
  if ((flags & RESERVED_MASK) !== 0 || (state !== 0 && state !== STATE_ENCRYPTED)) {
    const text = `value flags 0x${flags.toString(16).padStart(2, '0')} use reserved bits`;
    return new Fault('value-reserved-state', ['ErrEncryptedValueReservedState'], text);
  }
  return {
    tombstone: (flags & FLAG_TOMBSTONE) !== 0,
    encrypted: state === STATE_ENCRYPTED,
    expireAt: isZero(stored, EXPIRE_AT, VALUE_HEADER_BYTES) ? 0n : u64le(stored, EXPIRE_AT),
  };
}

/** A clear put: zero flags, never expires. The bytes lie in `arena`. */
export function encodeClearValue(arena: ByteArena, body: Uint8Array): Uint8Array {
  const stored = arena.take(VALUE_HEADER_BYTES + body.length);
  stored.set(body, VALUE_HEADER_BYTES);
  return stored;
}

/** Without body and always clear. Shared: the bytes are never changed. */
export const TOMBSTONE: Uint8Array = Uint8Array.of(FLAG_TOMBSTONE, 0, 0, 0, 0, 0, 0, 0, 0);
