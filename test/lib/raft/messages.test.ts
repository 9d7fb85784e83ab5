import { expect } from 'chai';
import fc from 'fast-check';
import { toByteString } from '../../../src/lib/bytes/byte-string.js';
import { hex, unhex } from '../../../src/lib/bytes/hex.js';
import { PROTO_36, PROTO_37 } from '../../../src/lib/proto/dialect.js';
import {
  decodeConfChange,
  decodeConfChangeContext,
  decodeConfChangeV2,
  encodeConfChange,
  encodeConfChangeV2,
} from '../../../src/lib/raft/conf-change.js';
import {
  confStateOfVoters,
  decodeConfState,
  encodeConfState,
} from '../../../src/lib/raft/conf-state.js';
import {
  PRESENT,
  decodeEntry,
  encodeEntry,
  entrySize,
  type EntryHead,
} from '../../../src/lib/raft/entry.js';
import {
  decodeHardState,
  encodeHardState,
  isEmptyHardState,
} from '../../../src/lib/raft/hard-state.js';
import {
  decodeProposal,
  encodeProposal,
  PROPOSAL_MARK,
  proposalMark,
} from '../../../src/lib/raft/proposal.js';
import { decodeRaftSnapshot, encodeRaftSnapshot } from '../../../src/lib/raft/raft-snapshot.js';

const bytesOf = (text: string): Uint8Array => unhex(text.replaceAll(' ', ''))!;
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arb, { nil: undefined });
const bytes = fc.uint8Array({ maxLength: 30 }).map((b) => Uint8Array.from(b));

function halves(
  term: bigint,
  index: bigint,
): Pick<EntryHead, 'termLo' | 'termHi' | 'indexLo' | 'indexHi'> {
  const lo = (value: bigint): number => Number(value & 0xffff_ffffn);
  const hi = (value: bigint): number => Number(value >> 32n);
  return { termLo: lo(term), termHi: hi(term), indexLo: lo(index), indexHi: hi(index) };
}

describe('raftpb.Entry', () => {
  const noOp = { type: undefined, term: 2n, index: 5n, data: undefined };
  it('is written with and without its zeros', () => {
    expect(hex(encodeEntry(noOp, PROTO_36))).to.equal('080010021805');
    expect(hex(encodeEntry(noOp, PROTO_37))).to.equal('10021805');
  });
  it('keeps absent and empty data apart in both versions', () => {
    for (const dialect of [PROTO_36, PROTO_37]) {
      expect(decodeEntry(bytesOf('100218052200'), dialect).data).to.have.length(0);
      expect(decodeEntry(bytesOf('10021805'), dialect).data).to.equal(undefined);
      expect(hex(encodeEntry({ ...noOp, data: new Uint8Array(0) }, dialect))).to.match(/2200$/);
    }
  });
  it('keeps presence, unknown fields and unknown types in 3.7', () => {
    const text = '0807100018002200f80101';
    expect(hex(encodeEntry(decodeEntry(bytesOf(text), PROTO_37), PROTO_37))).to.equal(text);
  });
  it('comes back from any values, and its size is known without writing it', () => {
    const entry = fc.record({
      type: maybe(fc.integer({ min: -2, max: 3 })),
      term: maybe(u64),
      index: maybe(u64),
      data: maybe(bytes),
    });
    fc.assert(
      fc.property(entry, (value) => {
        const back = decodeEntry(encodeEntry(value, PROTO_37), PROTO_37);
        expect(back).to.deep.equal({ ...value, unknown: undefined });
        const { type = 0, term = 0n, index = 0n, data } = value;
        let present = 0;
        if (value.type !== undefined) present |= PRESENT.type;
        if (value.term !== undefined) present |= PRESENT.term;
        if (value.index !== undefined) present |= PRESENT.index;
        if (data) present |= PRESENT.data;
        for (const dialect of [PROTO_36, PROTO_37]) {
          const head = { type, present, dataLength: data?.length ?? 0, ...halves(term, index) };
          expect(entrySize(head, dialect)).to.equal(encodeEntry(value, dialect).length);
        }
      }),
    );
  });
});

describe('raftpb.HardState', () => {
  it('has three fields from the core, and no vote from bootstrap under 3.7', () => {
    const bootstrap = { term: 1n, vote: undefined, commit: 1n };
    expect(hex(encodeHardState(bootstrap, PROTO_37))).to.equal('08011801');
    expect(hex(encodeHardState(bootstrap, PROTO_36))).to.equal('080110001801');
    expect(decodeHardState(bytesOf('080210071803'), PROTO_37)).to.include({
      term: 2n,
      vote: 7n,
      commit: 3n,
    });
  });
  it('is empty when all three are 0 or absent', () => {
    expect(isEmptyHardState(decodeHardState(bytesOf('080010001800'), PROTO_36))).to.equal(true);
    expect(isEmptyHardState(decodeHardState(bytesOf('1001'), PROTO_36))).to.equal(false);
  });
});

