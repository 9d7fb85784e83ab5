/** Names, links, pipes and devices where a node's files should be. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { IoError } from '../../../src/lib/core/errors.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { runCli, runInShell } from '../../support/cli.js';
import { fixtureNames, tempDir, unpackFresh } from '../../support/fixtures.js';

/** Control characters but the line feed: what must never reach a terminal out of the data. */
// oxlint-disable-next-line no-control-regex -- that is what is looked for
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

function freshNode(): string {
  const name = fixtureNames('nodes').find((each) =>
    existsSync(join(unpackFresh('nodes', each), 'n1', 'fsm-snap')),
  );
  if (name === undefined) throw new Error('no recorded node has snapshots');
  return join(unpackFresh('nodes', name), 'n1');
}

interface Report {
  readonly verdict: string | null;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
}

function dryRun(group: string): Report & { code: number | null } {
  const { stdout, code } = runCli(['cold-start-dryrun', '--data-dir', group, '--json']);
  return { ...(JSON.parse(stdout) as Report), code };
}

describe('strange files', () => {
  it('names with line ends and escape sequences forge no line and no colour', () => {
    const group = freshNode();
    const evil = 'a\u001b[31m\u0007\nBOOTS-SKIP  all is well\u009b2J.wal';
    writeFileSync(join(group, 'wal', evil), 'x');
    writeFileSync(join(group, 'snap', `${evil}.snap`), 'x');
    writeFileSync(join(group, 'fsm-snap', `${evil}.fsm`), 'x');
    for (const args of [['cold-start-dryrun'], ['snapshots'], ['replay-wal']]) {
      const { stdout, stderr } = runCli([...args, '--data-dir', group]);
      expect(stdout, args[0]).to.not.match(RAW_CONTROL);
      expect(stderr, args[0]).to.not.match(RAW_CONTROL);
      expect(stdout.split('\n').filter((line) => line.startsWith('BOOTS-SKIP  all'))).to.deep.equal(
        [],
      );
    }
  });

  it('a name that is no UTF-8 is listed', () => {
    const dir = tempDir('names');
    const path = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0x61, 0xff, 0xfe, 0x62])]);
    closeSync(openSync(path, 'w'));
    writeFileSync(join(dir, 'z'), 'x');
    const listed = new FsDir(dir).list();
    expect(listed.map(({ name }) => name)).to.deep.equal(['a\ufffd\ufffdb', 'z']);
    expect(listed[0]?.kind).to.equal('file');
  });

  it('links that lead out of the directory, or nowhere, are named', () => {
    const group = freshNode();
    const outside = tempDir('outside');
    renameSync(join(group, 'fsm-snap'), join(outside, 'fsm-snap'));
    symlinkSync(join(outside, 'fsm-snap'), join(group, 'fsm-snap'));
    symlinkSync('/nowhere/at/all', join(group, 'snap', 'dangling.snap'));
    symlinkSync('0.tmp', join(group, 'wal', 'inside'));
    const links = dryRun(group).findings.filter(({ code }) => code === 'link-outside');
    expect(links.length).to.equal(existsSync(join(group, 'wal', 'inside')) ? 2 : 3);
    expect(links[0]?.message).to.contain(outside);
  });

  it('a circle of links ends', () => {
    const group = freshNode();
    symlinkSync('loop-b', join(group, 'loop-a'));
    symlinkSync('loop-a', join(group, 'loop-b'));
    symlinkSync('.', join(group, 'wal', 'self'));
    expect(dryRun(group).code).to.be.oneOf([0, 2, 3, 4, 5]);
  });

  it('FIFOs, sockets and devices in the place of files hang nothing and are refused by name', () => {
    const dir = tempDir('special');
    spawnSync('mkfifo', [join(dir, 'fifo')]);
    const kindOf = (path: string): string => {
      try {
        new FileSource(path).close();
        return 'opened';
      } catch (error) {
        expect(error).to.be.instanceOf(IoError);
        return (error as IoError).detail;
      }
    };
    expect(kindOf(join(dir, 'fifo'))).to.equal('is a FIFO, not a regular file');
    expect(kindOf('/dev/null')).to.equal('is a device, not a regular file');
    expect(kindOf('/dev/tty')).to.match(/device|cannot open/);
    expect(kindOf(dir)).to.equal('is a directory, not a regular file');
  });

  it('a FIFO or a device at every place of a node’s directory ends in an answer', () => {
    const places = ['etcd-raft-peers.bin', 'raft-engine', 'wal', 'snap', 'fsm-snap', 'fsm.db'];
    const strays: string[] = [];
    for (const place of places) {
      const group = freshNode();
      rmSync(join(group, place), { recursive: true, force: true });
      spawnSync('mkfifo', [join(group, place)]);
      const run = runCli(['cold-start-dryrun', '--data-dir', group, '--json', '--timeout', '20']);
      if (![0, 1, 2, 3, 4, 5].includes(run.code ?? -1)) strays.push(`${place}: ${run.stdout}`);
    }
    const group = freshNode();
    for (const folder of ['wal', 'snap', 'fsm-snap', 'fsm.db']) {
      if (!existsSync(join(group, folder))) mkdirSync(join(group, folder));
      for (const name of readdirSync(join(group, folder)).slice(0, 1)) {
        rmSync(join(group, folder, name), { recursive: true });
        symlinkSync('/dev/zero', join(group, folder, name));
      }
    }
    const run = runCli(['cold-start-dryrun', '--data-dir', group, '--json', '--timeout', '20']);
    if (![0, 1, 2, 3, 4, 5].includes(run.code ?? -1)) strays.push(`devices: ${run.stdout}`);
    expect(strays.join('\n')).to.equal('');
  });

  it('a file that shrinks while it is read is an error with a name, one that grows is read as it was', () => {
    const path = join(tempDir('moving'), 'file');
    writeFileSync(path, Buffer.alloc(10_000, 7));
    const source = new FileSource(path);
    appendFileSync(path, Buffer.alloc(5000, 8));
    expect(source.size).to.equal(10_000);
    expect(source.readAt(9000, new Uint8Array(4000))).to.equal(1000);
    truncateSync(path, 100);
    expect(() => source.readAt(0, new Uint8Array(10_000))).to.throw(IoError, /shrank/);
    rmSync(path);
    expect(source.readAt(0, new Uint8Array(100))).to.equal(100);
    source.close();
    expect(() => new FileSource(path)).to.throw(IoError, /no such file/);
  });

  it('100,000 files in a directory are read within the time of a boot', () => {
    const group = freshNode();
    for (let i = 0; i < 100_000; i++) {
      closeSync(openSync(join(group, 'wal', `stranger-${i}`), 'w'));
    }
    const began = performance.now();
    expect(dryRun(group).code).to.be.oneOf([0, 3, 4]);
    expect(performance.now() - began).to.be.below(30_000);
    const few = runCli([
      'cold-start-dryrun',
      '--data-dir',
      group,
      '--limit',
      'dir-entries=1000',
      '--json',
    ]);
    expect(few.stdout).to.contain('limit-exceeded');
    expect(few.code).to.be.oneOf([1, 5]);
  });

  it('too few descriptors and a full disk behind the output have names', () => {
    const group = freshNode();
    for (const most of [64, 96]) {
      const starved = runInShell(`ulimit -n ${most}; $EKV cold-start-dryrun --data-dir ${group}`);
      expect(starved.code, `${most}: ${starved.stderr}`).to.be.oneOf([0, 1, 3, 4, 5]);
    }
    const full = runInShell(`$EKV cold-start-dryrun --data-dir ${group} > /dev/full`);
    expect(full.code).to.equal(1);
    expect(full.stderr).to.equal('ekv: cannot write standard output: ENOSPC\n');
  });
});
