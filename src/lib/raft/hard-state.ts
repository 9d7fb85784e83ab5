/**
 * `raftpb.HardState` (spec/etcd-wal.md §3.2): 1 term, 2 vote, 3 commit, all uint64.
 */
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';
import { joined } from './conf-state.js';

export interface HardState {
  term: bigint | undefined;
  vote: bigint | undefined;
  commit: bigint | undefined;
  unknown?: Uint8Array | undefined;
}

export function emptyHardState(): HardState {
  return { term: undefined, vote: undefined, commit: undefined };
}

/** Such a state is as good as none: it is not saved and raft does not check it. */
export function isEmptyHardState(state: HardState): boolean {
  return (state.term ?? 0n) === 0n && (state.vote ?? 0n) === 0n && (state.commit ?? 0n) === 0n;
}

/** @throws {ProtoError} */
export function decodeHardState(bytes: Uint8Array, dialect: ProtoDialect): HardState {
  return readHardState(new WireReader(dialect).reset(bytes, 0, bytes.length, 'HardState'));
}

export function readHardState(r: WireReader): HardState {
  const state = emptyHardState();
  while (r.next()) {
    switch (r.field) {
      case 1:
        if (r.varint('Term')) state.term = r.u64();
        break;
      case 2:
        if (r.varint('Vote')) state.vote = r.u64();
        break;
      case 3:
        if (r.varint('Commit')) state.commit = r.u64();
        break;
      default:
        r.skip();
    }
  }
  state.unknown = joined(undefined, r.unknownFields());
  return state;
}

export function encodeHardState(state: HardState, dialect: ProtoDialect): Uint8Array {
  const zero = dialect.writesZeros ? 0n : undefined;
  return new WireWriter()
    .varint(1, state.term ?? zero)
    .varint(2, state.vote ?? zero)
    .varint(3, state.commit ?? zero)
    .raw(dialect.keepsUnknown ? state.unknown : undefined)
    .finish();
}
