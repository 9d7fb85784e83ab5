/** A directory in use: told at once, never waited for, never locked, never answered with certainty. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { groupLocks } from '../../../src/lib/io/live-lock.js';
import { runCli } from '../../support/cli.js';
import { fixtureNames, unpackFresh } from '../../support/fixtures.js';
import { holdAsNode, type Holder } from '../../support/lock-holder.js';

interface Report {
  readonly verdict: string | null;
  readonly exitCode: number;
  readonly findings: readonly { readonly code: string }[];
  readonly error?: { readonly code: string; readonly message: string } | null;
}

/** A recorded node with a WAL and a store, as a directory of its own. */
function nodeWithStore(): { group: string; segment: string; lock: string } {
  for (const name of fixtureNames('nodes')) {
    const group = join(unpackFresh('nodes', name), 'n1');
    const names = readdirSync(group);
    if (!names.includes('wal') || !names.includes('fsm.db')) continue;
    const segments = readdirSync(join(group, 'wal')).filter((each) => each.endsWith('.wal'));
    const newest = segments.sort().at(-1);
    if (newest === undefined) continue;
    return {
      group,
      segment: join(group, 'wal', newest),
      lock: join(group, 'fsm.db', 'LOCK'),
    };
  }
  throw new Error('no recorded node has a WAL and a store');
}

function reportOf(...args: string[]): Report & { ms: number; status: number | null } {
  const began = performance.now();
  const { stdout, code } = runCli([...args, '--json']);
  const ms = performance.now() - began;
  return { ...(JSON.parse(stdout) as Report), ms, status: code };
}

describe('a directory in use', () => {
  const node = nodeWithStore();
  const dryRun = ['cold-start-dryrun', '--data-dir', node.group];
  let holder: Holder;

  before(async () => {
    holder = await holdAsNode(node.segment, node.lock);
  });
  after(() => holder.release());

  it('is known by both locks, with the process that has the one that names it', () => {
    const locks = groupLocks(node.group);
    expect(locks.map(({ path }) => path)).to.deep.equal([node.segment, node.lock]);
    expect(locks.map(({ kind }) => kind)).to.deep.equal(['OFDLCK', 'POSIX']);
    expect(locks.map(({ pid }) => pid)).to.deep.equal([undefined, holder.pid]);
  });

  it('is refused with exit status 1, the file and the process named', () => {
    const report = reportOf(...dryRun);
    expect(report.status).to.equal(1);
    expect(report.error?.code).to.equal('dir-live');
    expect(report.error?.message).to.contain(`process ${holder.pid}`);
  });

  it('is read with --allow-live, and then nothing is certain', () => {
    const report = reportOf(...dryRun, '--allow-live');
    expect(report.status).to.equal(5);
    expect(report.verdict).to.equal('inconclusive');
    expect(report.findings[0]?.code).to.equal('dir-live');
    const text = runCli([...dryRun, '--allow-live']);
    expect(text.code).to.equal(5);
    expect(text.stdout.split('\n')[0]).to.match(/^UNSTABLE: a running process/);
  });

  it('is refused and, if allowed, unstable to every command that inspects', () => {
    const commands = [
      ['replay-wal', '--data-dir', node.group],
      ['snapshots', '--data-dir', node.group],
      ['encryption', 'check', '--data-dir', node.group],
      ['inspect', node.group],
      ['verify-crc', node.group],
      ['compare', node.group, node.group],
    ];
    for (const args of commands) {
      const refused = reportOf(...args);
      expect(refused.error?.code, args.join(' ')).to.equal('dir-live');
      expect(refused.status, args.join(' ')).to.equal(1);
      const allowed = reportOf(...args, '--allow-live');
      expect(allowed.status, args.join(' ')).to.equal(5);
      expect(allowed.findings.map(({ code }) => code)).to.contain('dir-live');
    }
  });

  it('is free again when the process is gone', async () => {
    await holder.release();
    expect(groupLocks(node.group)).to.deep.equal([]);
    expect(reportOf(...dryRun).findings.map(({ code }) => code)).to.not.contain('dir-live');
  });
});
