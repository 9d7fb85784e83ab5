/**
 * `ekv snapshots` against what real nodes did with recorded dirs: the one it marks is the one they
 * took, at most one is marked, and every way out that names an outcome leads there when its commands
 * are run.
 */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { BootInput } from '../../../src/lib/engine/boot-input.js';
import { NO_ENCRYPTION } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { rankSnapshots, type SnapshotsReport } from '../../../src/lib/snapshots/rank.js';
import {
  dropFixture,
  fixtureNames,
  readExpect,
  unpackFixture,
  unpackFresh,
} from '../../support/fixtures.js';
import type { RecordedNode } from '../../support/recorded-boot.js';
import { bootOf, encryptionOf } from '../encryption-check/node.js';

const EVERY = 4;

function bootInput(groupDir: string, voters: number): BootInput {
  const ids = voters === 1 ? ['n1'] : ['n1', 'n2', 'n3'];
  const group = new FsDir(groupDir);
  return {
    group,
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: ids.map((id, i) => ({ id, address: `127.0.0.1:${50051 + i}` })),
    bootstrap: true,
    guards: false,
    encryption: NO_ENCRYPTION,
    groups: [{ id: 1n, dir: group }],
    wantDigest: false,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  };
}

function rank(boot: BootInput, groupDir: string): Promise<SnapshotsReport> {
  return rankSnapshots({
    boot,
    salvage: {
      besideWord: (what) => `${groupDir}.${what}`,
      pathWord: (path) => `${groupDir}/${path}`,
      memberArgs: ' --raft-id n1',
    },
  });
}

function checkOrder({ snapshots }: SnapshotsReport, name: string): void {
  expect(snapshots.filter(({ chosen }) => chosen).length, name).to.be.at.most(1);
  const use = snapshots.map(({ restorable, vouched, payloadSound }) =>
    restorable ? (vouched === false ? 1 : 0) : payloadSound ? 2 : 3,
  );
  expect(use, name).to.deep.equal([...use].sort((a, b) => a - b));
}

describe('snapshots: recorded nodes', () => {
  it('mark the snapshot that the real boot took, and no other', async () => {
    const tally = { dirs: 0, snapshots: 0, marked: 0, judged: 0 };
    const names = fixtureNames('nodes').filter((_, i) => i % EVERY === 0);
    for (const name of names) {
      const { scenario, outcomes } = readExpect('nodes', name) as RecordedNode;
      const recorded = outcomes['snapshot-pointer'];
      const dir = join(unpackFixture('nodes', name), 'n1');
      const report = await rank(bootInput(dir, scenario.voters), dir);
      dropFixture('nodes', name);
      tally.dirs++;
      tally.snapshots += report.snapshots.length;
      checkOrder(report, name);
      const chosen = report.snapshots.find((each) => each.chosen);
      if (chosen) tally.marked++;
      if (report.node.snap !== null) expect(chosen?.snap, name).to.equal(report.node.snap);
      if (!recorded?.gate) continue;
      tally.judged++;
      expect(String(chosen?.index), name).to.equal(recorded.gate.snapshotIndex);
      // A skip never looks at the store payload.
      if (recorded.gate.outcome !== 'skipped') expect(chosen?.restorable, name).to.equal(true);
    }
    process.stdout.write(
      `      ${tally.dirs} dirs, ${tally.snapshots} snapshots, ${tally.marked} marked, ` +
        `${tally.judged} of them recorded by a gate and equal\n`,
    );
    expect(tally.judged).to.be.greaterThan(names.length / 3);
  });

  it('mark none where the node uses none', async () => {
    for (const name of ['z50-wal-broken-only', 'c72-snap-all-missing', 'c85-wal-noseg']) {
      if (!fixtureNames('nodes').includes(name)) continue;
      const dir = join(unpackFixture('nodes', name), 'n1');
      const report = await rank(bootInput(dir, 3), dir);
      expect(report.snapshots.filter(({ chosen }) => chosen)).to.deep.equal([]);
      expect(report.node.snap).to.equal(null);
    }
  });

  it('a way out that was tried leads where it says', async () => {
    const tally = { refusing: 0, ways: 0 };
    const damaged = fixtureNames('nodes').filter((name) => /fsm-|token-|header-|body-/.test(name));
    for (const name of damaged.filter((_, i) => i % 3 === 0)) {
      const dir = join(unpackFresh('nodes', name), 'n1');
      const { scenario } = readExpect('nodes', name) as RecordedNode;
      const report = await rank(bootInput(dir, scenario.voters), dir);
      if (report.node.refusal === null) continue;
      tally.refusing++;
      const ways = report.snapshots.flatMap(({ salvage }) => salvage);
      const way = ways.find(({ dryRun }) => dryRun !== null);
      if (way === undefined) continue;
      tally.ways++;
      for (const command of way.commands) execFileSync('/bin/sh', ['-c', command]);
      const after = await predictBoot(bootInput(dir, scenario.voters));
      expect(after.verdict, name).to.equal(way.dryRun!.verdict);
      expect(after.snapshot?.index, name).to.equal(way.dryRun!.snapshotIndex);
      expect(after.counters.appliedIndex, name).to.equal(way.dryRun!.appliedIndex);
    }
    process.stdout.write(
      `      ${tally.refusing} dirs refuse, ${tally.ways} have such a way out\n`,
    );
    expect(tally.ways).to.be.greaterThan(5);
  });
});

