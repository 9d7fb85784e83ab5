/** `npm run pack`: the tarball alone, on a host with Node, an empty home and no network. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runCli, type CliResult } from './support/cli.js';
import { ROOT, readExpect, tempDir, unpackFixture } from './support/fixtures.js';
import { parseGolden, prepareCase, renderGolden, shellWords } from './support/golden-case.js';

const BUILT = resolve(import.meta.dirname, '..');
const GOLDEN = join(ROOT, 'test', 'golden');

/** Runs without a network where the system allows to ask for that. */
const WITHOUT_NETWORK =
  spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];

const CONVERSATIONS = [
  'reference/exit-codes.txt',
  'reference/explain.txt',
  'usage/unknown-command.txt',
  'usage/help.txt',
  'cold-start-dryrun/skip.txt',
  'cold-start-dryrun/wal-torn.txt',
  'cold-start-dryrun/envelope.txt',
  'replay-wal/plain.txt',
  'write/repair.txt',
];

describe('npm run pack', () => {
  let home = '';
  let program = '';
  let folder = '';

  before(function () {
    this.timeout(300_000);
    const out = tempDir('pack');
    const run = spawnSync(process.execPath, [join(BUILT, 'tools', 'pack', 'main.js'), out], {
      encoding: 'utf8',
      cwd: ROOT,
    });
    expect(run.status, run.stderr).to.equal(0);
    const [tarball] = readdirSync(out);
    expect(tarball).to.match(/^ekv-\d+\.\d+\.\d+\.tgz$/);
    home = join(out, 'home');
    mkdirSync(home);
    expect(spawnSync('tar', ['-xzf', join(out, tarball!), '-C', out]).status).to.equal(0);
    folder = join(out, 'package');
    program = join(folder, 'bin', 'ekv');
  });

  function ekv(args: readonly string[], cwd = home): CliResult {
    const [command, ...rest] = [...WITHOUT_NETWORK, program, ...args];
    const run = spawnSync(command!, rest, {
      cwd,
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: home },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
  }

  it('holds everything and no node_modules', () => {
    const names = readdirSync(folder, { recursive: true }).map(String);
    expect(names.filter((name) => name.includes('node_modules'))).to.deep.equal([]);
    for (const kind of ['man', 'completions', 'schemas']) {
      const here = readdirSync(join(ROOT, kind)).sort();
      expect(readdirSync(join(folder, kind)).sort(), kind).to.deep.equal(here);
    }
    expect(names).to.include('oclif.manifest.json').and.include('THIRD-PARTY-LICENSES');
    const licences = readFileSync(join(folder, 'THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['@oclif/core', 'cli-table3', '@bokuweb/zstd-wasm']) {
      expect(licences).to.include(`${name} `);
    }
  });

  it('says what the checkout says', () => {
    for (const name of CONVERSATIONS) {
      const golden = parseGolden(readFileSync(join(GOLDEN, name), 'utf8'));
      const [here, there] = [prepareCase(golden), prepareCase(golden)];
      const checkout = golden.commands.map((words) => runCli(shellWords(words), { cwd: here }));
      const packed = golden.commands.map((words) => ekv(shellWords(words), there));
      expect(renderGolden(golden, packed), name).to.equal(renderGolden(golden, checkout));
    }
  }).timeout(300_000);

  it('runs its compiled form, and never a damaged one', () => {
    const ask = `
      const script = require(process.argv[1]);
      process.on('exit', () => console.log(script.cachedDataRejected));`;
    const rejected = (): string | undefined => {
      const run = spawnSync(process.execPath, ['-e', ask, program, 'exit-codes'], {
        encoding: 'utf8',
      });
      expect(run.status, run.stderr).to.equal(0);
      return run.stdout.trim().split('\n').at(-1);
    };
    expect(rejected()).to.equal('false');
    const path = join(folder, 'lib', 'ekv.jsc');
    const sound = readFileSync(path);
    for (const length of [0, 3, 4, 100, sound.length - 1]) {
      writeFileSync(path, sound.subarray(0, length));
      expect(rejected(), `${length} bytes`).to.equal('undefined');
    }
    for (const part of [0.01, 0.5, 0.99]) {
      const bytes = Buffer.from(sound);
      bytes[Math.floor(part * bytes.length)]! ^= 4;
      writeFileSync(path, bytes);
      expect(rejected(), `a flip at ${part}`).to.equal('undefined');
    }
    writeFileSync(path, sound);
  }).timeout(60_000);

  it('reads zstd blocks with the decoder it carries', () => {
    const name = 'v6zstd-06-rich-flush';
    const dir = join(unpackFixture('pebble', name), name);
    const run = ekv(['inspect', dir, '--store-digest', '--json']);
    const { result } = JSON.parse(run.stdout) as { result: { store: { sha256: string } } };
    const { pointsSha256 } = readExpect('pebble', name) as { pointsSha256: string };
    expect(result.store.sha256).to.equal(pointsSha256);
  });

  it('leaves nothing in the home directory', () => {
    expect(readdirSync(home)).to.deep.equal([]);
  });
});
