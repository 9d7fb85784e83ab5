import fc from 'fast-check';

/**
 * Short periods and long, so that copies reach from nearer than a step of the kernel and from far away,
 * then bytes that have none.
 */
export function periodicBytes(mostPeriodic: number, mostOther: number): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(mostPeriodic), fc.nat(mostOther))
    .map(([unit, n, far]) => {
      const out = new Uint8Array(n + far);
      for (let i = 0; i < n; i++) out[i] = unit[i % unit.length]!;
      for (let i = n; i < out.length; i++) out[i] = i * i;
      return out;
    });
}

/** Places, to be taken modulo a length, and what stands there afterwards. */
export const damage = fc.array(fc.tuple(fc.nat(1 << 20), fc.nat(255)), { maxLength: 3 });
