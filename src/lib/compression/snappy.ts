/**
 * Snappy block format (spec/pebble.md B.3): uvarint output length, then literals and copies. The
 * length is read and bounded here; the rest is done by a small WebAssembly module
 * (snappy-kernel.wat) in its own memory.
 */
import { startKernel, type KernelMemory } from '../bytes/wasm-kernel.js';
import { assert } from '../core/errors.js';
import { SNAPPY_KERNEL_BASE64 } from './snappy-kernel.js';
import {
  corruptCompression,
  decodeUncompressedLength,
  type DecompressOptions,
} from './uncompressed-length.js';

interface Kernel {
  readonly memory: KernelMemory;
  readonly uncompress: (from: number, to: number, out: number, outEnd: number) => number;
}

const PAGE_BYTES = 0x10000;
/** Reads and writes are eight bytes wide and may begin at the last byte. */
const SLACK_BYTES = 16;

let kernel: Kernel | undefined;
let memory = new Uint8Array(0);

function started(bytes: number): Kernel {
  kernel ??= startKernel(SNAPPY_KERNEL_BASE64) as Kernel | undefined;
  assert(kernel !== undefined, 'the Snappy kernel uses nothing that an engine may lack');
  if (bytes > memory.length) {
    const missing = bytes - kernel.memory.buffer.byteLength;
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    memory = new Uint8Array(kernel.memory.buffer);
  }
  return kernel;
}

/**
 * @returns the output, in a buffer of its own or of `options.allocate`
 * @throws {CorruptionError} when the payload is not a Snappy block of exactly the stated length
 * @throws {UnsupportedError} above `maxBytes`
 */
export function decompressSnappy(payload: Uint8Array, options: DecompressOptions): Uint8Array {
  const { length, size } = decodeUncompressedLength(payload, 0, options);
  const out = payload.length + SLACK_BYTES;
  const { uncompress } = started(out + length + SLACK_BYTES);
  memory.set(payload);
  if (uncompress(size, payload.length, out, out + length) === 0) {
    throw corruptCompression(`not a Snappy block of ${length} bytes`, options.site);
  }
  const output = memory.subarray(out, out + length);
  if (options.allocate === undefined) return output.slice();
  const into = options.allocate(length);
  into.set(output);
  return into;
}