describe('raftpb.ConfState', () => {
  it('ends with auto_leave where the version or the core writes it', () => {
    const bootstrap = confStateOfVoters([7n]);
    expect(hex(encodeConfState(bootstrap, PROTO_37))).to.equal('0807');
    expect(hex(encodeConfState(bootstrap, PROTO_36))).to.equal('08072800');
    expect(hex(encodeConfState({ ...bootstrap, autoLeave: false }, PROTO_37))).to.equal('08072800');
  });
  it('comes back from any values', () => {
    const ids = fc.array(u64, { maxLength: 4 });
    const state = fc.record({
      voters: ids,
      learners: ids,
      votersOutgoing: ids,
      learnersNext: ids,
      autoLeave: maybe(fc.boolean()),
      unknown: fc.constant(undefined),
    });
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeConfState(encodeConfState(value, PROTO_37), PROTO_37)).to.deep.equal(value);
        const old = decodeConfState(encodeConfState(value, PROTO_36), PROTO_36);
        expect(old).to.deep.equal({ ...value, autoLeave: value.autoLeave ?? false });
      }),
    );
  });
  it('keeps unknown fields under 3.7 only', () => {
    expect(decodeConfState(bytesOf('08073001'), PROTO_36).unknown).to.equal(undefined);
    const kept = decodeConfState(bytesOf('08073001'), PROTO_37);
    expect(hex(encodeConfState(kept, PROTO_37))).to.equal('08073001');
  });
});

describe('raftpb.Snapshot', () => {
  it('always has metadata and conf_state under 3.6', () => {
    const none = { data: undefined, metadata: undefined };
    expect(hex(encodeRaftSnapshot(none, PROTO_36))).to.equal('12080a02280010001800');
    expect(hex(encodeRaftSnapshot(none, PROTO_37))).to.equal('');
  });
  it('keeps absent and empty data apart', () => {
    const empty = decodeRaftSnapshot(bytesOf('0a00 1204 1001 1801'), PROTO_37);
    expect(empty.data).to.have.length(0);
    expect(hex(encodeRaftSnapshot(empty, PROTO_37))).to.equal('0a00120410011801');
    expect(decodeRaftSnapshot(bytesOf('120410011801'), PROTO_37).data).to.equal(undefined);
  });
  it('merges a sub-message that occurs twice', () => {
    const twice = decodeRaftSnapshot(bytesOf('12060a0208011005 12060a0208021806'), PROTO_37);
    expect(twice.metadata?.confState?.voters).to.deep.equal([1n, 2n]);
    expect(twice.metadata).to.include({ index: 5n, term: 6n });
  });
});

describe('raftpb.ConfChange', () => {
  it('leaves unset fields out under 3.7', () => {
    const change = { id: undefined, type: 1, nodeId: 7n, context: undefined };
    expect(hex(encodeConfChange(change, PROTO_37))).to.equal('10011807');
    expect(hex(encodeConfChange(change, PROTO_36))).to.equal('080010011807');
    expect(decodeConfChange(bytesOf('10011807'), PROTO_37)).to.deep.equal(change);
  });
  it('reads and writes v2', () => {
    const change = {
      transition: 1,
      changes: [
        { type: 0, nodeId: 5n },
        { type: 3, nodeId: 6n },
      ],
      context: bytesOf('aa'),
    };
    expect(hex(encodeConfChangeV2(change, PROTO_37))).to.equal('0801120210051204080310061a01aa');
    for (const dialect of [PROTO_36, PROTO_37]) {
      const back = decodeConfChangeV2(encodeConfChangeV2(change, dialect), dialect);
      expect(back).to.deep.equal(change);
    }
  });
});

describe("elastickv's conf change context", () => {
  const good = bytesOf('03 0000000000000009 0000000000000007 0002 0003 6e37 613a31');
  it('holds request, node, id and address', () => {
    expect(decodeConfChangeContext(good, 7n)).to.deep.equal({
      requestId: 9n,
      nodeId: 7n,
      id: toByteString(Buffer.from('n7')),
      address: toByteString(Buffer.from('a:1')),
    });
  });
  it('counts as absent with another version, length or node id', () => {
    expect(decodeConfChangeContext(undefined, 7n)).to.equal(undefined);
    for (let cut = 0; cut < good.length; cut++) {
      expect(decodeConfChangeContext(good.subarray(0, cut), 7n)).to.equal(undefined);
    }
    expect(decodeConfChangeContext(Buffer.concat([good, Buffer.of(0)]), 7n)).to.equal(undefined);
    expect(decodeConfChangeContext(Buffer.from([2, ...good.subarray(1)]), 7n)).to.equal(undefined);
    expect(decodeConfChangeContext(good, 8n)).to.equal(undefined);
    expect(decodeConfChangeContext(good, 0n)?.nodeId).to.equal(7n);
  });
});

describe('proposal envelope', () => {
  it('is version 1, an id and the payload', () => {
    const data = encodeProposal(0x0102n, bytesOf('02ff'));
    expect(hex(data)).to.equal('01000000000000010202ff');
    expect(decodeProposal(data)).to.deep.equal({ id: 0x0102n, payload: bytesOf('02ff') });
  });
  it('is not there in empty, short or otherwise versioned data', () => {
    for (const text of ['', '0100000000000001', '020000000000000102']) {
      expect(decodeProposal(bytesOf(text)), text).to.equal(undefined);
    }
    expect(decodeProposal(bytesOf('010000000000000102'))?.payload).to.have.length(0);
  });
  it('leaves a mark of what its payload begins with', () => {
    const markOf = (text: string): number => {
      const data = bytesOf(text);
      return proposalMark(Uint8Array.of(9, ...data, 7), 1, 1 + data.length);
    };
    for (const text of ['', '0100000000000001', '02000000000000010203']) {
      expect(markOf(text), text).to.equal(PROPOSAL_MARK.NO_PROPOSAL);
    }
    expect(markOf('010000000000000102')).to.equal(PROPOSAL_MARK.NO_PAYLOAD);
    expect(markOf('01000000000000010200')).to.equal(PROPOSAL_MARK.HAS_PAYLOAD);
    expect(markOf('0100000000000001022aff')).to.equal(PROPOSAL_MARK.HAS_PAYLOAD | 0x2a);
  });
});
