import { expect } from 'chai';
import fc from 'fast-check';
import { hex, unhex } from '../../../../src/lib/bytes/hex.js';
import { ToolError } from '../../../../src/lib/core/errors.js';
import { MemorySource } from '../../../../src/lib/io/byte-source.js';
import { asV2, type ConfChangeV2 } from '../../../../src/lib/raft/conf-change.js';
import { emptyConfState } from '../../../../src/lib/raft/conf-state.js';
import {
  checkBootstrapSeed,
  checkConfState,
  membersOf,
  peerMapOf,
  peersAfter,
  peersListAfter,
  withSuffrageOf,
} from '../../../../src/lib/raft/peers/membership.js';
import {
  isPeersRefusal,
  nodeIdOf,
  normalisePeers,
  type Peer,
} from '../../../../src/lib/raft/peers/peer.js';
import { encodePeersFile, readPeersFile } from '../../../../src/lib/raft/peers/peers-file.js';

const read = (bytes: Uint8Array, newest: 1 | 2 | 3 = 3): ReturnType<typeof readPeersFile> =>
  readPeersFile(new MemorySource('etcd-raft-peers.bin', bytes), newest);

function refusal(bytes: Uint8Array, newest: 1 | 2 | 3 = 3): string | undefined {
  try {
    read(bytes, newest);
    return undefined;
  } catch (error) {
    if (error instanceof ToolError) return error.nodeError;
    throw error;
  }
}

/** As a node of 2026-06 wrote it: version 2, index 40, n1 to n3 by node id. */
const RECORDED = unhex(
  '454b56500000000200000000000000280000000308b37b07b558d4c000000000026e310000000f' +
    '3132372e302e302e313a353030353108b37d07b558d82600000000026e330000000f' +
    '3132372e302e302e313a353030353308b37e07b558d9d900000000026e320000000f' +
    '3132372e302e302e313a3530303532',
)!;

const peer = (id: string, more: Partial<Peer> = {}): Peer => ({
  nodeId: nodeIdOf(id),
  id,
  address: `${id}:1`,
  suffrage: 'voter',
  ...more,
});

describe('the peers file', () => {
  it('is read and written back as a node wrote it', () => {
    const file = read(RECORDED);
    expect(file).to.include({ version: 2, index: 40n });
    expect(file.peers.map(({ id, address }) => `${id} ${address}`)).to.deep.equal([
      'n1 127.0.0.1:50051',
      'n3 127.0.0.1:50053',
      'n2 127.0.0.1:50052',
    ]);
    expect(file.peers.every(({ id, nodeId }) => nodeId === nodeIdOf(id))).to.equal(true);
    expect(hex(encodePeersFile(file))).to.equal(hex(RECORDED));
    const newer = encodePeersFile({ ...file, version: 3 });
    const expected = hex(RECORDED).replace('00000002', '00000003');
    expect(hex(newer)).to.equal(`${expected}0000000000`);
  });

  it('refuses every truncation, with the words of Go', () => {
    const file = encodePeersFile({ ...read(RECORDED), version: 3 });
    for (let cut = 0; cut < file.length; cut++) {
      expect(refusal(file.subarray(0, cut)), `cut ${cut}`).to.match(/^(unexpected )?EOF$/);
    }
    expect(refusal(new Uint8Array(0))).to.equal('EOF');
    expect(refusal(file.subarray(0, 2))).to.equal('unexpected EOF');
    expect(refusal(Buffer.concat([file, Buffer.of(1, 2, 3)]))).to.equal(undefined);
  });

  it('refuses magic, versions, counts, sizes and flags out of range', () => {
    const patched = (offset: number, ...bytes: number[]): Uint8Array => {
      const out = encodePeersFile({ ...read(RECORDED), version: 3 });
      out.set(bytes, offset);
      return out;
    };
    const end = patched(0, 0x45).length;
    const rows: [Uint8Array, string][] = [
      [patched(0, 0), 'invalid etcd raft peers magic'],
      [patched(7, 4), 'unsupported etcd raft peers version 4'],
      [patched(7, 0), 'unsupported etcd raft peers version 0'],
      [patched(16, 0, 0, 4, 1), 'persisted peer count 1025 exceeds limit 1024'],
      [patched(28, 2), 'unknown peer suffrage byte 2'],
      [patched(29, 0, 16, 0, 1), 'peer id size 1048577 exceeds limit 1048576'],
      [patched(35, 0, 16, 0, 1), 'peer address size 1048577 exceeds limit 1048576'],
      [patched(end - 5, 2), 'unknown bootstrap seed active byte 2'],
      [patched(end - 4, 0, 0, 4, 1), 'persisted bootstrap seed count 1025 exceeds limit 1024'],
    ];
    for (const [bytes, text] of rows) expect(refusal(bytes)).to.equal(text);
    expect(refusal(patched(7, 3), 2)).to.equal('unsupported etcd raft peers version 3');
  });

  it('comes back from any values, sorted by node id', () => {
    const id = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 5 });
    const peers = fc.array(
      fc.record({
        nodeId: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
        id,
        address: id,
        suffrage: fc.constantFrom('voter' as const, 'learner' as const),
      }),
    );
    fc.assert(
      fc.property(peers, peers, fc.boolean(), (list, seedPeers, active) => {
        const index = 2n ** 63n + 5n;
        const file = {
          version: 3 as const,
          index,
          peers: list,
          seed: { active, peers: seedPeers },
        };
        const back = read(encodePeersFile(file));
        const order = back.peers.map(({ nodeId }) => nodeId);
        expect(order).to.deep.equal([...order].sort((a, b) => (a < b ? -1 : 1)));
        expect(back.peers).to.have.deep.members(list);
        expect(back.seed.peers).to.have.deep.members(seedPeers);
        expect(back).to.include({ version: 3, index });
      }),
    );
  });
});

