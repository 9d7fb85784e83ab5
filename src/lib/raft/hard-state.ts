/**
 * `raftpb.HardState` (spec/etcd-wal.md §3.2): 1 term, 2 vote, 3 commit, all uint64.
 */
import { joinU64 } from '../bytes/halves.js';
import type { ProtoDialect } from '../proto/dialect.js';
import { WireReader } from '../proto/wire-reader.js';
import { WireWriter } from '../proto/wire-writer.js';

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
  const head = new HardStateHead();
  head.read(r);
  return head.state();
}

/**
 * A hard state in halves: a log has one beside every entry, and only the last one counts. Position i
 * holds field i + 1.
 */
export class HardStateHead {
  private readonly lo = [0, 0, 0];
  private readonly hi = [0, 0, 0];
  private readonly present = [false, false, false];
  private unknown: Uint8Array | undefined;

  /** Reads the message `r` stands on. @throws {ProtoError} */
  read(r: WireReader): void {
    this.present[0] = this.present[1] = this.present[2] = false;
    while (r.next()) {
      const i = r.field - 1;
      const name = GO_NAMES[i];
      if (name === undefined) r.skip();
      else if (r.varint(name)) {
        this.lo[i] = r.lo;
        this.hi[i] = r.hi;
        this.present[i] = true;
      }
    }
    this.unknown = r.unknownFields();
  }

  state(): HardState {
    const [term, vote, commit] = this.present.map((present, i) =>
      present ? joinU64(this.hi[i] ?? 0, this.lo[i] ?? 0) : undefined,
    );
    return { term, vote, commit, unknown: this.unknown };
  }
}

const GO_NAMES: readonly string[] = ['Term', 'Vote', 'Commit'];

export function encodeHardState(state: HardState, dialect: ProtoDialect): Uint8Array {
  const zero = dialect.writesZeros ? 0n : undefined;
  return new WireWriter()
    .varint(1, state.term ?? zero)
    .varint(2, state.vote ?? zero)
    .varint(3, state.commit ?? zero)
    .raw(dialect.keepsUnknown ? state.unknown : undefined)
    .finish();
}
