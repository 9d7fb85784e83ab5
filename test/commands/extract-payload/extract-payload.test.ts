import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CliPool } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';
import { smallGroup } from '../../lib/write/writers.js';

describe('extract-payload and wrap-payload', () => {
  const pool = new CliPool();
  const snaps = join(smallGroup(), 'fsm-snap');
  const fsm = join(snaps, readdirSync(snaps).sort().at(-1)!);
  const dir = tempDir('payload');

  after(() => pool.close());

  it('the call that is printed makes the same file again', async () => {
    const words = ['extract-payload', fsm, '-o', 'payload', '--yes'];
    const { stdout, code } = await pool.run([...words, '--json'], dir);
    expect(code).to.equal(0);
    const { result } = JSON.parse(stdout) as { readonly result: { readonly undo: string } };
    const undo = result.undo.replace('FILE.fsm', 'again.fsm').split(' ').slice(1);
    expect((await pool.run(undo, dir)).code).to.equal(0);
    expect(readFileSync(join(dir, 'again.fsm')).equals(readFileSync(fsm))).to.equal(true);
    const magic = readFileSync(join(dir, 'payload')).subarray(0, 3).toString('latin1');
    expect(magic).to.equal('EKV');
  });

  it('keeps the header when asked', async () => {
    const words = ['extract-payload', fsm, '-o', 'with-header', '--keep-header', '--yes'];
    expect((await pool.run(words, dir)).code).to.equal(0);
    const whole = readFileSync(fsm);
    expect(readFileSync(join(dir, 'with-header')).equals(whole.subarray(0, -4))).to.equal(true);
    const again = ['wrap-payload', 'with-header', '-o', 'two', '--header', 'v1', '--yes'];
    const { code, stderr } = await pool.run(again, dir);
    expect([code, stderr]).to.satisfy(([c]: [number]) => c === 1);
  });

  it('needs a file, and never writes over one', async () => {
    const missing = await pool.run(['extract-payload', '-o', 'x'], dir);
    expect(missing.code).to.equal(1);
    const over = await pool.run(['extract-payload', fsm, '-o', 'payload', '--yes'], dir);
    expect(over.code).to.equal(1);
    expect(over.stderr).to.contain('exists already');
  });
});
