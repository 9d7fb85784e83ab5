/**
 * HLC timestamps (spec/00-overview.md, terms): Unix milliseconds in the upper 48 bits, a logical
 * counter in the lower 16.
 */
const LOGICAL_BITS = 16n;
const U64 = 0xffff_ffff_ffff_ffffn;

export function tsOfMs(ms: bigint): bigint {
  return (ms << LOGICAL_BITS) & U64;
}

export function msOfTs(ts: bigint): bigint {
  return ts >> LOGICAL_BITS;
}

export function logicalOfTs(ts: bigint): number {
  return Number(ts & 0xffffn);
}
