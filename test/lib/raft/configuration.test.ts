import { expect } from 'chai';
import fc from 'fast-check';
import { asV2, type ConfChangeV2 } from '../../../src/lib/raft/conf-change.js';
import { emptyConfState, type ConfState } from '../../../src/lib/raft/conf-state.js';
import { Configuration, isPanic } from '../../../src/lib/raft/configuration.js';
import { createRaftCore } from '../../../src/lib/raft/core-check.js';

const state = (part: Partial<ConfState>): ConfState => ({ ...emptyConfState(), ...part });

function rebuilt(part: Partial<ConfState>): Configuration {
  const built = Configuration.rebuild(state(part));
  if (isPanic(built)) throw new Error(built.panic);
  return built;
}

function panicOf(result: Configuration | { panic: string }): string | undefined {
  return isPanic(result) ? result.panic : undefined;
}

function change(type: number, nodeId: bigint): ConfChangeV2 {
  return asV2({ id: undefined, type, nodeId, context: undefined });
}

describe('rebuilding a ConfState (spec §6.5)', () => {
  const NOT_EQUIVALENT = 'ConfStates not equivalent after sorting:';
  const rows: [string, Partial<ConfState>, string | undefined][] = [
    ['learners but no voters', { learners: [2n] }, 'removed all voters'],
    ['only voter 0', { voters: [0n] }, 'removed all voters'],
    ['voter 0 first', { voters: [0n, 1n] }, 'removed all voters'],
    ['voter 0 further down', { voters: [1n, 0n] }, NOT_EQUIVALENT],
    ['a duplicate', { voters: [1n, 1n] }, NOT_EQUIVALENT],
    ['voter and learner', { voters: [1n, 2n], learners: [1n] }, NOT_EQUIVALENT],
    ['the only voter as learner', { voters: [1n], learners: [1n] }, 'removed all voters'],
    ['auto_leave without outgoing', { voters: [1n], autoLeave: true }, NOT_EQUIVALENT],
    ['unknown fields', { voters: [1n], unknown: new Uint8Array(2) }, NOT_EQUIVALENT],
    ['nothing at all', {}, undefined],
    ['any order', { voters: [3n, 1n, 2n], learners: [9n, 4n], autoLeave: false }, undefined],
    [
      'a joint state',
      { voters: [1n, 2n], votersOutgoing: [1n, 3n], learnersNext: [3n] },
      undefined,
    ],
  ];
  for (const [what, part, text] of rows) {
    it(`${text === undefined ? 'takes' : 'panics over'} ${what}`, () => {
      expect(panicOf(Configuration.rebuild(state(part)))).to.equal(text);
    });
  }
});

