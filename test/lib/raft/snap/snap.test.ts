import { expect } from 'chai';
import { hex, unhex } from '../../../../src/lib/bytes/hex.js';
import { MemoryDir } from '../../../../src/lib/io/memory-dir.js';
import { PROTO_36, PROTO_37 } from '../../../../src/lib/proto/dialect.js';
import { confStateOfVoters } from '../../../../src/lib/raft/conf-state.js';
import type { RaftSnapshot } from '../../../../src/lib/raft/raft-snapshot.js';
import { chooseSnapshot } from '../../../../src/lib/raft/snap/choose.js';
import {
  decodeSnapFile,
  encodeSnapFile,
  isSnapFailure,
} from '../../../../src/lib/raft/snap/snap-file.js';
import { fsmIndexOf, liveIndexOf, snapName } from '../../../../src/lib/raft/snap/snap-name.js';

const GOLDEN = unhex('08e2b3c9d90b121d0a11454b5654010000000000000001deadbeef12080a02080710011801')!;
const TOKEN = unhex('454b5654010000000000000001deadbeef')!;

const snapshotAt = (term: bigint, index: bigint): RaftSnapshot => ({
  data: TOKEN,
  metadata: { confState: confStateOfVoters([7n]), index, term },
});

function failure(bytes: Uint8Array, dialect = PROTO_37): string {
  const file = decodeSnapFile(bytes, dialect);
  return isSnapFailure(file) ? `${file.code}: ${file.nodeError}` : 'read';
}

describe('a .snap file', () => {
  it('is written byte for byte as the node does', () => {
    expect(hex(encodeSnapFile(snapshotAt(1n, 1n), PROTO_37))).to.equal(hex(GOLDEN));
  });
  it('is read back', () => {
    const file = decodeSnapFile(GOLDEN, PROTO_37);
    if (isSnapFailure(file)) throw new Error(file.detail);
    expect(file.crc).to.equal(0xbb3259e2);
    expect(hex(file.snapshot.data!)).to.equal(hex(TOKEN));
    expect(file.snapshot.metadata).to.include({ index: 1n, term: 1n });
    expect(file.snapshot.metadata?.confState?.voters).to.deep.equal([7n]);
  });
  it('fails in the order of the checks, each with its name', () => {
    const empty = 'snap-empty: snap: empty snapshot';
    expect(failure(new Uint8Array(0))).to.equal(empty);
    expect(failure(unhex('08e2b3c9d90b')!)).to.equal(empty);
    expect(failure(GOLDEN.subarray(6))).to.equal(empty);
    const flipped = Uint8Array.from(GOLDEN);
    flipped[20]! ^= 1;
    expect(failure(flipped)).to.equal('snap-crc-mismatch: snap: crc mismatch');
    expect(failure(unhex('0001')!, PROTO_36)).to.equal(
      'snap-malformed: proto: snapshot: illegal tag 0 (wire type 0)',
    );
    const inner = unhex('08a3d2e0a50e120101')!;
    expect(failure(inner)).to.match(/^snap-(crc|malformed)/);
  });
  it('is not readable at any truncation, nor with any flipped bit but in a zero', () => {
    for (const dialect of [PROTO_36, PROTO_37]) {
      for (let cut = 0; cut < GOLDEN.length; cut++) {
        expect(failure(GOLDEN.subarray(0, cut), dialect), `cut ${cut}`).to.not.equal('read');
      }
    }
    for (let bit = 8 * 8; bit < GOLDEN.length * 8; bit++) {
      const bytes = Uint8Array.from(GOLDEN);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(failure(bytes), `bit ${bit}`).to.not.equal('read');
    }
  });
});

