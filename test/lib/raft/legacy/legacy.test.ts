import { expect } from 'chai';
import { concatBytes, putU32be } from '../../../../src/lib/bytes/write.js';
import { ToolError } from '../../../../src/lib/core/errors.js';
import { MemorySource, type ByteSource } from '../../../../src/lib/io/byte-source.js';
import { PROTO_36, PROTO_37 } from '../../../../src/lib/proto/dialect.js';
import { confStateOfVoters } from '../../../../src/lib/raft/conf-state.js';
import { encodeEntry } from '../../../../src/lib/raft/entry.js';
import { encodeHardState } from '../../../../src/lib/raft/hard-state.js';
import {
  placeEntries,
  readLegacyEntries,
  readLegacyMeta,
  readLegacyState,
} from '../../../../src/lib/raft/legacy/legacy-files.js';
import { encodeRaftSnapshot } from '../../../../src/lib/raft/raft-snapshot.js';

const u32 = (value: number): Uint8Array => {
  const out = new Uint8Array(4);
  putU32be(out, 0, value);
  return out;
};
const message = (bytes: Uint8Array): Uint8Array => concatBytes(u32(bytes.length), bytes);
const magic = (text: string, version = 1): Uint8Array =>
  concatBytes(Buffer.from(text), u32(version));
const entry = (index: bigint): Uint8Array =>
  message(encodeEntry({ type: 0, term: 2n, index, data: Buffer.from(`d${index}`) }, PROTO_36));
const HARD = message(encodeHardState({ term: 2n, vote: 7n, commit: 42n }, PROTO_36));
const SNAPSHOT = message(
  encodeRaftSnapshot(
    {
      data: Buffer.from('payload'),
      metadata: { confState: confStateOfVoters([7n]), index: 40n, term: 2n },
    },
    PROTO_36,
  ),
);
const STATE = concatBytes(magic('EKVR'), HARD, SNAPSHOT, u32(2), entry(41n), entry(42n));
const META = concatBytes(magic('EKVM'), HARD, SNAPSHOT);
const ENTRIES = concatBytes(magic('EKVW'), entry(41n), entry(42n), entry(43n));
const source = (bytes: Uint8Array): ByteSource => new MemorySource('legacy.bin', bytes);

function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ToolError) return error.nodeError;
    throw error;
  }
}

const state = (bytes: Uint8Array): string | undefined =>
  refusal(() => readLegacyState(source(bytes), PROTO_37));