describe('conf changes on the raft core (spec §6.7)', () => {
  const base = rebuilt({ voters: [1n, 2n, 3n], learners: [4n] });

  it('move nodes between voters and learners', () => {
    const rows: [ConfChangeV2, bigint[], bigint[]][] = [
      [change(0, 5n), [1n, 2n, 3n, 5n], [4n]],
      [change(0, 4n), [1n, 2n, 3n, 4n], []],
      [change(3, 3n), [1n, 2n], [3n, 4n]],
      [change(3, 6n), [1n, 2n, 3n], [4n, 6n]],
      [change(1, 2n), [1n, 3n], [4n]],
      [change(1, 4n), [1n, 2n, 3n], []],
      [change(1, 99n), [1n, 2n, 3n], [4n]],
      [change(2, 2n), [1n, 2n, 3n], [4n]],
      [change(1, 0n), [1n, 2n, 3n], [4n]],
    ];
    for (const [cc, voters, learners] of rows) {
      const next = base.apply(cc);
      if (isPanic(next)) throw new Error(next.panic);
      expect(next.confState()).to.deep.equal({
        ...emptyConfState(),
        voters,
        learners,
        autoLeave: false,
      });
    }
  });

  it('panic with the texts of raft', () => {
    const one = rebuilt({ voters: [1n] });
    const joint = rebuilt({ voters: [1n, 2n], votersOutgoing: [1n, 3n] });
    const v2 = (transition: number, ...ids: bigint[]): ConfChangeV2 => ({
      transition,
      changes: ids.map((nodeId) => ({ type: 0, nodeId })),
      context: undefined,
    });
    const rows: [Configuration | { panic: string }, string][] = [
      [one.apply(change(1, 1n)), 'removed all voters'],
      [one.apply(change(3, 1n)), 'removed all voters'],
      [one.apply(change(7, 1n)), 'unexpected conf type 7'],
      [one.apply(v2(0)), "can't leave a non-joint config"],
      [joint.apply(v2(1, 5n)), 'config is already joint'],
      [joint.apply(change(0, 5n)), "can't apply simple config change in joint config"],
      [Configuration.EMPTY.apply(v2(2, 5n)), "can't make a zero-voter config joint"],
      [one.apply(v2(9, 5n)), 'unknown transition: 9'],
    ];
    for (const [result, text] of rows) expect(panicOf(result)).to.equal(text);
  });

  it('enter and leave a joint state', () => {
    const joint = base.apply({
      transition: 0,
      changes: [
        { type: 1, nodeId: 2n },
        { type: 3, nodeId: 3n },
        { type: 0, nodeId: 5n },
      ],
      context: undefined,
    });
    if (isPanic(joint)) throw new Error(joint.panic);
    expect(joint.confState()).to.deep.include({
      voters: [1n, 5n],
      votersOutgoing: [1n, 2n, 3n],
      learners: [4n],
      learnersNext: [3n],
      autoLeave: true,
    });
    const left = joint.apply({ transition: 0, changes: [], context: undefined });
    if (isPanic(left)) throw new Error(left.panic);
    expect(left.confState()).to.deep.equal({
      ...emptyConfState(),
      voters: [1n, 5n],
      learners: [3n, 4n],
      autoLeave: false,
    });
    expect(rebuilt({ voters: [7n], learners: [8n] }).soleVoter()).to.equal(7n);
    expect(left.soleVoter()).to.equal(undefined);
  });

  it('always give a ConfState that can be rebuilt', () => {
    const changes = fc.array(fc.tuple(fc.nat(3), fc.bigInt({ min: 0n, max: 6n })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, (list) => {
        let now = rebuilt({ voters: [1n] });
        for (const [type, id] of list) {
          const next = now.apply(change(type, id));
          if (!isPanic(next)) now = next;
        }
        expect(panicOf(Configuration.rebuild(now.confState()))).to.equal(undefined);
      }),
    );
  });
});

describe('creating the raft core (spec §6.5)', () => {
  const sound = {
    nodeId: 0xabcn,
    confState: state({ voters: [0xabcn] }),
    base: 40n,
    last: 84n,
    hardState: { term: 2n, vote: 0n, commit: 80n },
    floor: 0n,
  };
  const panic = (part: object): string | undefined =>
    panicOf(createRaftCore({ ...sound, ...part }));

  it('takes what is sound', () => {
    expect(panic({})).to.equal(undefined);
    expect(panic({ floor: 40n })).to.equal(undefined);
    expect(panic({ floor: 80n })).to.equal(undefined);
    expect(panic({ hardState: { term: 0n, vote: undefined, commit: 0n } })).to.equal(undefined);
  });
  it('panics over node id, commit and floor', () => {
    expect(panic({ nodeId: 0n })).to.equal('cannot use none as id');
    expect(panic({ nodeId: 2n ** 64n - 1n })).to.equal('cannot use local target as id');
    expect(panic({ nodeId: 2n ** 64n - 2n })).to.equal('cannot use local target as id');
    const commit = (n: bigint): object => ({ hardState: { term: 2n, vote: 0n, commit: n } });
    expect(panic(commit(39n))).to.equal('abc state.commit 39 is out of range [40, 84]');
    expect(panic(commit(85n))).to.equal('abc state.commit 85 is out of range [40, 84]');
    const text = 'applied(81) is out of range [prevApplied(40), committed(80)]';
    expect(panic({ floor: 81n })).to.equal(text);
    const empty = {
      floor: 41n,
      hardState: { term: undefined, vote: undefined, commit: undefined },
    };
    expect(panic(empty)).to.equal('applied(41) is out of range [prevApplied(40), committed(40)]');
  });
});