describe('snapshots: an encrypted node that its own snapshot locks out', () => {
  it('starts from the older one, as guard 9 then finds its entries', async () => {
    const dir = unpackFresh('guards', 'enc-a');
    const groupDir = join(dir, 'data', 'n1');
    const boot = bootOf(dir, encryptionOf(dir));
    const report = await rank(boot, groupDir);
    expect(report.node.refusal?.errors).to.deep.equal(['sidecar-gap-compacted']);
    const [newest, older] = report.snapshots;
    expect([newest?.index, newest?.chosen, older?.index]).to.deep.equal([1201n, true, 801n]);
    expect(newest?.payload).to.include({ headerForm: 'v2', cutover: 509n, encryptedRows: 3061 });
    const [way] = newest!.salvage;
    expect(way?.dryRun).to.deep.equal({
      verdict: 'boots-skip',
      snapshotIndex: 801n,
      appliedIndex: 1330n,
    });
    for (const command of way!.commands) execFileSync('/bin/sh', ['-c', command]);
    const after = await predictBoot(bootOf(dir, encryptionOf(dir)));
    expect(after.verdict).to.equal('boots-skip');
  });
});

describe('snapshots: leftovers', () => {
  it('a whole .fsm.tmp can be used, a cut one cannot', async () => {
    const dir = join(unpackFresh('nodes', 'c01-skip-at-commit'), 'n1');
    const whole = Buffer.from('454b5654484c43310000000000000001', 'hex');
    const { crc32c } = await import('../../../src/lib/checksum/crc32c.js');
    const footer = Buffer.alloc(4);
    footer.writeUInt32BE(crc32c(whole));
    const name = (n: number): string =>
      join(dir, 'fsm-snap', `${String(n).padStart(16, '0')}.fsm.tmp`);
    writeFileSync(name(77), Buffer.concat([whole, footer]));
    writeFileSync(name(78), whole);
    const { snapshots, findings } = await rank(bootInput(dir, 3), dir);
    const unfinished = snapshots.filter(({ kind }) => kind === 'unfinished');
    expect(unfinished.map((each) => [each.index, each.payloadSound, each.deleted])).to.deep.equal([
      [0x77n, true, true],
      [0x78n, false, true],
    ]);
    expect(unfinished[0]!.salvage[0]!.commands[0]).to.match(/^cp -p .*77\.fsm\.tmp /);
    expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    expect(snapshots[0]?.chosen).to.equal(true);
  });
});
