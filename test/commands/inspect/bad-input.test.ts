/**
 * What people type by mistake, for both commands: a message that names the file, the right status,
 * within a moment, and never a stack trace or a table that looks like success.
 */
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCli, runInShell, type CliResult } from '../../support/cli.js';
import { tempDir } from '../../support/fixtures.js';

const dir = tempDir('bad-input');

function make(): void {
  const file = (name: string, bytes: string | Uint8Array): void =>
    writeFileSync(join(dir, name), bytes);
  execFileSync('mkfifo', [join(dir, 'fifo'), join(dir, 'pipe.fsm')]);
  symlinkSync('loop', join(dir, 'loop'));
  symlinkSync('there', join(dir, 'here'));
  symlinkSync('here', join(dir, 'there'));
  symlinkSync('gone', join(dir, 'dangling'));
  file('empty', '');
  file('empty.fsm', '');
  file('empty.snap', '');
  file('empty.wal', '');
  for (const name of ['three', 'three.fsm', 'three.snap', 'three.wal', '000001.sst']) {
    file(name, 'abc');
  }
  file('etcd-raft-peers.bin', 'abc');
  file('keys.json', 'abc');
  file('etcd-raft-state.bin', new Uint8Array(4096));
  file('zeros.fsm', new Uint8Array(4096));
  file('kek.bin', Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex'));
  for (const name of ['nothing', 'hashicorp', 'strangers', 'pipes', 'pipes/wal', 'fsm.db']) {
    mkdirSync(join(dir, name));
  }
  file('peak.cjs', PEAK);
  for (const name of ['raft.db', 'logs.dat', 'stable.dat']) file(`hashicorp/${name}`, 'x');
  file('strangers/README', 'x');
  execFileSync('mkfifo', [join(dir, 'pipes', 'wal', '0000000000000000-0000000000000000.wal')]);
}

/** Runs the program in its first argument and prints its status and its peak of memory in KiB. */
const PEAK = `
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const [program, ...args] = process.argv[2].split(' ');
const child = spawn(program, [...args, 'verify-crc', 'large.fsm'], { stdio: 'ignore' });
let peak = 0;
const timer = setInterval(() => {
  const text = readFileSync('/proc/' + child.pid + '/status', 'utf8');
  peak = Math.max(peak, Number(/VmHWM:\\s+(\\d+)/.exec(text)?.[1] ?? 0));
}, 20);
child.on('exit', (code) => {
  clearInterval(timer);
  process.stdout.write(code + ' ' + peak);
});
`;

/** Path, then the statuses of `inspect` and `verify-crc`. */
const CASES: readonly (readonly [string, number, number])[] = [
  ['missing', 1, 1],
  ['dangling', 1, 1],
  ['three/below', 1, 1],
  ['fifo', 1, 1],
  ['pipe.fsm', 1, 1],
  ['loop', 1, 1],
  ['here', 1, 1],
  ['empty', 5, 5],
  ['empty.fsm', 2, 2],
  ['empty.snap', 2, 2],
  ['empty.wal', 3, 5],
  ['three', 5, 5],
  ['three.fsm', 2, 2],
  ['three.snap', 2, 2],
  ['three.wal', 2, 2],
  ['000001.sst', 2, 2],
  ['etcd-raft-peers.bin', 2, 2],
  ['keys.json', 2, 2],
  ['etcd-raft-state.bin', 2, 2],
  ['zeros.fsm', 2, 2],
  ['kek.bin', 5, 5],
  ['nothing', 5, 5],
  ['hashicorp', 4, 4],
  ['strangers', 5, 5],
  ['pipes', 5, 5],
  ['fsm.db', 5, 5],
];

function blameless({ stdout, stderr, signal }: CliResult, path: string): void {
  const said = `${stdout}${stderr}`;
  expect(signal).to.equal(null);
  expect(said, path).to.include(path.split('/').at(-1)!);
  expect(said, path).not.to.match(/^\s+at |node:internal|this is a bug/m);
  expect(stdout, path).not.to.match(/^sound/m);
}

describe('inspect and verify-crc: bad input', function () {
  this.timeout(600_000);
  before(make);

  for (const [path, ...statuses] of CASES) {
    it(`${path}: ${statuses.join(' and ')}`, () => {
      for (const [i, command] of ['inspect', 'verify-crc'].entries()) {
        const text = runCli([command, path], { cwd: dir });
        expect(text.code, `${command} ${path}: ${text.stdout}${text.stderr}`).to.equal(statuses[i]);
        blameless(text, path);
        // The way out is the same for both: each in turn.
        if ((CASES.findIndex(([each]) => each === path) + i) % 2 === 0) continue;
        const json = runCli([command, path, '--json'], { cwd: dir });
        expect(json.code, `${command} ${path} --json`).to.equal(statuses[i]);
        const document = JSON.parse(json.stdout) as { exitCode: number; verdict: string | null };
        expect(document.exitCode).to.equal(statuses[i]);
        expect(document.verdict).not.to.equal('ok');
      }
    });
  }

  it('nothing of a key is shown, whatever it is taken for', () => {
    for (const as of ['fsm-file', 'snap-file', 'wal-segment', 'sidecar', 'engine-marker']) {
      const { stdout, stderr } = runCli(['inspect', 'kek.bin', '--as', as, '--hexdump'], {
        cwd: dir,
      });
      const shown = `${stdout}${stderr}`.replaceAll(' ', '');
      expect(shown, as).not.to.include('001122');
      expect(shown, as).not.to.include('445566');
    }
  });

  it('a directory or file without permission is told as what it is', () => {
    const closed = join(dir, 'closed');
    mkdirSync(closed);
    writeFileSync(join(dir, 'closed.fsm'), 'abcd');
    chmodSync(closed, 0);
    chmodSync(join(dir, 'closed.fsm'), 0);
    const program = runInShell('echo $EKV').stdout.trim();
    // The root of all temp dirs is private to the user that runs the tests.
    chmodSync(dirname(dir), 0o755);
    chmodSync(dir, 0o755);
    chmodSync(dirname(program.split(' ')[1]!), 0o755);
    const isRoot = process.getuid!() === 0;
    for (const path of ['closed', 'closed.fsm']) {
      for (const command of ['inspect', 'verify-crc']) {
        const run = spawnSync('/bin/sh', ['-c', `${program} ${command} ${path}`], {
          cwd: dir,
          env: { PATH: process.env['PATH'] },
          encoding: 'utf8',
          ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
        });
        expect(run.status, `${command} ${path}: ${run.stderr}`).to.equal(1);
        expect(run.stderr).to.match(new RegExp(`^ekv: ${path}: cannot (?:list|open): permission`));
      }
    }
    chmodSync(closed, 0o700);
  });

  it('a sparse file of 4 GiB is read in little memory', () => {
    writeFileSync(join(dir, 'large.fsm'), '');
    truncateSync(join(dir, 'large.fsm'), 2 ** 32);
    const measured = runInShell(`node peak.cjs "$EKV"`, { cwd: dir });
    expect(measured.stderr).to.equal('');
    const [code, kilobytes] = measured.stdout.split(' ').map(Number);
    expect(code).to.equal(2);
    expect(kilobytes).to.be.within(30_000, 150_000);
  });
});
