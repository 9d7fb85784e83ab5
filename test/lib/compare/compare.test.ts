/** Which member to keep, and what is said of the others, over logs that are made for it. */
import { expect } from 'chai';
import fc from 'fast-check';
import { compareMembers, type Comparison } from '../../../src/lib/compare/compare.js';
import { readLogAlone } from '../../../src/lib/compare/log-alone.js';
import { relationOf, type MemberLog } from '../../../src/lib/compare/member-log.js';
import type { MemberState } from '../../../src/lib/compare/member.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import type { MemorySource } from '../../../src/lib/io/byte-source.js';
import { MemoryDir } from '../../../src/lib/io/memory-dir.js';
import { labelsOf } from '../../../src/lib/report/views/compare.js';
import { leaseData, madeLog, type MadeEntry } from '../replay/made-log.js';

function groupOf(entries: readonly MadeEntry[], commit: bigint): Map<string, Uint8Array> {
  const segments = madeLog(entries, commit);
  return new Map(
    segments.map(({ name, source }) => [`wal/${name}`, (source as MemorySource).bytes]),
  );
}

async function logOf(entries: readonly MadeEntry[], commit = 0n): Promise<MemberLog> {
  const group = new MemoryDir('g', groupOf(entries, commit));
  const alone = await readLogAlone(group, GENERATIONS['snapshot-pointer'], NO_PACE);
  expect(alone).to.not.equal(null);
  return alone!.log;
}

/** Entries 1 to n of the terms given; `mark` changes the content of one of them. */
function entriesOf(terms: readonly number[], mark?: number): MadeEntry[] {
  return terms.map((term, i) => ({
    index: BigInt(i + 1),
    term: BigInt(term),
    data: leaseData(i === mark ? 777 : i + 1),
  }));
}

const VOTERS = ['n1', 'n2', 'n3'].map((id) => ({
  id,
  address: `${id}:1`,
  suffrage: 'voter' as const,
}));

async function member(
  raftId: string,
  terms: readonly number[],
  more: Partial<MemberState> = {},
  mark?: number,
): Promise<MemberState> {
  const log = await logOf(entriesOf(terms, mark), more.commit ?? 0n);
  return {
    path: `/data/${raftId}`,
    raftId,
    verdict: 'boots-skip',
    refusal: null,
    term: BigInt(terms.at(-1) ?? 0),
    commit: 0n,
    snapshotIndex: null,
    lastTerm: BigInt(terms.at(-1) ?? 0),
    lastIndex: BigInt(terms.length),
    appliedIndex: 0n,
    storeSha256: null,
    members: VOTERS,
    log,
    damaged: false,
    ...more,
  };
}

function codesOf({ findings }: Comparison): string[] {
  return findings.map(({ code, severity }) => `${severity} ${code}`).sort();
}

