/** `--report`: the file as such, without a browser. */
import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { fixtureNames, tempDir, unpackFixture, unpackFresh } from '../support/fixtures.js';

const [PLAIN = ''] = fixtureNames('nodes');

function dryRun(dataDir: string, ...more: string[]): ReturnType<typeof runCli> {
  return runCli(['cold-start-dryrun', '--data-dir', dataDir, '--raft-id', 'n1', ...more]);
}

describe('cold-start-dryrun --report', () => {
  it('writes the page, says where, and keeps status and JSON as they are', () => {
    const dir = join(unpackFixture('nodes', PLAIN), 'n1');
    const file = join(tempDir('report'), 'a.html');
    const without = dryRun(dir);
    const withReport = dryRun(dir, '--report', file);
    expect(withReport.code).to.equal(without.code);
    expect(withReport.stdout).to.equal(`${without.stdout}\nreport: ${file}\n`);
    const html = readFileSync(file, 'utf8');
    expect(html).to.include(`exit status ${without.code}`);
    const second = join(tempDir('report'), 'b.html');
    const json = dryRun(dir, '--json', '--report', second);
    expect(json.stdout).to.equal(dryRun(dir, '--json').stdout);
    expect(readFileSync(second, 'utf8'), 'the same input, the same bytes').to.equal(html);
  });

  it('never writes over anything, and looks before the work', () => {
    const dir = join(unpackFixture('nodes', PLAIN), 'n1');
    const file = join(tempDir('report'), 'a.html');
    writeFileSync(file, 'mine');
    const run = dryRun(dir, '--report', file);
    expect(run.code).to.equal(1);
    expect(run.stderr).to.include('exists already');
    expect(readFileSync(file, 'utf8')).to.equal('mine');
  });

  it('never writes into the data dir', () => {
    const dir = join(unpackFresh('nodes', PLAIN), 'n1');
    const before = readdirSync(dir);
    expect(dryRun(dir, '--report', join(dir, 'a.html')).code).to.equal(1);
    expect(dryRun(dir, '--report', join(dir, 'wal', 'a.html')).code).to.equal(1);
    expect(readdirSync(dir)).to.deep.equal(before);
  });

  it('wants a name that says what it is, in a directory that is there', () => {
    const dir = join(unpackFixture('nodes', PLAIN), 'n1');
    const parent = tempDir('report');
    expect(dryRun(dir, '--report', join(parent, 'a.txt')).stderr).to.include('.html');
    expect(dryRun(dir, '--report', join(parent, 'no', 'a.html')).code).to.equal(1);
    expect(readdirSync(parent)).to.deep.equal([]);
  });

  it('names from the disk are text in it', () => {
    const dir = join(unpackFresh('nodes', PLAIN), 'n1');
    const name = '<img src=x onerror=alert(1)>&"\'.fsm.tmp';
    mkdirSync(join(dir, 'fsm-snap'), { recursive: true });
    writeFileSync(join(dir, 'fsm-snap', name), 'x');
    const file = join(tempDir('report'), 'a.html');
    dryRun(dir, '--report', file);
    const html = readFileSync(file, 'utf8');
    expect(html).to.include('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;.fsm.tmp');
    expect(html).to.not.include('<img');
  });

  it('a run that fails leaves no file', () => {
    const file = join(tempDir('report'), 'a.html');
    expect(dryRun('/nonexistent', '--report', file).code).to.equal(1);
    expect(existsSync(file)).to.equal(false);
  });
});

describe('--report of other commands', () => {
  it('replay-wal: with a data dir and without, never together with --raw', () => {
    const dir = join(unpackFixture('nodes', PLAIN), 'n1');
    const parent = tempDir('report');
    const node = ['replay-wal', '--data-dir', dir, '--raft-id', 'n1'];
    const plain = runCli(node);
    const boot = runCli([...node, '--report', join(parent, 'boot.html')]);
    expect(boot.code).to.equal(plain.code);
    expect(boot.stdout).to.include(plain.stdout);
    const html = readFileSync(join(parent, 'boot.html'), 'utf8');
    for (const title of ['Index line', 'Entries in time', 'Payload by key prefix', 'Entries']) {
      expect(html).to.include(`>${title}</h2>`);
    }
    runCli(['replay-wal', join(dir, 'wal'), '--report', join(parent, 'log.html')]);
    expect(readFileSync(join(parent, 'log.html'), 'utf8')).to.include('fate not known');
    const raw = runCli([...node, '--raw', '--report', join(parent, 'raw.html')]);
    expect(raw.code).to.equal(1);
    expect(existsSync(join(parent, 'raw.html'))).to.equal(false);
  });

  it('verify-crc: every stage, file and check', () => {
    const dir = join(unpackFixture('nodes', PLAIN), 'n1');
    const file = join(tempDir('report'), 'a.html');
    const run = runCli(['verify-crc', dir, '--report', file]);
    const html = readFileSync(file, 'utf8');
    expect(html).to.include(`exit status ${run.code}`);
    for (const title of ['Stages', 'Files', 'Checks']) expect(html).to.include(`>${title}</h2>`);
    expect(html).to.include('wal-chain');
  });

  it('a user’s own keys are not on the page', () => {
    const dir = join(unpackFixture('guards', 'plain'), 'data');
    const file = join(tempDir('report'), 'a.html');
    const more = ['--raft-id', 'n1', '--generation', 'snapshot-pointer', '--report', file];
    const keys = runCli([
      'replay-wal',
      '--data-dir',
      dir,
      '--format',
      'ndjson',
      ...more.slice(0, 4),
    ]);
    runCli(['replay-wal', '--data-dir', dir, ...more]);
    const html = readFileSync(file, 'utf8');
    const hexes = [...keys.stdout.matchAll(/"keyHex":"([0-9a-f]{40,})"/g)].map(([, hex]) => hex!);
    expect(hexes.length).to.be.above(10);
    for (const hex of hexes) {
      expect(html).to.not.include(hex);
      expect(html).to.not.include(Buffer.from(hex, 'hex').toString('latin1'));
    }
  });
});
