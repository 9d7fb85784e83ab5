/**
 * What is written is what was there: over recorded dirs, upgraded and restored ones are read back by
 * our own checks, by the dry run, and by etcd's own library.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { NO_ENCRYPTION } from '../../../src/lib/engine/envelopes.js';
import { GENERATION_NAMES } from '../../../src/lib/engine/generation.js';
import { contentSize, ContentSource } from '../../../src/lib/io/atomic-content.js';
import { targetOf } from '../../../src/lib/io/atomic-target.js';
import { piecesOf } from '../../../src/lib/io/atomic-tree.js';
import { readRange } from '../../../src/lib/io/byte-source.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { storeDigest } from '../../../src/lib/kv/store-digest.js';
import { checkFsm } from '../../../src/lib/snapshot/crc-check.js';
import { encodeToken } from '../../../src/lib/snapshot/token.js';
import { inspectFsm } from '../../../src/lib/snapshot/inspect.js';
import { carryOut } from '../../../src/lib/write/carry-out.js';
import { findSnapshot } from '../../../src/lib/write/chosen-snapshot.js';
import { readTokenSnap } from '../../../src/lib/write/snap-rewrite.js';
import {
  payloadOfFile,
  payloadOfGroup,
  type PayloadSource,
} from '../../../src/lib/write/payload-source.js';
import { FsmFault } from '../../../src/lib/snapshot/fsm-fault.js';
import { PlannedTree } from '../../../src/lib/write/planned-tree.js';
import { predict, type NodeQuestion } from '../../../src/lib/write/prediction.js';
import { planRestore, type RestorePlan, type RestoreWish } from '../../../src/lib/write/restore.js';
import { planGroupUpgrade, planLooseUpgrade } from '../../../src/lib/write/upgrade.js';
import { planWrap } from '../../../src/lib/write/payload-files.js';
import { fixtureNames, tempDir, unpackFresh } from '../../support/fixtures.js';
import { etcdOracles, type OracleAnswer } from './etcd-oracle.js';
import { digestOfTree, stateOf } from './tree-state.js';
import { BY } from './writers.js';

/** Every so many fixtures: the rest are variations of the log, which is not touched. */
const STRIDE = 48;

const UPGRADE = { form: 'v2', cutover: undefined, sidecarCutover: undefined } as const;

const QUESTION: NodeQuestion = {
  raftId: 'n1',
  peers: ['1', '2', '3'].map((n) => ({ id: `n${n}`, address: `127.0.0.1:5005${n}` })),
  bootstrap: true,
  guards: false,
  encryption: NO_ENCRYPTION,
  groupId: 1n,
  others: [],
  nowMs: 0n,
  wantDigest: true,
  pace: NO_PACE,
};

const RESTORE: RestoreWish = {
  raftId: 'n1',
  peers: [],
  learners: [],
  freshCluster: false,
  index: undefined,
  term: undefined,
  sidecarCutover: undefined,
  sourceRaftId: 'n1',
};

interface Pair {
  readonly name: string;
  readonly root: string;
}

/** Recorded dirs whose newest snapshot is a sound pair. */
async function* soundPairs(): AsyncGenerator<Pair> {
  const names = fixtureNames('nodes').filter((_, i) => i % STRIDE === 0);
  for (const name of names) {
    const root = join(unpackFresh('nodes', name), 'n1');
    try {
      await planGroupUpgrade(root, UPGRADE, NO_PACE);
      yield { name, root };
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined) throw error;
    }
  }
}

async function storePayload(path: string): Promise<Buffer> {
  const source = new FileSource(path);
  try {
    const { payloadOffset, payloadBytes } = await inspectFsm(source, { container: true });
    return Buffer.from(readRange(source, payloadOffset, payloadBytes - payloadOffset));
  } finally {
    source.close();
  }
}

/** Digest of the store that a restore of this `.fsm` makes. */
async function restoredDigest(path: string): Promise<string> {
  const source = new FileSource(path);
  try {
    const check = await checkFsm(source, { mode: 'restore' });
    const digest = await storeDigest(check.restored!.view!, NO_PACE);
    return digest.sha256;
  } finally {
    source.close();
  }
}

