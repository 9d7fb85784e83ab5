import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { CliPool } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';
import { digestOfTree } from '../../lib/write/tree-state.js';
import { smallGroup } from '../../lib/write/writers.js';

interface Document {
  readonly verdict: string | null;
  readonly exitCode: number;
  readonly result: {
    readonly written: boolean;
    readonly header: { readonly to: { readonly form: string } };
    readonly predictions: readonly { readonly original: object; readonly result: object }[];
  } | null;
  readonly error?: { readonly code: string } | null;
}

describe('upgrade-header', () => {
  const pool = new CliPool();
  const group = smallGroup();
  const dir = dirname(group);

  after(() => pool.close());

  async function json(...args: string[]): Promise<Document> {
    const { stdout, code } = await pool.run(['upgrade-header', ...args, '--json'], dir);
    const document = JSON.parse(stdout) as Document;
    expect(code).to.equal(document.exitCode);
    return document;
  }

  it('shows a plan and writes nothing without --yes', async () => {
    const digest = digestOfTree(dir);
    const plan = await json('--data-dir', 'n1', '--output', 'v2');
    expect(plan.verdict).to.equal('plan');
    expect(plan.result?.written).to.equal(false);
    expect(plan.result?.header.to.form).to.equal('v2');
    for (const { original, result } of plan.result!.predictions) {
      expect(result).to.deep.equal(original);
    }
    expect(plan.result!.predictions).to.have.lengthOf(3);
    expect(digestOfTree(dir)).to.equal(digest);
  });

  it('writes with it, and the manifest tells by which call', async () => {
    const digest = digestOfTree(group);
    const out = join(tempDir('up'), 'v2');
    const done = await json('--data-dir', 'n1', '--output', out, '--yes', '--verify');
    expect(done.verdict).to.equal('written');
    const manifest = JSON.parse(readFileSync(join(out, 'ekv-manifest.json'), 'utf8')) as {
      readonly argv: readonly string[];
      readonly inputs: readonly { readonly sha256: string }[];
    };
    expect(manifest.argv).to.include('--yes');
    expect(manifest.inputs.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).to.equal(true);
    expect(digestOfTree(group)).to.equal(digest);
    const again = await json('--data-dir', out, '--output', `${out}.2`, '--raft-id', 'n1');
    expect(again.error?.code).to.equal('upgrade-nothing');
    const back = await json('--data-dir', out, '--output', `${out}.2`, '--to', 'v1');
    expect(back.error?.code).to.equal('upgrade-downgrade');
  });

  it('the pair can be loose', async () => {
    const fsm = readdirSync(join(group, 'fsm-snap')).sort().at(-1)!;
    const snap = readdirSync(join(group, 'snap')).find((name) => name.includes(fsm.slice(0, 16)))!;
    const out = join(tempDir('loose'), 'pair');
    const pair = ['--fsm', `n1/fsm-snap/${fsm}`, '--snap', `n1/snap/${snap}`];
    const done = await json(...pair, '--output', out, '--yes');
    expect(done.exitCode).to.equal(0);
    expect(readdirSync(out).sort()).to.deep.equal([fsm, snap, 'ekv-manifest.json'].sort());
    const above = await json(...pair, '--output', `${out}.2`, '--cutover', '99999999');
    expect(above.error?.code).to.equal('upgrade-cutover-above-snapshot');
    expect(above.exitCode).to.equal(1);
  });

  it('--clean removes what a killed run left, with --yes only', async () => {
    const out = join(tempDir('clean'), 'v2');
    mkdirSync(`${out}.ekv-unfinished`);
    writeFileSync(join(`${out}.ekv-unfinished`, 'ekv-unfinished'), '');
    const stopped = await json('--data-dir', 'n1', '--output', out, '--yes');
    expect(stopped.error?.code).to.equal('target-unfinished');
    expect((await json('--output', out, '--clean')).verdict).to.equal('plan');
    expect(existsSync(`${out}.ekv-unfinished`)).to.equal(true);
    expect((await json('--output', out, '--clean', '--yes')).verdict).to.equal('cleaned');
    expect(readdirSync(dirname(out))).to.deep.equal([]);
    expect((await json('--output', out, '--clean', '--yes')).verdict).to.equal('nothing-to-clean');
  });
});
