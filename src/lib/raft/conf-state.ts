/**
 * `raftpb.ConfState` (spec/etcd-wal.md §3.2, §3.3): who votes and who learns.
 *
 *     1 voters   2 learners   3 voters_outgoing   4 learners_next: repeated uint64   5 auto_leave: bool
 */
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';

export interface ConfState {
  voters: bigint[];
  learners: bigint[];
  votersOutgoing: bigint[];
  learnersNext: bigint[];
  /** Undefined where the field is absent: 3.7 writes it again as it was. */
  autoLeave: boolean | undefined;
  /** Unknown fields as read, kept by 3.7 only. */
  unknown: Uint8Array | undefined;
}

export function emptyConfState(): ConfState {
  return {
    voters: [],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: undefined,
    unknown: undefined,
  };
}

/** A configuration of voters as bootstrap writes it: `auto_leave` is absent under 3.7. */
export function confStateOfVoters(voters: readonly bigint[]): ConfState {
  return { ...emptyConfState(), voters: [...voters] };
}

/** @throws {ProtoError} */
export function decodeConfState(bytes: Uint8Array, dialect: ProtoDialect): ConfState {
  const into = emptyConfState();
  readConfState(new WireReader(dialect).reset(bytes, 0, bytes.length, 'ConfState'), into);
  return into;
}

/** Merges the message `r` stands on into `into`: repeated numbers add up, the last scalar wins. */
export function readConfState(r: WireReader, into: ConfState): void {
  while (r.next()) {
    switch (r.field) {
      case 1:
        r.repeatedU64('Voters', into.voters);
        break;
      case 2:
        r.repeatedU64('Learners', into.learners);
        break;
      case 3:
        r.repeatedU64('VotersOutgoing', into.votersOutgoing);
        break;
      case 4:
        r.repeatedU64('LearnersNext', into.learnersNext);
        break;
      case 5:
        if (r.varint('AutoLeave')) into.autoLeave = (r.lo | r.hi) !== 0;
        break;
      default:
        r.skip();
    }
  }
  into.unknown = joined(into.unknown, r.unknownFields());
}

export function encodeConfState(state: ConfState, dialect: ProtoDialect): Uint8Array {
  const w = new WireWriter();
  for (const id of state.voters) w.varint(1, id);
  for (const id of state.learners) w.varint(2, id);
  for (const id of state.votersOutgoing) w.varint(3, id);
  for (const id of state.learnersNext) w.varint(4, id);
  w.varint(5, state.autoLeave ?? (dialect.writesZeros ? false : undefined));
  return w.raw(dialect.keepsUnknown ? state.unknown : undefined).finish();
}

/** Unknown fields of a message that was merged out of several. */
export function joined(
  a: Uint8Array | undefined,
  b: Uint8Array | undefined,
): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
