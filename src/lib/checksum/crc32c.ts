/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF;
 * check value of "123456789" is 0xE3069283 (spec/00-overview.md, conventions).
 *
 * The work is done by a small WebAssembly module (crc32c-kernel.wat) on data in the kernels' shared
 * memory, which is faster than tables in JavaScript from the first sixteen bytes on, copying included.
 * Readers spare themselves the copy by reading files straight into that memory, in bulk into a borrowed
 * chunk of it.
 */
import { SHARED_BUFFER, SHARED_BYTES, SHARED_MEMORY } from '../bytes/kernel-memory.js';
import { startKernel } from '../bytes/wasm-kernel.js';
import { CRC32C_KERNEL_BASE64 } from './crc32c-kernel.js';

/** Layout of the kernel's memory above its tables and scratch. */
const STAGE_AT = 0x20000;
const STAGE_BYTES = 0x40000;
const CHUNK_AT = STAGE_AT + STAGE_BYTES;

/** Length of a borrowed chunk: 1 MiB. */
export const CHUNK_BYTES = 0x100000;

interface Kernel {
  readonly init: () => void;
  readonly crc: (crc: number, at: number, length: number) => number;
}

/** Undefined on an engine without SIMD (none of the supported Node versions by default). */
const KERNEL = startKernel(CRC32C_KERNEL_BASE64, SHARED_MEMORY) as Kernel | undefined;
KERNEL?.init();

/** One table, a byte at a time: the fallback, and the model the kernel is tested against. */
export function crc32cPlain(bytes: Uint8Array, crc = 0): number {
  TABLE ??= makeTable();
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ TABLE[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}

let TABLE: Int32Array | undefined;

function makeTable(): Int32Array {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    table[i] = c;
  }
  return table;
}

/**
 * Continues `crc` over `bytes`: `crc32c(b, crc32c(a))` equals `crc32c(a ++ b)`.
 * @returns the CRC as a u32
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  if (KERNEL === undefined) return crc32cPlain(bytes, crc);
  if (bytes.buffer === SHARED_BUFFER) {
    return KERNEL.crc(crc, bytes.byteOffset, bytes.length) >>> 0;
  }
  if (bytes.length <= STAGE_BYTES) {
    SHARED_BYTES.set(bytes, STAGE_AT);
    return KERNEL.crc(crc, STAGE_AT, bytes.length) >>> 0;
  }
  let running = crc;
  for (let at = 0; at < bytes.length; at += STAGE_BYTES) {
    const piece = bytes.subarray(at, at + STAGE_BYTES);
    SHARED_BYTES.set(piece, STAGE_AT);
    running = KERNEL.crc(running, STAGE_AT, piece.length);
  }
  return running >>> 0;
}

/** `crc32c` of `bytes[from, to)`: in the shared memory without so much as a view. */
export function crc32cRange(bytes: Uint8Array, from: number, to: number, crc: number): number {
  if (KERNEL !== undefined && bytes.buffer === SHARED_BUFFER) {
    return KERNEL.crc(crc, bytes.byteOffset + from, to - from) >>> 0;
  }
  return crc32c(bytes.subarray(from, to), crc);
}

let chunkIsOut = false;

/**
 * A buffer of `CHUNK_BYTES` to read a file into piece by piece; `crc32c` of any part of it needs no
 * copy. There is one such place: a second borrower at the same time gets ordinary memory.
 */
export function borrowChunk(): Uint8Array {
  if (KERNEL === undefined || chunkIsOut) return new Uint8Array(CHUNK_BYTES);
  chunkIsOut = true;
  return SHARED_BYTES.subarray(CHUNK_AT, CHUNK_AT + CHUNK_BYTES);
}

export function returnChunk(chunk: Uint8Array): void {
  if (chunk.buffer === SHARED_BUFFER) chunkIsOut = false;
}