describe('normalising peers (spec §6.2)', () => {
  const local = peer('n1');
  const normal = (list: Peer[], origin: 'flags' | 'file' = 'file'): Peer[] | string => {
    const result = normalisePeers(list, local, origin);
    return isPeersRefusal(result) ? result.refusal : result;
  };

  it('derives node ids, ids and suffrage, and sorts', () => {
    const given = { nodeId: 0n, suffrage: undefined };
    const list = normal([peer('n2', given), peer('n1', given)], 'flags');
    expect(list).to.deep.equal([peer('n1'), peer('n2')]);
    expect(nodeIdOf('n1')).to.equal(0x08b37b07b558d4c0n);
    const nameless = normal([local, peer('', { nodeId: 5n, address: '' })]) as Peer[];
    expect(nameless.find(({ nodeId }) => nodeId === 5n)?.id).to.equal('5');
    const byAddress = normal([local, peer('', { nodeId: 6n, address: 'a:1' })]) as Peer[];
    expect(byAddress.find(({ nodeId }) => nodeId === 6n)?.id).to.equal('a:1');
  });
  it('lets a peer that matches the local one take over its identity', () => {
    const byAddress = [peer('other', { address: local.address, suffrage: 'learner' })];
    expect(normal(byAddress)).to.deep.equal([{ ...local, suffrage: 'learner' }]);
  });
  it('refuses in the words of the node', () => {
    const id = 'etcd raft peer node id collides';
    const rows: [Peer[] | string, string][] = [
      [normal([peer('', { nodeId: 0n })]), 'etcd raft peer id is required'],
      [normal([peer('n1', { address: '' })], 'flags'), 'etcd raft peer address is required'],
      [normal([local, peer('n3'), peer('n3')]), `duplicate peer id "n3": ${id}`],
      [
        normal([local, peer('n3'), peer('n2', { nodeId: nodeIdOf('n3') })]),
        `"n3" and "n2" map to ${nodeIdOf('n3')}: ${id}`,
      ],
      [normal([peer('n2')]), 'etcd raft local peer is missing from cluster config'],
    ];
    for (const [result, text] of rows) expect(result).to.equal(text);
  });
});

