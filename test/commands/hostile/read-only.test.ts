/** The inspector's creed, as the kernel sees it: nothing that is looked at is changed or locked. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliCommand, runCli } from '../../support/cli.js';
import { fixtureNames, tempDir, unpackFresh, type FixtureKind } from '../../support/fixtures.js';
import { needStrace, straced } from '../../support/strace.js';
import { treeDigest } from '../../support/tree-digest.js';

const KINDS: readonly FixtureKind[] = ['nodes', 'guards', 'pebble'];
const SWEEP = join(import.meta.dirname, 'sweep.js');

/** Arguments that make a command look at all of a node's directory. Undefined: it is not there yet. */
function inspections(root: string, group: string): (readonly string[])[] {
  const dataDir = ['--data-dir', group];
  const keys = existsSync(join(root, 'kek.bin'))
    ? ['--sidecar', join(root, 'encryption', 'keys.json'), '--kek', join(root, 'kek.bin')]
    : [];
  const all: (readonly string[])[] = [
    ['cold-start-dryrun', ...dataDir, ...keys],
    ['cold-start-dryrun', ...dataDir, ...keys, '--generation', 'all', '--store-digest', '--json'],
    ['replay-wal', ...dataDir, ...keys, '--format', 'ndjson'],
    ['snapshots', ...dataDir],
    ['encryption check', ...dataDir, ...keys],
    ['encryption rows', ...dataDir, ...keys],
    ['inspect', group],
    ['verify-crc', group],
    ['compare', group, group, '--store-digest'],
  ];
  return all.map(([command = '', ...rest]) => command.split(' ').concat(rest));
}

/** An even choice of recorded nodes, and an encrypted one. */
function someNodes(): { root: string; group: string }[] {
  const nodes = fixtureNames('nodes').filter((_, i) => i % 200 === 7);
  const guards = fixtureNames('guards').slice(0, 1);
  return [
    ...nodes
      .map((name) => unpackFresh('nodes', name))
      .map((root) => ({ root, group: join(root, 'n1') })),
    ...guards
      .map((name) => unpackFresh('guards', name))
      .map((root) => ({ root, group: join(root, 'data', 'n1') })),
  ];
}

describe('read-only, as the kernel sees it', () => {
  before(needStrace);

  it('no command that inspects opens for writing, changes or locks anything', () => {
    const offences: string[] = [];
    let calls = 0;
    let runs = 0;
    for (const { root, group } of someNodes()) {
      const before = treeDigest(root);
      for (const args of inspections(root, group)) {
        const traced = straced(cliCommand(args), root);
        expect(traced.status, args.join(' ')).to.be.oneOf([0, 2, 3, 4, 5]);
        calls += traced.calls.length;
        runs++;
        offences.push(...traced.offences.map((call) => `${args.join(' ')}: ${call}`));
      }
      expect(treeDigest(root)).to.deep.equal(before);
    }
    process.stdout.write(`    ${runs} runs, ${calls} calls seen\n`);
    expect(offences.join('\n')).to.equal('');
    // Had nothing been seen, nothing would have been shown.
    expect(calls).to.be.above(runs * 5);
  });

  it('no recorded directory is changed by any inspection of the library', () => {
    const home = tempDir('sweep');
    const roots = KINDS.flatMap((kind) =>
      fixtureNames(kind).map((name) => unpackFresh(kind, name)),
    );
    const list = join(home, 'list');
    writeFileSync(list, roots.join('\n'));
    const before = roots.map(treeDigest);
    const parent = join(home, '..');
    const traced = straced([process.execPath, SWEEP, list], parent);
    expect(traced.stderr).to.equal('');
    expect(traced.stdout.trim()).to.equal(String(roots.length));
    expect(traced.offences.join('\n')).to.equal('');
    expect(roots.map(treeDigest)).to.deep.equal(before);
    const files = before.reduce((sum, lines) => sum + lines.length, 0);
    process.stdout.write(
      `    ${roots.length} directories, ${files} names untouched, ${traced.calls.length} calls\n`,
    );
    expect(traced.calls.length).to.be.above(roots.length * 10);
  });

  it('would notice an offence', () => {
    const dir = tempDir('offence');
    writeFileSync(join(dir, 'a'), 'x');
    const script = `const fs = require('node:fs'); const d = ${JSON.stringify(dir)};
      fs.renameSync(d + '/a', d + '/b'); fs.appendFileSync(d + '/b', 'y');
      fs.chmodSync(d + '/b', 0o600);`;
    const { offences } = straced([process.execPath, '-e', script], dir);
    expect(offences.some((call) => call.startsWith('rename'))).to.equal(true);
    expect(offences.some((call) => call.startsWith('open'))).to.equal(true);
    expect(offences.some((call) => call.startsWith('write') || call.startsWith('pwrite'))).to.equal(
      true,
    );
    expect(offences.some((call) => call.includes('chmod'))).to.equal(true);
  });
});

if (process.getuid?.() === 0) {
  describe('read-only, where writing is impossible', () => {
    it('another user’s copy without write permission gives the same answer', () => {
      const [node] = someNodes();
      const { root, group } = node!;
      const asRoot = runCli(['cold-start-dryrun', '--data-dir', group, '--json']);
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        chownSync(path, 4711, 4711);
        chmodSync(path, entry.isDirectory() ? 0o555 : 0o444);
      }
      // The way there must be open to the other user; the temp root is 0700.
      const home = join(root, '..');
      chmodSync(home, 0o711);
      chmodSync(root, 0o555);
      const [node20 = '', ...args] = cliCommand([
        'cold-start-dryrun',
        '--data-dir',
        group,
        '--json',
      ]);
      chmodSync(join(args[0]!, '..'), 0o755);
      const other = spawnSync(node20, args, {
        encoding: 'utf8',
        uid: 65_534,
        gid: 65_534,
        env: {},
      });
      expect(other.stderr).to.equal('');
      expect(other.status).to.equal(asRoot.code);
      expect(other.stdout).to.equal(asRoot.stdout);
    });

    it('a read-only bind mount gives the same answer', () => {
      const [node] = someNodes();
      const at = join(tempDir('bind'), 'n1');
      mkdirSync(at);
      const quoted = (words: readonly string[]): string =>
        words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      const script = [
        `mount --bind ${quoted([node!.group, at])}`,
        `mount -o remount,bind,ro ${quoted([at])}`,
        `! touch ${quoted([join(at, 'probe')])} 2>/dev/null`,
        `${quoted(cliCommand(['cold-start-dryrun', '--data-dir', at, '--json']))} || echo "exit $?"`,
      ].join(' && ');
      const mounted = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
      const plain = runCli(['cold-start-dryrun', '--data-dir', node!.group, '--json']);
      expect(mounted.stderr).to.equal('');
      const document = mounted.stdout.replace(/exit \d+\n$/, '').replaceAll(at, node!.group);
      expect(document).to.equal(plain.stdout);
    });
  });
}
