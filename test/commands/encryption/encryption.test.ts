/** `encryption check`, `encryption rows` and `snapshots` as an operator and a script meet them. */
import { expect } from 'chai';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, runInShell, type CliResult } from '../../support/cli.js';
import { unpackFixture, unpackFresh } from '../../support/fixtures.js';

const NODE = ['--data-dir', 'data', '--raft-id', 'n1', '--peers', 'n1=127.0.0.1:50151'];
const KEYS = ['--sidecar', 'encryption/keys.json', '--kek', 'kek.bin'];

function run(name: string, ...args: string[]): CliResult {
  return runCli(args, { cwd: unpackFixture('guards', name) });
}

interface Document {
  readonly exitCode: number;
  readonly findings: readonly { readonly code: string; readonly next: readonly string[] }[];
  readonly result: Record<string, unknown>;
}

describe('encryption check, on the command line', () => {
  it('says in its first line what is verified and whether the next start refuses', () => {
    const a = run('enc-a', 'encryption', 'check', ...NODE, '--bootstrap', ...KEYS);
    expect(a.stdout.split('\n')[0]).to.equal(
      'REFUSES  every tag verifies: 8,148 encrypted rows, 820 wrapped entries; the next start refuses',
    );
    expect(a.code).to.equal(4);
    const b = run('enc-b', 'encryption', 'check', ...NODE, '--bootstrap', ...KEYS);
    expect(b.stdout).to.match(
      /^ATTENTION {2}every tag verifies: 3,521 encrypted rows, 795 wrapped/,
    );
    expect(b.stdout).to.include('8,696 entries until a start refuses');
    expect(b.code).to.equal(3);
    for (const line of [...a.stdout.split('\n'), ...b.stdout.split('\n')]) {
      // Commands are to be pasted: their words stay whole.
      if (!line.includes('ekv ')) expect(line.length, line).to.be.at.most(100);
    }
  });

  it('gives the same status and the same facts as JSON', () => {
    const { stdout, code } = run('enc-a', 'encryption', 'check', ...NODE, ...KEYS, '--json');
    const document = JSON.parse(stdout) as Document;
    expect(code).to.equal(document.exitCode).and.to.equal(4);
    expect(document.result['restart']).to.deep.include({
      state: 'refuses',
      sidecarAppliedIndex: '1031',
      snapshotIndex: '1201',
      entriesLeft: '0',
    });
    const places = document.result['places'] as { name: string; verified: number }[];
    expect(places.map(({ name, verified }) => [name, verified])).to.deep.equal([
      ['fsm.db', 3521],
      ['fsm-snap/00000000000004b1.fsm', 3061],
      ['fsm-snap/0000000000000321.fsm', 1566],
      ['wal', 820],
    ]);
    const next = document.findings.find(({ code }) => code === 'restart-refused')?.next;
    expect(next?.[0]).to.match(/^ekv cold-start-dryrun --data-dir data .*--kek kek\.bin/);
  });

  it('without keys it ends inconclusive, without encrypted data it is fine', () => {
    expect(run('enc-a', 'encryption', 'check', '--data-dir', 'data').code).to.equal(5);
    const plain = run('plain', 'encryption', 'check', '--data-dir', 'data');
    expect(plain.stdout).to.match(/^OK {2}no encrypted row and no wrapped entry\n/);
    expect(plain.code).to.equal(0);
  });
});

describe('encryption rows, on the command line', () => {
  it('streams a record a line and ends in a summary', () => {
    const { stdout } = run(
      'enc-b',
      'encryption',
      'rows',
      '--data-dir',
      'data',
      '--format',
      'ndjson',
    );
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(records.length).to.equal(3521 + 795 + 1);
    expect(records.at(-1)).to.deep.include({ type: 'summary', records: 4316, notVerified: 4316 });
    const fields =
      'type place keyHex ts keyId nodeId16 localEpoch writeCount length verified error';
    expect(records[0]).to.have.all.keys(fields.split(' '));
  });

  it('ends quietly when the reader has seen enough', () => {
    const cwd = unpackFixture('guards', 'enc-b');
    const { stdout, stderr } = runInShell('$EKV encryption rows --data-dir data | head -1', {
      cwd,
    });
    expect(stdout.split('\n')).to.have.length(2);
    expect(stderr).to.equal('');
  });

  it('shows values only with --decrypt, and refuses that without keys', () => {
    const args = ['encryption', 'rows', '--data-dir', 'data', '--in', 'fsm.db', '--limit', '3'];
    expect(run('enc-b', ...args, ...KEYS).stdout).to.not.include(' = "');
    expect(run('enc-b', ...args, ...KEYS, '--decrypt').stdout).to.include(' = "v');
    const refused = run('enc-b', ...args, '--decrypt');
    expect([refused.code, refused.stdout]).to.deep.equal([1, '']);
    expect(refused.stderr).to.include('--decrypt needs --sidecar and --kek');
  });
});

describe('snapshots, on the command line', () => {
  it('marks exactly one, and pastes commands that name what was typed', () => {
    const { stdout, code } = run('enc-a', 'snapshots', ...NODE, '--bootstrap', ...KEYS);
    expect(stdout.match(/<== the node would use this/g)).to.have.length(1);
    expect(stdout).to.match(
      /^REFUSES {2}the node picks snapshot 1,201 \(term 2\) of 2 and refuses/,
    );
    expect(stdout).to.include('mkdir -p data/n1.aside && mv data/n1/snap/0000000000000002-0000');
    expect(code).to.equal(4);
  });

  it('marks none where there is none to use', () => {
    const dir = unpackFresh('guards', 'plain');
    rmSync(join(dir, 'data', 'n1', 'snap'), { recursive: true });
    const { stdout } = runCli(['snapshots', ...NODE, '--json'], { cwd: dir });
    const { result, exitCode } = JSON.parse(stdout) as Document;
    const snapshots = result['snapshots'] as { chosen: boolean; deletedAtBoot: boolean }[];
    expect(snapshots.length).to.be.greaterThan(0);
    expect(snapshots.every(({ chosen, deletedAtBoot }) => !chosen && deletedAtBoot)).to.equal(true);
    expect(exitCode).to.be.oneOf([3, 4]);
  });
});
