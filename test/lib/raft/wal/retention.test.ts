import { expect } from 'chai';
import {
  heldAfterRelease,
  purgedSnapFiles,
  purgedWalFiles,
} from '../../../../src/lib/raft/wal/retention.js';
import { parseSegmentName, segmentName } from '../../../../src/lib/raft/wal/segment-name.js';

const held = [0n, 100n, 200n, 300n].map((index, seq) =>
  parseSegmentName(segmentName(BigInt(seq), index))!,
);
const seqs = (index: bigint): number[] =>
  heldAfterRelease(held, index).map(({ seq }) => Number(seq));

describe('retention', () => {
  it('keeps the segment with the index locked, and the one before where one starts exactly there', () => {
    expect(seqs(150n)).to.deep.equal([1, 2, 3]);
    expect(seqs(200n)).to.deep.equal([1, 2, 3]);
    expect(seqs(201n)).to.deep.equal([2, 3]);
    expect(seqs(0n)).to.deep.equal([0, 1, 2, 3]);
    expect(seqs(999n)).to.deep.equal([3]);
    expect(heldAfterRelease([], 5n)).to.deep.equal([]);
  });
  it('deletes all but the newest, held ones excepted', () => {
    const names = ['1', '2', '3', '4', '5', '6', '7'];
    expect(purgedWalFiles(names, new Set(['2']))).to.deep.equal(['1']);
    expect(purgedWalFiles(names, new Set(), 1)).to.deep.equal(names.slice(0, 6));
    expect(purgedWalFiles(['1'], new Set())).to.deep.equal([]);
    expect(purgedSnapFiles(['a', 'b', 'c', 'd'])).to.deep.equal(['a']);
  });
});