describe('peers against a ConfState (spec §7.2)', () => {
  const tail = ': etcd raft persisted cluster does not match configured peers';
  const peers = [peer('a', { nodeId: 1n }), peer('b', { nodeId: 2n }), peer('c', { nodeId: 3n })];
  const learner = peer('d', { nodeId: 4n, suffrage: 'learner' });
  const check = (
    conf: Partial<ReturnType<typeof emptyConfState>>,
    list = peers,
    index = 0n,
  ): string | undefined =>
    checkConfState(40n, { ...emptyConfState(), ...conf }, list, { index })?.refusal;

  it('agrees, or is not checked', () => {
    expect(check({ voters: [1n, 2n, 3n] })).to.equal(undefined);
    expect(check({ voters: [1n, 2n, 3n], learners: [4n] }, [...peers, learner])).to.equal(
      undefined,
    );
    expect(check({ voters: [9n] }, peers, 41n)).to.equal(undefined);
    expect(check({ learners: [9n] })).to.equal(undefined);
    expect(checkConfState(0n, undefined, peers, undefined)).to.equal(undefined);
  });
  it('refuses the first condition that holds', () => {
    const joint = `joint consensus state is not supported${tail}`;
    expect(check({ voters: [1n], votersOutgoing: [1n] })).to.equal(joint);
    expect(check({ voters: [1n], learnersNext: [1n] })).to.equal(joint);
    expect(check({ voters: [1n], autoLeave: true })).to.equal(joint);
    expect(check({ voters: [1n, 2n] })).to.equal(`expected 3 voters got 2${tail}`);
    expect(check({ voters: [1n, 3n, 2n] })).to.equal(`voter[1]=3 expected 2${tail}`);
    const learners = { voters: [1n, 2n, 3n], learners: [4n] };
    expect(check(learners)).to.equal(`expected 0 learners got 1${tail}`);
    const stranger = { voters: [1n, 2n, 3n], learners: [5n] };
    expect(check(stranger, [...peers, learner])).to.equal(`learner 5 not present in peers${tail}`);
  });
  it('compares an active seed with the flags', () => {
    const file = { seed: { active: true, peers } };
    expect(checkBootstrapSeed(file, peers.toReversed())).to.equal(undefined);
    expect(checkBootstrapSeed(file, undefined)).to.equal(undefined);
    expect(checkBootstrapSeed({ seed: { active: false, peers } }, [])).to.equal(undefined);
    expect(checkBootstrapSeed(file, [learner])?.refusal).to.equal(
      `bootstrap seed differs from persisted seed${tail}`,
    );
  });
  it('takes the suffrage of those that the ConfState names', () => {
    const conf = { ...emptyConfState(), voters: [1n, 4n], learners: [2n] };
    const suffrages = withSuffrageOf([...peers, learner], conf).map(({ suffrage }) => suffrage);
    expect(suffrages).to.deep.equal(['voter', 'learner', 'voter', 'voter']);
  });
});

describe('peers after a conf change (spec §6.7)', () => {
  const known = peerMapOf([peer('a', { nodeId: 1n }), peer('b', { nodeId: 2n })]);
  const context = (nodeId: number, id: string, address: string): Uint8Array => {
    const head = Buffer.alloc(21);
    head[0] = 3;
    head[16] = nodeId;
    head[18] = id.length;
    head[20] = address.length;
    return Buffer.concat([head, Buffer.from(id + address)]);
  };
  const change = (type: number, nodeId: bigint, bytes?: Uint8Array): ConfChangeV2 =>
    asV2({ id: undefined, type, nodeId, context: bytes });
  const conf = { ...emptyConfState(), voters: [1n, 2n, 3n] };

  it('adds, updates and removes by the context', () => {
    const added = peersAfter(known, change(0, 3n, context(3, 'c', 'c:1')));
    expect(added.get(3n)).to.deep.equal(peer('c', { nodeId: 3n }));
    const learner = peersAfter(known, change(3, 3n, context(3, 'c', 'c:1')));
    expect(learner.get(3n)?.suffrage).to.equal('learner');
    const moved = peersAfter(known, change(2, 2n, context(2, 'b', 'b:9')));
    expect(moved.get(2n)?.address).to.equal('b:9');
    expect(peersAfter(known, change(2, 2n))).to.deep.equal(known);
    expect([...peersAfter(known, change(1, 2n)).keys()]).to.deep.equal([1n]);
    const bare = peersAfter(known, change(0, 3n));
    expect(bare.get(3n)).to.include({ id: '3', address: '' });
  });
  it('refuses a member without address, where the build does', () => {
    const bare = peersAfter(known, change(0, 3n));
    expect(peersListAfter(bare, conf, 41n, { addressRequired: true })).to.deep.equal({
      refusal:
        'build peer inventory for config change index=41: ' +
        'conf state node id=3: etcd raft peer address is required',
    });
    const list = peersListAfter(bare, conf, 41n, { addressRequired: false }) as Peer[];
    expect(list.map(({ id }) => id)).to.deep.equal(['a', 'b', '3']);
  });
  it('reports the ConfState as the membership, in its order', () => {
    const state = { ...emptyConfState(), voters: [2n, 1n], learners: [9n] };
    expect(membersOf(state, known).map((m) => `${m.id} ${m.address} ${m.suffrage}`)).to.deep.equal([
      'b b:1 voter',
      'a a:1 voter',
      '9  learner',
    ]);
  });
});
