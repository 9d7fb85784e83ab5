/** `ekv verify-crc` as an operator runs it. */
import { expect } from 'chai';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../support/cli.js';
import { fixtureNames, tempDir, unpackFixture, unpackFresh } from '../../support/fixtures.js';

interface Bytes {
  readonly there: string;
  readonly checked: string;
  readonly skipped: string;
  readonly unreadable: string;
}

interface Document {
  readonly verdict: string;
  readonly exitCode: number;
  readonly findings: readonly { code: string; severity: string; next: readonly string[] }[];
  readonly result: {
    readonly kind: string;
    readonly bytes: Bytes;
    readonly stages: readonly { name: string; status: string; bytes: Bytes }[];
    readonly files: readonly (Bytes & { file: string })[];
  };
}

function verify(...args: string[]): Document {
  const run = runCli(['verify-crc', ...args, '--json']);
  const document = JSON.parse(run.stdout) as Document;
  expect(document.exitCode).to.equal(run.code);
  if (document.result !== null) {
    for (const sums of [document.result.bytes, ...document.result.files]) {
      const { there, checked, skipped, unreadable } = sums;
      expect(BigInt(checked) + BigInt(skipped) + BigInt(unreadable)).to.equal(BigInt(there));
    }
  }
  return document;
}

function statusOf(document: Document, stage: string): string | undefined {
  return document.result.stages.find(({ name }) => name === stage)?.status;
}

describe('ekv verify-crc', function () {
  this.timeout(300_000);
  const name = fixtureNames('nodes')[0]!;
  const group = join(unpackFixture('nodes', name), 'n1');
  const fsm = readdirSync(join(group, 'fsm-snap')).at(-1)!;
  const index = Number.parseInt(fsm, 16);
  const footer = readFileSync(join(group, 'fsm-snap', fsm))
    .subarray(-4)
    .toString('hex');
  const alone = join(tempDir('alone'), fsm);

  before(() => copyFileSync(join(group, 'fsm-snap', fsm), alone));

  it('goes through a whole group dir, every stage ok', () => {
    const document = verify(group);
    expect(document.exitCode).to.equal(0);
    for (const stage of ['snap-crc', 'fsm-token', 'fsm-crc', 'wal-chain', 'pebble', 'structure']) {
      expect(statusOf(document, stage), stage).to.equal('ok');
    }
    const { stdout } = runCli(['verify-crc', group]);
    expect(stdout).to.match(/ B there = [\d,]+ checked \+ [\d,]+ skipped \+ 0 unreadable/);
  });

  it('finds the .snap beside a .fsm', () => {
    const document = verify(join(group, 'fsm-snap', fsm));
    expect(statusOf(document, 'fsm-token')).to.equal('ok');
    expect(document.findings).to.deep.equal([]);
  });

  it('says that the token was not compared where there is none', () => {
    const document = verify(alone);
    expect(statusOf(document, 'fsm-token')).to.equal('skipped');
    expect(statusOf(document, 'fsm-crc')).to.equal('ok');
    expect(document.findings.map(({ code }) => code)).to.deep.equal(['verify-no-token']);
    expect(document.exitCode).to.equal(0);
  });

  it('compares with --crc and --token, right and wrong', () => {
    const token = (crc: string): string =>
      `454b565401${index.toString(16).padStart(16, '0')}${crc}`;
    const wrong = footer === '00000000' ? '00000001' : '00000000';
    for (const flags of [
      ['--crc', footer],
      ['--crc', footer.toUpperCase()],
      ['--token', token(footer)],
    ]) {
      const document = verify(alone, ...flags);
      expect(statusOf(document, 'fsm-token'), flags.join(' ')).to.equal('ok');
      expect(document.exitCode).to.equal(0);
    }
    for (const flags of [
      ['--crc', wrong],
      ['--token', token(wrong)],
    ]) {
      const document = verify(alone, ...flags);
      expect(statusOf(document, 'fsm-token'), flags.join(' ')).to.equal('damaged');
      expect(document.findings.map(({ code }) => code)).to.include('fsm-token-crc');
      expect(document.exitCode).to.equal(2);
    }
    const other = `454b5654010000000000000fff${footer}`;
    const bad = [
      ['--crc', 'xyz'],
      ['--token', 'abcd'],
      ['--token', other],
      ['--crc', footer, '--token', token(footer)],
    ];
    for (const flags of bad) {
      expect(runCli(['verify-crc', alone, ...flags]).code, flags.join(' ')).to.equal(1);
    }
    expect(runCli(['verify-crc', join(group, 'wal'), '--crc', footer]).code).to.equal(1);
  });

  it('goes on after the first fault, in every stage', () => {
    const dir = join(unpackFresh('nodes', name), 'n1');
    const flip = (path: string, at: number): void => {
      const bytes = readFileSync(join(dir, path));
      bytes[at < 0 ? bytes.length + at : at]! ^= 1;
      writeFileSync(join(dir, path), bytes);
    };
    const snap = readdirSync(join(dir, 'snap')).at(-1)!;
    const log = readdirSync(join(dir, 'fsm.db')).find((each) => each.endsWith('.log'))!;
    const segment = readdirSync(join(dir, 'wal')).find((each) => each.endsWith('.wal'))!;
    flip(`snap/${snap}`, -1);
    flip(`fsm-snap/${fsm}`, 60);
    flip(`wal/${segment}`, 0x48);
    flip(`fsm.db/${log}`, 30);
    flip('etcd-raft-peers.bin', 0);
    const document = verify(dir);
    expect(document.exitCode).to.equal(2);
    for (const stage of ['snap-crc', 'fsm-crc', 'wal-chain', 'structure']) {
      expect(statusOf(document, stage), stage).to.equal('damaged');
    }
    expect(statusOf(document, 'pebble')).to.be.oneOf(['damaged', 'attention']);
    expect(Number(document.result.bytes.unreadable)).to.be.greaterThan(0);
    const text = runCli(['verify-crc', dir]);
    expect(text.code).to.equal(2);
    expect(text.stdout.split('\n')[0]).to.match(/^DAMAGED: /);
  });

  it('is inconclusive over what has no checksum', () => {
    const document = verify(join(group, 'etcd-raft-peers.bin'));
    expect(document.exitCode).to.equal(5);
    expect(document.findings.map(({ code }) => code)).to.deep.equal(['verify-nothing-checked']);
    expect(document.result.bytes.checked).to.equal('0');
  });

  it('verifies a single segment, and knows a bare payload', () => {
    const segment = readdirSync(join(group, 'wal')).find((each) => each.endsWith('.wal'))!;
    expect(statusOf(verify(join(group, 'wal', segment)), 'wal-chain')).to.equal('ok');
    const payload = join(tempDir('payload'), 'payload');
    writeFileSync(payload, readFileSync(alone).subarray(0, -4));
    const bare = verify(payload);
    expect(bare.result.kind).to.equal('payload-file');
    expect(bare.result.bytes.checked).to.equal('0');
  });
});