describe('logs of two members', () => {
  it('are the same where both have the entry, and differ at the first that is another', async () => {
    const terms = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(terms, terms, fc.nat(11), async (a, b, mark) => {
        const [x, y] = [await logOf(entriesOf(a)), await logOf(entriesOf(b, mark))];
        const shared = Math.min(a.length, b.length);
        const at = [...a.keys()].slice(0, shared).find((i) => a[i] !== b[i] || i === mark);
        const relation = relationOf(x, y);
        if (at === undefined) {
          expect(relation).to.deep.equal({ kind: 'same', from: 1n, to: BigInt(shared) });
        } else {
          const there = [BigInt(a[at]!), BigInt(b[at]!)];
          expect(relation).to.deep.equal({ kind: 'differs', at: BigInt(at + 1), terms: there });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('without a common index tell nothing', async () => {
    expect(relationOf(null, await logOf(entriesOf([1])))).to.deep.equal({
      kind: 'nothing-in-common',
    });
  });

  it('are read up to their damage', async () => {
    const files = groupOf(entriesOf([1, 1, 2, 2]), 4n);
    const [name, bytes] = [...files][0]!;
    const broken = Buffer.from(bytes);
    // Inside the last entries; what lies before them stays readable.
    broken[broken.length - 150]! ^= 0xff;
    const group = new MemoryDir('g', new Map([[name, broken]]));
    const alone = await readLogAlone(group, GENERATIONS['committed-tail'], NO_PACE);
    expect(alone?.damaged).to.equal(true);
    expect(Number(alone?.log.last)).to.be.below(4);
    const nothing = new MemoryDir('g', new Map([['snap/x', new Uint8Array(0)]]));
    expect(await readLogAlone(nothing, GENERATIONS['committed-tail'], NO_PACE)).to.equal(null);
  });
});

describe('the member to keep', () => {
  it('has the highest last term, then the highest index, then the furthest store', async () => {
    const long = await member('n1', [1, 1, 1, 1]);
    const late = await member('n2', [1, 2]);
    const later = await member('n3', [1, 2], { appliedIndex: 2n });
    const found = compareMembers([long, late, later]);
    expect(found.keep?.raftId).to.equal('n3');
    expect(found.members.map(({ behind }) => behind)).to.deep.equal([0n, 0n, 0n]);
    expect(found.members[0]?.relation).to.deep.equal({ kind: 'differs', at: 2n, terms: [2n, 1n] });
    expect(codesOf(found)).to.deep.equal(['note compare-tail-differs']);
  });

  it('boots; one with a newer log that refuses is named, and what is lost without it', async () => {
    const refuses = { verdict: 'refuses', refusal: 'no', commit: 4n, members: [] } as const;
    const newest = await member('n1', [1, 1, 1, 1], refuses);
    const rest = await member('n2', [1, 1], { commit: 2n });
    const found = compareMembers([newest, rest]);
    expect([found.newest?.raftId, found.keep?.raftId, found.missing]).to.deep.equal([
      'n1',
      'n2',
      2n,
    ]);
    expect(found.voters).to.deep.equal({ total: 3, seen: 2 });
    expect(codesOf(found)).to.deep.equal([
      'warning compare-committed-missing',
      'warning compare-newest-refuses',
    ]);
    expect(compareMembers([newest]).keep).to.equal(null);
  });

  it('is no matter of luck among members that contradict each other', async () => {
    const one = await member('n1', [1, 1, 1], { commit: 3n });
    const other = await member('n2', [1, 1, 1], { commit: 2n }, 1);
    const found = compareMembers([one, other]);
    expect(codesOf(found)).to.deep.equal(['error compare-history-differs']);
    expect(found.findings[0]?.message).to.match(/differ from index 2 on.*term 1 on both/);
  });
});

describe('members side by side', () => {
  it('too few, twice the same, other lists, other rows', async () => {
    const one = await member('n1', [1], { appliedIndex: 1n, storeSha256: 'aa'.repeat(32) });
    const copy = await member('n1', [1], {
      path: '/data/n1.copy',
      appliedIndex: 1n,
      storeSha256: 'bb'.repeat(32),
      members: VOTERS.slice(0, 2),
    });
    expect(codesOf(compareMembers([one, copy]))).to.deep.equal([
      'note compare-members-differ',
      'warning compare-no-majority',
      'warning compare-same-node',
      'warning compare-stores-differ',
    ]);
    const apart = await member('n2', [1], { appliedIndex: 0n, storeSha256: 'bb'.repeat(32) });
    expect(codesOf(compareMembers([one, apart]))).to.deep.equal([]);
  });
});

describe('names of members in a table', () => {
  it('are as short as they can be told apart', () => {
    expect(labelsOf(['/a/n1', '/a/n2/'])).to.deep.equal(['n1', 'n2']);
    expect(labelsOf(['/a/x/data', '/a/y/data', '/b/x/data'])).to.deep.equal([
      'a/x/data',
      'a/y/data',
      'b/x/data',
    ]);
    expect(labelsOf(['n1', 'n1'])).to.deep.equal(['n1', 'n1']);
    expect(labelsOf(['/n1', 'n1'])).to.deep.equal(['/n1', 'n1']);
  });
});
