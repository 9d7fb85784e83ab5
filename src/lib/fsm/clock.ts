/**
 * The part of a node's hybrid logical clock that files and log entries move (spec/cold-start.md §3).
 * One clock serves all groups of a process. Both numbers only ever rise.
 */
export class HlcClock {
  /** Physical ceiling in Unix milliseconds. */
  ceilingMs = 0n;
  /** The largest timestamp observed. */
  last = 0n;

  /** @param u64  as stored; read as signed, so that a value above 2^63-1 raises nothing */
  raiseCeiling(u64: bigint): void {
    const ms = BigInt.asIntN(64, u64);
    if (ms > this.ceilingMs) this.ceilingMs = ms;
  }

  observe(ts: bigint): void {
    if (ts > this.last) this.last = ts;
  }
}
