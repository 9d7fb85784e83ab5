import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { CliPool } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';
import { digestOfTree } from '../../lib/write/tree-state.js';
import { smallGroup } from '../../lib/write/writers.js';

describe('repair-wal', () => {
  const pool = new CliPool();
  const group = smallGroup();
  const dir = dirname(group);

  after(() => pool.close());

  it('says that there is nothing to repair', async () => {
    const args = ['repair-wal', '--data-dir', 'n1', '--output', 'fixed', '--yes'];
    const { stdout, code } = await pool.run(args, dir);
    expect(code).to.equal(0);
    expect(stdout.split('\n')[0]).to.contain('SOUND');
    expect(readdirSync(dir)).to.not.include('fixed');
  });

  it('repairs a torn log in a copy and ends with one sentence about the loss', async () => {
    const wal = join(group, 'wal');
    const segment = readdirSync(wal).find((name) => name.endsWith('.wal'));
    const path = join(wal, segment!);
    truncateSync(path, readFileSync(path).length - 7);
    const digest = digestOfTree(group);
    const out = join(tempDir('fix'), 'n1');
    const args = ['repair-wal', '--data-dir', 'n1', '--output', out, '--verify'];
    const plan = await pool.run(args, dir);
    expect(plan.stdout.split('\n')[0]).to.contain('PLAN');
    expect(plan.stdout).to.match(/committed entr(?:y|ies)/);
    const done = await pool.run([...args, '--yes', '--json'], dir);
    const document = JSON.parse(done.stdout) as {
      readonly verdict: string;
      readonly result: {
        readonly options: readonly { readonly lost: { readonly sentence: string } }[];
        readonly predictions: readonly { readonly result: { readonly verdict: string } }[];
      };
    };
    expect(document.verdict).to.equal('written');
    expect(document.result.options[0]!.lost.sentence).to.match(/lost/);
    const verdicts = document.result.predictions.map(({ result }) => result.verdict);
    expect(verdicts.every((verdict) => /^boots-(?:skip|restore)$/.test(verdict))).to.equal(true);
    expect(digestOfTree(group)).to.equal(digest);
  });

  it('refuses a cut that is not to be had', async () => {
    const args = ['repair-wal', '--data-dir', 'n1', '--output', 'fixed', '--cut', '0'];
    const shown = await pool.run(args, dir);
    expect(shown.code).to.equal(3);
    expect(shown.stdout.split('\n')[0]).to.contain('NOT POSSIBLE');
    const asked = await pool.run([...args, '--yes'], dir);
    expect(asked.code).to.equal(1);
    const words = await pool.run([...args.slice(0, -1), 'somewhere'], dir);
    expect(words.code).to.equal(1);
  });
});
