/**
 * Snappy block format (spec/pebble.md B.3): uvarint output length, then literals and copies. The
 * length is read and bounded here; the rest is done by a small WebAssembly module
 * (snappy-kernel.wat): where input and output lie in the kernels' shared memory there, else by way of
 * a memory of its own.
 */
import { SHARED_BUFFER, SHARED_MEMORY } from '../bytes/kernel-memory.js';
import {
  growKernelMemory,
  newKernelMemory,
  startKernel,
  type KernelMemory,
} from '../bytes/wasm-kernel.js';
import { assert } from '../core/errors.js';
import { SNAPPY_KERNEL_BASE64 } from './snappy-kernel.js';
import {
  corruptCompression,
  decodeUncompressedLength,
  type DecompressOptions,
} from './uncompressed-length.js';

interface Kernel {
  readonly uncompress: (from: number, to: number, out: number, outEnd: number) => number;
}

/** Reads and writes are sixteen bytes wide and may begin at the last byte. */
const SLACK_BYTES = 16;
const OWN_PAGES = 4;

let shared: Kernel | undefined;
let own: OwnKernel | undefined;

function started(memory: KernelMemory): Kernel {
  const kernel = startKernel(SNAPPY_KERNEL_BASE64, memory) as Kernel | undefined;
  assert(kernel !== undefined, 'the Snappy kernel uses nothing that an engine may lack');
  return kernel;
}

/** The kernel with a memory that grows with the blocks it is given. */
class OwnKernel {
  private readonly memory = newKernelMemory(OWN_PAGES);
  private readonly kernel = started(this.memory);
  private bytes = new Uint8Array(this.memory.buffer);

  uncompress(payload: Uint8Array, size: number, into: Uint8Array): boolean {
    const out = payload.length + SLACK_BYTES;
    const outEnd = out + into.length;
    if (outEnd + SLACK_BYTES > this.bytes.length) {
      growKernelMemory(this.memory, outEnd + SLACK_BYTES);
      this.bytes = new Uint8Array(this.memory.buffer);
    }
    this.bytes.set(payload);
    if (this.kernel.uncompress(size, payload.length, out, outEnd) !== 1) return false;
    into.set(this.bytes.subarray(out, outEnd));
    return true;
  }
}

/**
 * @returns the output, in a buffer of its own or of `options.allocate`
 * @throws {CorruptionError} when the payload is not a Snappy block of exactly the stated length
 * @throws {UnsupportedError} above `maxBytes`
 */
export function decompressSnappy(payload: Uint8Array, options: DecompressOptions): Uint8Array {
  const { length, size } = decodeUncompressedLength(payload, 0, options);
  const into = options.allocate?.(length) ?? new Uint8Array(length);
  const isDone =
    payload.buffer === SHARED_BUFFER && into.buffer === SHARED_BUFFER
      ? uncompressShared(payload, size, into)
      : (own ??= new OwnKernel()).uncompress(payload, size, into);
  if (!isDone) throw corruptCompression(`not a Snappy block of ${length} bytes`, options.site);
  return into;
}

/** Both lie in rooms, with slack behind them. */
function uncompressShared(payload: Uint8Array, size: number, into: Uint8Array): boolean {
  shared ??= started(SHARED_MEMORY);
  const at = payload.byteOffset;
  const out = into.byteOffset;
  return shared.uncompress(at + size, at + payload.length, out, out + into.length) === 1;
}
