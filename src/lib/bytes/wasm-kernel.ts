/** Starts the small WebAssembly modules that are kept beside their sources as base64. */

/** The few of the engine's own declarations used here; the library setting has no DOM types. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

export interface KernelMemory {
  /** Replaced when the memory grows. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** @returns what the module exports; undefined where the engine lacks what it uses (SIMD) */
export function startKernel(base64: string): unknown {
  const bytes = Buffer.from(base64, 'base64');
  if (!WebAssembly.validate(bytes)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
