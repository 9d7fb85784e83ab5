/**
 * Fixed-width integers at a position. Callers have checked that the bytes are there: these are the
 * innermost loops, and `noUncheckedIndexedAccess` is answered with `!` here and in the other files
 * of `bytes/` only for that reason.
 */
import { joinU64 } from './halves.js';

export function u16be(b: Uint8Array, pos: number): number {
  return (b[pos]! << 8) | b[pos + 1]!;
}

export function u16le(b: Uint8Array, pos: number): number {
  return b[pos]! | (b[pos + 1]! << 8);
}

export function u32be(b: Uint8Array, pos: number): number {
  return ((b[pos]! << 24) | (b[pos + 1]! << 16) | (b[pos + 2]! << 8) | b[pos + 3]!) >>> 0;
}

export function u32le(b: Uint8Array, pos: number): number {
  return (b[pos]! | (b[pos + 1]! << 8) | (b[pos + 2]! << 16) | (b[pos + 3]! << 24)) >>> 0;
}

export function u64be(b: Uint8Array, pos: number): bigint {
  return joinU64(u32be(b, pos), u32be(b, pos + 4));
}

export function u64le(b: Uint8Array, pos: number): bigint {
  return joinU64(u32le(b, pos + 4), u32le(b, pos));
}

/** A u64 length or offset as a number, or -1 when it exceeds 2^53-1: no real file is that long. */
export function size64le(b: Uint8Array, pos: number): number {
  const high = u32le(b, pos + 4);
  return high > 0x1fffff ? -1 : high * 0x1_0000_0000 + u32le(b, pos);
}

export function isZero(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] !== 0) return false;
  return true;
}
