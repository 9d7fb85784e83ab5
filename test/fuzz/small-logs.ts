/** Sound raft logs of a few hundred bytes, so that a case costs little. */
import { concatBytes, putU32be } from '../../src/lib/bytes/write.js';
import { PROTO_37 } from '../../src/lib/proto/dialect.js';
import { confStateOfVoters } from '../../src/lib/raft/conf-state.js';
import { ENTRY_TYPE, encodeEntry, type Entry } from '../../src/lib/raft/entry.js';
import { encodeHardState } from '../../src/lib/raft/hard-state.js';
import { WalEncoder } from '../../src/lib/raft/wal/encoder.js';

const CONF_CHANGE = Buffer.from('08011001180222026e31', 'hex');
const PROPOSAL = Buffer.from('00000000000000000100080110051a060a016112017a', 'hex');

function entry(index: bigint, term = 2n, data: Uint8Array | undefined = PROPOSAL): Entry {
  return { type: ENTRY_TYPE.normal, term, index, data };
}

function confChange(index: bigint): Entry {
  return { type: ENTRY_TYPE.confChange, term: 1n, index, data: CONF_CHANGE };
}

function u32beBytes(v: number): Uint8Array {
  const out = new Uint8Array(4);
  putU32be(out, 0, v);
  return out;
}

/** A young log, one that was cut down to a snapshot, one whose end was overwritten by a new term. */
export function smallWals(): Uint8Array[] {
  const young = new WalEncoder(PROTO_37);
  const compacted = new WalEncoder(PROTO_37, 0x1f2e3d4c);
  const overwritten = new WalEncoder(PROTO_37);
  const state = { term: 2n, vote: 1n, commit: 3n };
  return [
    concatBytes(
      young.creation(),
      young.save([confChange(1n), entry(2n), entry(3n)], state),
      new Uint8Array(64),
    ),
    concatBytes(
      compacted.continuation({ term: 2n, vote: 1n, commit: 9n }),
      compacted.snapshot({ index: 9n, term: 2n, confState: confStateOfVoters([1n, 2n]) }),
      compacted.save([entry(10n), entry(11n, 2n, undefined)], { ...state, commit: 10n }),
      new Uint8Array(600),
    ),
    concatBytes(
      overwritten.creation(),
      overwritten.save([entry(1n), entry(2n), entry(3n)], { ...state, commit: 1n }),
      overwritten.save([entry(2n, 3n)], { term: 3n, vote: 2n, commit: 2n }),
    ),
  ];
}

function message(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32beBytes(bytes.length), bytes);
}

const encoded = (one: Entry): Uint8Array => message(encodeEntry(one, PROTO_37));

/** `etcd-raft-entries.bin` and `etcd-raft-state.bin` of three entries. */
export function smallLegacyEntries(): Uint8Array[] {
  const head = concatBytes(Buffer.from('EKVW'), u32beBytes(1));
  return [
    concatBytes(head, encoded(entry(4n)), encoded(entry(5n))),
    concatBytes(head, encoded(confChange(1n)), encoded(entry(2n)), encoded(entry(3n))),
  ];
}

export function smallLegacyStates(): Uint8Array[] {
  const hard = message(encodeHardState({ term: 2n, vote: 1n, commit: 3n }, PROTO_37));
  const head = concatBytes(Buffer.from('EKVR'), u32beBytes(1));
  // An absent snapshot is an empty message.
  return [
    concatBytes(head, hard, u32beBytes(0), u32beBytes(2), encoded(entry(1n)), encoded(entry(2n))),
  ];
}