describe('write: upgrade-header over recorded dirs', function () {
  this.timeout(240_000);

  it('keeps everything but the pair, and boots as before', async () => {
    const judges = etcdOracles();
    let pairs = 0;
    for await (const { name, root } of soundPairs()) {
      const digestBefore = digestOfTree(root);
      const plan = await planGroupUpgrade(root, UPGRADE, NO_PACE);
      const planned = await predict(
        PlannedTree.of('planned', plan.dirs, plan.files),
        GENERATION_NAMES,
        QUESTION,
      );
      const target = targetOf(join(tempDir('up'), 'out'), 'directory');
      await carryOut(plan, target, { by: BY });
      expect(stateOf(target), name).to.equal('complete');
      expect(digestOfTree(root), name).to.equal(digestBefore);

      const fsm = join(target.path, plan.fsmPath);
      const { chosen } = findSnapshot(target.path);
      const { token } = readTokenSnap(join(target.path, 'snap', chosen.name));
      const source = new FileSource(fsm);
      for (const mode of ['guard', 'skip'] as const) {
        const check = await checkFsm(source, { mode, token });
        expect(check.failure, name).to.equal(undefined);
        expect(check.header?.form, name).to.equal('v2');
      }
      source.close();
      const old = join(root, plan.fsmPath);
      expect((await storePayload(fsm)).equals(await storePayload(old)), name).to.equal(true);

      const before = await predict(new FsDir(root), GENERATION_NAMES, QUESTION);
      const after = await predict(new FsDir(target.path), GENERATION_NAMES, QUESTION);
      for (const [i, { report }] of after.entries()) {
        expect(report.verdict, name).to.equal(before[i]!.report.verdict);
        expect(report.store, name).to.deep.equal(before[i]!.report.store);
        expect(report.counters, name).to.deep.equal(before[i]!.report.counters);
        expect(report.verdict, name).to.equal(planned[i]!.report.verdict);
        expect(report.store, name).to.deep.equal(planned[i]!.report.store);
      }
      for (const { ask, version } of judges) {
        const at = `${name}, etcd ${version}`;
        const [was, is] = [ask(root), ask(target.path)];
        expect([is.read, is.write], at).to.deep.equal([was.read, was.write]);
        expect([is.scanError, is.snapError, is.valid], at).to.deep.equal(['', '', was.valid]);
        // Of the snapshot only the CRC in the token is another.
        const crc = plan.to.crc.toString(16).padStart(8, '0');
        const dataHex = was.snapshot!.dataHex.slice(0, -8) + crc;
        expect(is.snapshot, at).to.deep.equal({ ...was.snapshot, dataHex });
      }
      pairs++;
    }
    expect(pairs).to.be.at.least(4);
  });

  it('carries extension bytes and an own cutover', async () => {
    const header = {
      form: 'v2',
      ceilingMs: 5n,
      cutover: 900n,
      extension: Uint8Array.of(9, 8, 7),
    } as const;
    const dir = tempDir('ext');
    for await (const { root } of soundPairs()) {
      const wrapped = targetOf(join(dir, '000000000000002a.fsm'), 'file');
      const bare = join(root, 'fsm-snap', readdirSync(join(root, 'fsm-snap')).sort().at(-1)!);
      const { planExtract } = await import('../../../src/lib/write/payload-files.js');
      const payload = targetOf(join(dir, 'payload'), 'file');
      await carryOut(await planExtract(bare, false, NO_PACE), payload, { by: BY });
      await carryOut(await planWrap(payload.path, header, NO_PACE), wrapped, { by: BY });
      // An existing cutover may lie above the snapshot; a new one may not.
      const wish = { form: 'v2', cutover: 41n, sidecarCutover: undefined } as const;
      const plan = await planLooseUpgrade(wrapped.path, undefined, undefined, wish, NO_PACE);
      expect(plan.from.header.cutover).to.equal(900n);
      expect(plan.to.header).to.deep.equal({ ...header, cutover: 41n });
      const out = targetOf(join(dir, 'out'), 'directory');
      await carryOut(plan, out, { by: BY });
      const source = new FileSource(join(out.path, '000000000000002a.fsm'));
      const check = await checkFsm(source, { mode: 'skip' });
      source.close();
      expect(check.failure).to.equal(undefined);
      expect(check.header).to.deep.equal({ ...header, cutover: 41n, length: 29 });
      return;
    }
  });
});

