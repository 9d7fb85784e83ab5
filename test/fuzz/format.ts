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
  /** Sound samples, as recorded. Read once. */
  seeds(): readonly Uint8Array[];
  /** Sound samples of a few hundred bytes, which take most cases where they are given. Read once. */
  readonly small?: () => readonly Uint8Array[];
  /** Damage below the checksums: takes a sample apart, harms it, and seals it again. */
  readonly resealed?: (seed: Uint8Array, random: Random) => Uint8Array | undefined;
  run(input: Uint8Array): unknown;
}

/** One case in so many is made of the recorded samples where there are small ones. */
const RECORDED_SHARE = 128;

/** Three of four cases are resealed where the format has checksums; the rest is blunt damage. */
export function bytesFormat(spec: BytesFormat): Format {
  let recorded: readonly Uint8Array[] | undefined;
  let small: readonly Uint8Array[] | undefined;
  return {
    name: spec.name,
    make(random) {
      recorded ??= spec.seeds();
      small ??= spec.small?.() ?? recorded;
      const seeds = random.oneIn(RECORDED_SHARE) ? recorded : small;
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

/**
 * Which of `n` ways to read an input is tried: chosen by its own bytes, so that a crasher that is
 * kept takes the same way again.
 */
export function wayOf(input: Uint8Array, n: number): number {
  let hash = input.length;
  const end = Math.min(input.length, 256);
  for (let i = 0; i < end; i++) hash = (Math.imul(hash, 0x0100_0193) ^ (input[i] ?? 0)) >>> 0;
  return (hash >>> 8) % n;
}
