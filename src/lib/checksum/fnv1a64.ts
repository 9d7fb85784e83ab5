/** FNV-1a, 64 bits: how a raft id becomes a node id (spec/00-overview.md; 0 is replaced by 1 there). */
export function fnv1a64(bytes: Uint8Array): bigint {
  let h = 0xcbf2_9ce4_8422_2325n;
  for (const b of bytes) h = BigInt.asUintN(64, (h ^ BigInt(b)) * 0x100_0000_01b3n);
  return h;
}