/** With the members the source knows; undefined in the middle of a membership change. */
function restorePlan(payload: PayloadSource): RestorePlan | undefined {
  const { confState, peers } = payload.origin!;
  if (confState!.votersOutgoing.length > 0 || confState!.learnersNext.length > 0) return undefined;
  const known = peers.length > 0 && peers.every(({ address }) => address !== '');
  try {
    return planRestore(payload, { ...RESTORE, peers: known ? [] : QUESTION.peers });
  } catch (error) {
    // Members that the peers file does not know, or that are not these three.
    if ((error as { code?: string }).code?.startsWith('restore-member')) return undefined;
    throw error;
  }
}

/** A log of nothing but the snapshot, the token beside it, and the members. */
function readsAsRestored(is: OracleAnswer, plan: RestorePlan, at: string): void {
  const position = { term: String(plan.term), index: String(plan.index) };
  expect([is.scanError, is.snapError], at).to.deep.equal(['', '']);
  expect(is.valid, at).to.deep.equal([{ term: '0', index: '0' }, position]);
  const { voters, learners } = plan.membership.confState;
  const token = encodeToken({ index: plan.index, crc: plan.crc });
  expect(is.snapshot, at).to.deep.equal({
    position,
    dataHex: Buffer.from(token).toString('hex'),
    voters: voters.map(String),
    learners: learners.map(String),
  });
  const { term = 0n, vote = 0n, commit = 0n } = plan.hardState;
  const state = { term: String(term), vote: String(vote), commit: String(commit) };
  const reading = { error: '', state, entries: [] };
  expect([is.read, is.write], at).to.deep.equal([reading, reading]);
}