describe('names in snap/', () => {
  it('have the term first', () => {
    expect(snapName(2n, 0x28n)).to.equal('0000000000000002-0000000000000028.snap');
  });
  it('keep .fsm files alive by the hex behind the last dash', () => {
    const rows: [string, bigint | undefined, bigint | undefined][] = [
      ['0000000000000002-0000000000000028.snap', 0x28n, 0x28n],
      ['2-28.snap', 0x28n, 0x28n],
      ['2-00000000000000000028.snap', 0x28n, 0x28n],
      ['1-2-28.snap', 0x28n, undefined],
      ['zz-28.snap', 0x28n, undefined],
      ['-28.snap', 0x28n, undefined],
      ['2-AbC.snap', 0xabcn, 0xabcn],
      ['2-0.snap', undefined, undefined],
      ['2-10000000000000000.snap', undefined, undefined],
      ['28.snap', undefined, undefined],
      ['2-28.snap.broken', undefined, undefined],
      ['2-28.snap.db', undefined, undefined],
      ['2-.snap', undefined, undefined],
    ];
    for (const [name, old, now] of rows) {
      expect(liveIndexOf(name, false), name).to.equal(old);
      expect(liveIndexOf(name, true), name).to.equal(now);
    }
  });
  it('give the index of a .fsm, whatever its digits', () => {
    expect(fsmIndexOf('0000000000000028.fsm')).to.equal(0x28n);
    expect(fsmIndexOf('28.fsm')).to.equal(0x28n);
    expect(fsmIndexOf('0.fsm')).to.equal(0n);
    expect(fsmIndexOf('x28.fsm')).to.equal(undefined);
    expect(fsmIndexOf('28.fsm.tmp')).to.equal(undefined);
  });
});

describe('choosing a snapshot', () => {
  const file = (term: bigint, index: bigint): [string, Uint8Array] => [
    snapName(term, index),
    encodeSnapFile(snapshotAt(term, index), PROTO_37),
  ];
  const choose = (
    files: [string, Uint8Array][],
    valid: { term: bigint; index: bigint }[],
  ): ReturnType<typeof chooseSnapshot> =>
    chooseSnapshot(new MemoryDir('snap', new Map(files)), valid, PROTO_37);

  it('takes the newest by name that the WAL vouches for', () => {
    const files = [file(1n, 90n), file(2n, 40n), file(2n, 50n), file(3n, 10n)];
    const choice = choose(files, [
      { term: 1n, index: 90n },
      { term: 2n, index: 40n },
    ]);
    expect(choice.chosen).to.include({ name: snapName(2n, 40n), term: 2n, index: 40n });
    expect(choice.unvouched.map(({ index }) => index)).to.deep.equal([10n, 50n]);
    expect(choice.unopened).to.deep.equal([snapName(1n, 90n)]);
    expect(choice.renames).to.deep.equal([]);
  });
  it('renames what cannot be read, down to the first that fits and no further', () => {
    const broken: [string, Uint8Array] = [snapName(3n, 60n), GOLDEN.subarray(0, 9)];
    const older: [string, Uint8Array] = [snapName(1n, 1n), new Uint8Array(0)];
    const choice = choose([broken, file(2n, 50n), older], [{ term: 2n, index: 50n }]);
    expect(choice.chosen?.index).to.equal(50n);
    expect(choice.renames).to.have.length(1);
    expect(choice.renames[0]).to.include({
      code: 'snap-malformed',
      from: snapName(3n, 60n),
      to: `${snapName(3n, 60n)}.broken`,
    });
  });
  it('deletes db.tmp names, skips the other kinds, and finds nothing', () => {
    const nothing = new Uint8Array(0);
    const choice = choose(
      [
        ['db.tmp1', nothing],
        ['db.tmp2.snap', nothing],
        ['0.snap.db', nothing],
        ['0.snap.broken', nothing],
        ['db', nothing],
      ],
      [],
    );
    expect(choice).to.deep.equal({
      chosen: undefined,
      renames: [],
      deletions: ['db.tmp1', 'db.tmp2.snap'],
      unvouched: [],
      unopened: [],
    });
  });
  it('refuses over a db.tmp directory with content, after deleting those before it', () => {
    const choice = choose(
      [
        ['db.tmp1', new Uint8Array(0)],
        ['db.tmpdir/x', new Uint8Array(0)],
      ],
      [],
    );
    expect(choice.deletions).to.deep.equal(['db.tmp1']);
    expect(choice.refusal).to.equal(
      'failed to remove orphaned .snap.db file db.tmpdir: ' +
        'remove snap/db.tmpdir: directory not empty',
    );
  });
  it('takes term and index from inside, the name only for the order', () => {
    const files: [string, Uint8Array][] = [
      [snapName(9n, 9n), encodeSnapFile(snapshotAt(2n, 50n), PROTO_37)],
    ];
    expect(choose(files, [{ term: 2n, index: 50n }]).chosen?.index).to.equal(50n);
    expect(choose(files, [{ term: 9n, index: 9n }]).chosen).to.equal(undefined);
  });
});
