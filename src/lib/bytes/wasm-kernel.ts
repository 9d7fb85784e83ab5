/** Starts the small WebAssembly modules that are kept beside their sources as base64. */

/** The few of the engine's own declarations used here; the library setting has no DOM types. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { initial: number; maximum?: number }) => KernelMemory;
  readonly Instance: new (
    module: object,
    imports: { env: { memory?: KernelMemory } },
  ) => { readonly exports: unknown };
};

export interface KernelMemory {
  /** Replaced when the memory grows. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE_BYTES = 0x10000;

/** @param maximum  pages of 64 KiB; undefined: it may grow as far as the engine lets it */
export function newKernelMemory(initial: number, maximum?: number): KernelMemory {
  return new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum });
}

/** Makes `memory` at least so large. */
export function growKernelMemory(memory: KernelMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}

/**
 * @param memory  of a module that does not bring its own
 * @returns what the module exports; undefined where the engine lacks what it uses (SIMD)
 */
export function startKernel(base64: string, memory?: KernelMemory): unknown {
  let module = modules.get(base64);
  if (module === undefined) {
    const bytes = Buffer.from(base64, 'base64');
    if (!WebAssembly.validate(bytes)) return undefined;
    module = new WebAssembly.Module(bytes);
    modules.set(base64, module);
  }
  const env = memory === undefined ? {} : { memory };
  return new WebAssembly.Instance(module, { env }).exports;
}

/** Those that have been compiled: some kernels are started more than once. */
const modules = new Map<string, object>();