describe('legacy raft state', () => {
  it('is read from the one file, its rows pointing at the data', () => {
    const read = readLegacyState(source(STATE), PROTO_37);
    expect(read.hardState).to.include({ term: 2n, vote: 7n, commit: 42n });
    expect(Buffer.from(read.snapshot.data!).toString()).to.equal('payload');
    expect(read.snapshot.metadata?.index).to.equal(40n);
    const rows = [...read.entries.rows()];
    expect(rows.map(({ index }) => index)).to.deep.equal([41n, 42n]);
    const { dataOffset, dataLength } = rows[1]!;
    const data = STATE.subarray(dataOffset, dataOffset + dataLength);
    expect(Buffer.from(data).toString()).to.equal('d42');
  });
  it('is read from the split files, the snapshot without data', () => {
    const meta = readLegacyMeta(source(META), PROTO_37);
    expect(meta.snapshot.data).to.equal(undefined);
    expect(meta.snapshot.metadata?.term).to.equal(2n);
    expect(readLegacyEntries(source(ENTRIES), PROTO_37).length).to.equal(3);
  });
  it('takes the end of the file where a length would start for an empty message', () => {
    const head = readLegacyMeta(source(META.subarray(0, 8)), PROTO_37);
    expect(head.hardState.commit).to.equal(undefined);
    const between = STATE.subarray(0, STATE.length - entry(42n).length);
    const rows = [...readLegacyState(source(between), PROTO_37).entries.rows()];
    expect(rows.map(({ index }) => index)).to.deep.equal([41n, 0n]);
    expect(state(STATE.subarray(0, 8))).to.equal('EOF');
  });
  it('refuses a cut inside a length or a body', () => {
    const edges = new Set<number>();
    let at = 8;
    for (const part of [HARD, SNAPSHOT, u32(2), entry(41n), entry(42n)])
      edges.add((at += part.length));
    const count = 8 + HARD.length + SNAPSHOT.length;
    for (let cut = 0; cut < STATE.length; cut++) {
      const text = state(STATE.subarray(0, cut));
      if (edges.has(cut) && cut !== count) expect(text, `${cut}`).to.be.oneOf([undefined, 'EOF']);
      else expect(text, `${cut}`).to.match(/^(unexpected )?EOF$/);
    }
    expect(refusal(() => readLegacyEntries(source(ENTRIES.subarray(0, 12)), PROTO_37))).to.equal(
      'EOF',
    );
    expect(refusal(() => readLegacyEntries(source(ENTRIES.subarray(0, 14)), PROTO_37))).to.equal(
      'unexpected EOF',
    );
  });
  it('refuses magic, version and sizes beyond the limits', () => {
    expect(state(concatBytes(Buffer.from('EKVX'), STATE.subarray(4)))).to.equal(
      'invalid etcd raft state magic',
    );
    expect(refusal(() => readLegacyMeta(source(STATE), PROTO_37))).to.equal(
      'invalid etcd raft metadata magic',
    );
    expect(refusal(() => readLegacyEntries(source(magic('EKVW', 2)), PROTO_37))).to.equal(
      'unsupported etcd raft entries version 2',
    );
    const big = concatBytes(magic('EKVR'), u32((1 << 20) + 1));
    expect(state(big)).to.equal('persisted hard state size 1048577 exceeds limit 1048576');
    const snapshot = concatBytes(magic('EKVM'), HARD, u32((1 << 20) + 1));
    expect(refusal(() => readLegacyMeta(source(snapshot), PROTO_37))).to.equal(
      'persisted snapshot metadata size 1048577 exceeds limit 1048576',
    );
    const many = concatBytes(magic('EKVR'), HARD, SNAPSHOT, u32((1 << 20) + 1));
    expect(state(many)).to.equal('persisted entry count 1048577 exceeds limit 1048576');
    const huge = concatBytes(magic('EKVW'), u32(66 << 20));
    expect(refusal(() => readLegacyEntries(source(huge), PROTO_37))).to.equal(
      'persisted entry size 69206016 exceeds limit 68157440',
    );
  });
  it('ignores trailing bytes', () => {
    expect(state(concatBytes(STATE, Buffer.from('trailing')))).to.equal(undefined);
  });
});

describe("raft's storage over legacy entries", () => {
  const table = (...indexes: bigint[]): ReturnType<typeof readLegacyEntries> =>
    readLegacyEntries(source(concatBytes(magic('EKVW'), ...indexes.map(entry))), PROTO_37);

  it('drops what lies below, cuts what overlaps, and counts the rest by position', () => {
    const none = { firstRow: 2, firstIndex: 41n, last: 40n };
    expect(placeEntries(table(39n, 40n), 40n)).to.deep.equal(none);
    expect(placeEntries(table(), 40n)).to.deep.equal({ ...none, firstRow: 0 });
    const two = { firstRow: 0, firstIndex: 41n, last: 42n };
    expect(placeEntries(table(41n, 42n), 40n)).to.deep.equal(two);
    expect(placeEntries(table(39n, 40n, 41n, 42n), 40n)).to.deep.equal({ ...two, firstRow: 2 });
    expect(placeEntries(table(41n, 45n), 40n)).to.deep.equal(two);
  });
  it('panics over a first entry above the next', () => {
    expect(placeEntries(table(44n), 40n)).to.deep.equal({
      panic: 'missing log entry [last: 40, append at: 44]',
    });
  });
});
