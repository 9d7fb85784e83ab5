/** What a fuzzer needs to know about a format: good samples, and what to do with bad ones. */
import { mutated, spliced } from './mutate.js';
import type { Random } from './random.js';

/** One decoder, or one way into the library. */
export interface Format {
  readonly name: string;
  /** A damaged input, made by chance alone. */
  make(random: Random): unknown;
  /**
   * Decodes and looks at everything. A value or a `ToolError` is right, all else is a crasher. A
   * string says which kind of value it was, for the statistics.
   */
  run(input: unknown): unknown;
  /** An input as a file, for keeping it, and back. */
  pack(input: unknown): Uint8Array;
  unpack(bytes: Uint8Array): unknown;
}

export interface BytesFormat {
  readonly name: string;
  /** Sound samples. Read once. */
  seeds(): readonly Uint8Array[];
  /** Damage below the checksums: takes a sample apart, harms it, and seals it again. */
  readonly resealed?: (seed: Uint8Array, random: Random) => Uint8Array | undefined;
  run(input: Uint8Array): unknown;
}

/** Three of four cases are resealed where the format has checksums; the rest is blunt damage. */
export function bytesFormat(spec: BytesFormat): Format {
  let seeds: readonly Uint8Array[] | undefined;
  return {
    name: spec.name,
    make(random) {
      seeds ??= spec.seeds();
      const seed = random.pick(seeds);
      if (spec.resealed !== undefined && !random.oneIn(4)) {
        const made = spec.resealed(seed, random);
        if (made !== undefined) return made;
      }
      if (random.oneIn(16)) return spliced(seed, random.pick(seeds), random);
      return mutated(seed, random);
    },
    run: (input) => spec.run(input as Uint8Array),
    pack: (input) => input as Uint8Array,
    unpack: (bytes) => bytes,
  };
}
