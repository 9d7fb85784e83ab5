/** Reproducible chance: the same seed and case give the same bytes on every machine. */

/** splitmix32 over seed and case, so that neighbouring cases have nothing in common. */
function mixed(a: number, b: number): number {
  let h = (a ^ Math.imul(b, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

export class Random {
  private state: number;

  constructor(seed: number, ordinal = 0) {
    this.state = mixed(mixed(seed, 0x5eed), ordinal);
  }

  /** The next u32. */
  u32(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    return mixed(this.state, 0x1234567);
  }

  /** 0 … n-1; 0 where n is 0. */
  below(n: number): number {
    return n <= 0 ? 0 : Math.floor((this.u32() / 0x1_0000_0000) * n);
  }

  /** Small numbers far more often than large ones, up to `n` - 1. */
  small(n: number): number {
    return this.below(this.below(this.below(n) + 1) + 1);
  }

  /** True once in `n` calls. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.u32();
    return out;
  }
}