describe('write: restore over recorded dirs', function () {
  this.timeout(240_000);

  it('boots by a restore into the very store of the snapshot', async () => {
    const judges = etcdOracles();
    let pairs = 0;
    for await (const { name, root } of soundPairs()) {
      const payload = await payloadOfGroup(root, NO_PACE).catch((error: unknown) => error);
      if (payload instanceof FsmFault) continue;
      if (payload instanceof Error) throw payload;
      const plan = restorePlan(payload as PayloadSource);
      if (plan === undefined) continue;
      const target = targetOf(join(tempDir('re'), 'out'), 'directory');
      await carryOut(plan, target, { by: BY });
      expect(stateOf(target), name).to.equal('complete');

      const fsm = plan.files.find(({ path }) => path.endsWith('.fsm'))!.path;
      const written = readFileSync(join(target.path, fsm));
      const original = readFileSync(plan.payload.path);
      expect(written.equals(original), name).to.equal(true);

      const sole = plan.membership.peers.length === 1;
      const wanted = await restoredDigest(plan.payload.path);
      for (const { report } of await predict(new FsDir(target.path), GENERATION_NAMES, QUESTION)) {
        expect(report.verdict, name).to.equal('boots-restore');
        expect(report.gate.reason ?? 'missing_meta', name).to.equal('missing_meta');
        expect(report.counters.lastIndex, name).to.equal(plan.index + (sole ? 1n : 0n));
        // Builds that repair the last commit timestamp may raise it when they open the store.
        if (report.generation !== 'snapshot-pointer') {
          expect(report.store?.sha256, name).to.equal(wanted);
        }
      }
      for (const { ask, version } of judges) {
        const at = `${name}, etcd ${version}`;
        readsAsRestored(ask(target.path), plan, at);
      }
      pairs++;
    }
    expect(pairs).to.be.at.least(4);
  });

  it('a .fsm or a bare payload alone makes a fresh cluster', async () => {
    for await (const { root } of soundPairs()) {
      const fsm = join(root, 'fsm-snap', readdirSync(join(root, 'fsm-snap')).sort().at(-1)!);
      const payload = await payloadOfFile(fsm, true, NO_PACE);
      const peers = ['a', 'b'].map((id) => ({ id, address: `${id}:1` }));
      const wish = { ...RESTORE, raftId: 'a', peers, freshCluster: true, sourceRaftId: null };
      const plan = planRestore(payload, wish);
      expect(plan.term).to.equal(1n);
      expect(plan.index >= (payload.appliedIndex ?? 0n)).to.equal(true);
      const tree = PlannedTree.of('x', plan.dirs, plan.files);
      const question = { ...QUESTION, raftId: 'a', peers, bootstrap: false };
      for (const { report } of await predict(tree, GENERATION_NAMES, question)) {
        expect(report.verdict).to.equal('boots-restore');
        expect(report.members.map(({ id }) => id).sort()).to.deep.equal(['a', 'b']);
      }
      const learner = planRestore(payload, { ...wish, learners: ['b'] });
      for (const each of [plan, learner]) {
        const target = targetOf(join(tempDir('fresh'), 'out'), 'directory');
        await carryOut(each, target, { by: BY });
        for (const { ask, version } of etcdOracles()) {
          readsAsRestored(ask(target.path), each, `etcd ${version}`);
        }
      }
      const withLearner = PlannedTree.of('x', learner.dirs, learner.files);
      const sole = await predict(withLearner, ['snapshot-pointer'], question);
      expect(sole[0]!.report.verdict).to.equal('boots-restore');
      expect(sole[0]!.report.members.find(({ id }) => id === 'b')?.suffrage).to.equal('learner');
      return;
    }
  });

  it('pre-allocates the segment for real', async () => {
    for await (const { root } of soundPairs()) {
      const plan = planRestore(await payloadOfGroup(root, NO_PACE), RESTORE);
      const target = targetOf(join(tempDir('alloc'), 'out'), 'directory');
      await carryOut(plan, target, { by: BY });
      const { statSync } = await import('node:fs');
      const stats = statSync(join(target.path, 'wal', '0000000000000000-0000000000000000.wal'));
      expect(stats.size).to.equal(64_000_000);
      expect(stats.blocks * 512).to.be.at.least(64_000_000);
      expect(existsSync(join(target.path, 'fsm.db'))).to.equal(false);
      return;
    }
  });

  it('refuses by name', async () => {
    for await (const { root } of soundPairs()) {
      const payload = await payloadOfGroup(root, NO_PACE);
      const refusal = (wish: Partial<RestoreWish>, of = payload): string | undefined => {
        try {
          planRestore(of, { ...RESTORE, ...wish });
        } catch (error) {
          return (error as { code?: string }).code;
        }
        return undefined;
      };
      const peers = [{ id: 'n1', address: 'h:1' }];
      expect(refusal({})).to.equal(undefined);
      expect(refusal({ raftId: 'n9' })).to.equal('restore-members-unknown');
      const changed = [...peers, { id: 'new', address: 'h:2' }];
      expect(refusal({ peers: changed })).to.equal('restore-membership-changed');
      expect(refusal({ peers: changed, freshCluster: true })).to.equal(undefined);
      expect(refusal({ peers: changed, learners: ['n1', 'new'], freshCluster: true })).to.equal(
        'restore-members-unknown',
      );
      expect(refusal({ peers, learners: ['x'], freshCluster: true })).to.equal(
        'restore-members-unknown',
      );
      expect(refusal({ index: 0n })).to.equal('restore-position-unknown');
      const ahead = { ...payload, appliedIndex: 1_000_000n };
      expect(refusal({}, ahead)).to.equal('restore-index-below-applied');
      const bare = { ...payload, origin: null, index: null, term: null };
      expect(refusal({ peers }, bare)).to.equal('restore-position-unknown');
      expect(refusal({}, bare)).to.equal('restore-members-unknown');
      const header = { ...payload.header, form: 'v2', cutover: 5n } as const;
      expect(refusal({ sidecarCutover: 6n }, { ...payload, header })).to.equal('cutover-differs');
      expect(refusal({ sidecarCutover: 5n }, { ...payload, header })).to.equal(undefined);
      return;
    }
  });
});

describe('write: content in pieces', () => {
  it('reads as one file at any offset', async () => {
    for await (const { root } of soundPairs()) {
      const plan = await planGroupUpgrade(root, UPGRADE, NO_PACE);
      const file = plan.files.find(({ path }) => path === plan.fsmPath)!;
      const pieces = piecesOf(file);
      const source = new ContentSource('x', pieces);
      const whole = readRange(source, 0, source.size);
      expect(whole.length).to.equal(contentSize(pieces));
      for (const at of [0, 7, 25, 26, 27, source.size - 5, source.size - 1, source.size]) {
        for (const length of [1, 4, 9, 40]) {
          const part = readRange(source, at, length);
          const wanted = whole.subarray(at, at + length);
          expect(Buffer.compare(part, wanted), `${at}+${length}`).to.equal(0);
        }
      }
      source.close();
      return;
    }
  });
});
