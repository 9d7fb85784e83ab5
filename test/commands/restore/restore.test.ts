import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { CliPool } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';
import { smallGroup } from '../../lib/write/writers.js';

interface Document {
  readonly verdict: string | null;
  readonly findings: readonly { readonly code: string }[];
  readonly result: {
    readonly snapshot: { readonly index: string; readonly term: string };
    readonly members: readonly { readonly id: string; readonly suffrage: string }[];
    readonly predictions: readonly { readonly result: { readonly verdict: string } }[];
  } | null;
  readonly error?: { readonly code: string } | null;
}

describe('restore', () => {
  const pool = new CliPool();
  const group = smallGroup();
  const dir = dirname(group);

  after(() => pool.close());

  async function json(...args: string[]): Promise<Document> {
    const { stdout } = await pool.run(['restore', ...args, '--json'], dir);
    return JSON.parse(stdout) as Document;
  }

  it('from a dir: what is written boots by a restore, in every generation', async () => {
    const out = join(tempDir('re'), 'n1');
    const from = ['--from-dir', 'n1', '--raft-id', 'n1', '--output', out];
    const done = await json(...from, '--yes', '--verify');
    expect(done.verdict).to.equal('written');
    const verdicts = done.result!.predictions.map(({ result }) => result.verdict);
    expect(verdicts).to.deep.equal(Array(3).fill('boots-restore'));
    expect(readdirSync(out).sort()).to.deep.equal([
      'ekv-manifest.json',
      'etcd-raft-peers.bin',
      'fsm-snap',
      'raft-engine',
      'snap',
      'wal',
    ]);
  });

  it('from a file: a fresh cluster, with learners', async () => {
    const fsm = `n1/fsm-snap/${readdirSync(join(group, 'fsm-snap')).sort().at(-1)!}`;
    const out = join(tempDir('re'), 'a');
    const to = ['--fsm', fsm, '--output', out, '--raft-id', 'a'];
    expect((await json(...to)).error?.code).to.equal('restore-members-unknown');
    const peers = ['--peers', 'a=h:1,b=h:2,c=h:3', '--learners', 'c'];
    expect((await json(...to, ...peers)).error?.code).to.equal('restore-position-unknown');
    const plan = await json(...to, ...peers, '--fresh-cluster');
    expect(plan.verdict).to.equal('plan');
    expect(plan.result!.members.filter(({ suffrage }) => suffrage === 'learner')).to.have.lengthOf(
      1,
    );
    const verdicts = plan.result!.predictions.map(({ result }) => result.verdict);
    expect(verdicts).to.deep.equal(Array(3).fill('boots-restore'));
  });

  it('will not change the members of a cluster that goes on', async () => {
    const out = join(tempDir('re'), 'n1');
    const from = [
      '--from-dir',
      'n1',
      '--output',
      out,
      '--raft-id',
      'n1',
      '--peers',
      'n1=h:1,x=h:2',
    ];
    expect((await json(...from)).error?.code).to.equal('restore-membership-changed');
    expect((await json(...from, '--fresh-cluster')).verdict).to.equal('plan');
  });
});
