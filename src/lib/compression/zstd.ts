/**
 * zstd as Pebble frames it (spec/pebble.md B.4): uvarint output length, then standard zstd frames
 * without dictionary.
 *
 * The decoder is the WASM of @bokuweb/zstd-wasm. Its published `init` is async only because it
 * reads its file with a promise, and its `decompress` trusts the size in the frame header; blocks
 * are read by synchronous code and are not to be trusted. So the package's own loader is started
 * here with a synchronous instance, on the first zstd block of the process, and `ZSTD_decompress`
 * is given an output of exactly the length Pebble states.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { assert, UnsupportedError } from '../core/errors.js';
import { FileSource } from '../io/file-source.js';
import { readRange } from '../io/byte-source.js';
import {
  corruptCompression,
  decodeUncompressedLength,
  type DecompressOptions,
} from './uncompressed-length.js';

interface WasmInstance {
  readonly exports: object;
}

/** The part of the WebAssembly API that is used; the type library for it is the DOM's. */
declare const WebAssembly: {
  readonly Module: new (wasm: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => WasmInstance;
};

/** What is used of the emscripten module. */
interface ZstdModule {
  /** Set when it runs. */
  HEAPU8?: Uint8Array;
  instantiateWasm: (imports: object, receive: (instance: WasmInstance) => void) => object;
  init(wasm: Uint8Array): void;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _ZSTD_decompress(to: number, capacity: number, from: number, length: number): number;
  _ZSTD_isError(code: number): number;
}

let loaded: ZstdModule | undefined;

function loadZstd(): ZstdModule {
  const require = createRequire(import.meta.url);
  // package.json says where: in node_modules, or beside the bundle of a packed program.
  const directory = dirname(require.resolve('#zstd'));
  const { Module: module } = require(join(directory, 'zstd.js')) as { Module: ZstdModule };
  // The package keeps one module a process and must not be started twice.
  if (module.HEAPU8 !== undefined) return module;
  const source = new FileSource(join(directory, 'zstd.wasm'));
  const wasm = readRange(source, 0, source.size);
  source.close();
  module.instantiateWasm = (imports, receive) => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
    receive(instance);
    return instance.exports;
  };
  module.init(wasm);
  return module;
}

function memoryOf(zstd: ZstdModule): Uint8Array {
  assert(zstd.HEAPU8 !== undefined, 'the zstd decoder runs');
  return zstd.HEAPU8;
}

/**
 * @returns the output, in a buffer of its own
 * @throws {CorruptionError} when the payload is not zstd of exactly the stated length
 * @throws {UnsupportedError} above `maxBytes`, or when the decoder runs out of memory
 */
export function decompressZstd(payload: Uint8Array, options: DecompressOptions): Uint8Array {
  const { length, size } = decodeUncompressedLength(payload, 0, options);
  loaded ??= loadZstd();
  const zstd = loaded;
  const frame = payload.subarray(size);
  const from = zstd._malloc(Math.max(frame.length, 1));
  const to = zstd._malloc(Math.max(length, 1));
  try {
    if (from === 0 || to === 0) {
      throw new UnsupportedError('limit-exceeded', `no memory for a zstd block of ${length} B`, {
        site: options.site,
      });
    }
    // Read anew after the allocations: growing the memory replaces it.
    memoryOf(zstd).set(frame, from);
    const got = zstd._ZSTD_decompress(to, length, from, frame.length) >>> 0;
    if (zstd._ZSTD_isError(got) !== 0) {
      throw corruptCompression(
        `not zstd of ${length} bytes: error ${0x1_0000_0000 - got}`,
        options.site,
      );
    }
    if (got !== length) {
      throw corruptCompression(`zstd gave ${got} bytes instead of ${length}`, options.site);
    }
    return memoryOf(zstd).slice(to, to + length);
  } finally {
    zstd._free(from);
    zstd._free(to);
  }
}
