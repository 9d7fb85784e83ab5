/** Closed, full and slow pipes (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_COMMANDS, runInShell, startCli } from '../support/cli.js';
import { type Document } from './probe.js';

describe('pipes', () => {
  let slow: ChildProcess | undefined;
  let startedAt = 0;

  before(() => {
    startedAt = performance.now();
    slow = startCli(['flood', '--late', '--lines', '300000', '--json'], {
      commands: PROBE_COMMANDS,
    });
  });

  it('| head: quiet, the work stops, status 0 without a verdict', () => {
    const run = runInShell(
      '{ $EKV flood --lines 100000000 ; echo "status $?" >&2 ; } | head -n 2',
      { commands: PROBE_COMMANDS },
    );
    expect(run.stdout).to.match(/^line 0 x+\nline 1 x+\n$/);
    expect(run.stderr).to.match(/^printed \d+\nstatus 0\n$/);
    expect(Number(/printed (\d+)/.exec(run.stderr)?.[1])).to.be.below(1_000_000);
  });

  it('| head keeps the verdict that was reached before the report', () => {
    for (const form of ['', '--json']) {
      const run = runInShell(
        `{ $EKV flood --late --lines 200000 --ground 4 ${form} ; echo "status $?" >&2 ; } | head -n 1`,
        { commands: PROBE_COMMANDS },
      );
      expect(run.stderr).to.equal('printed 0\nstatus 4\n');
    }
  });

  it('a closed standard error disturbs nothing', () => {
    const run = runInShell('$EKV fail --way io 2>&- ; echo "status $?"', {
      commands: PROBE_COMMANDS,
    });
    expect(run.stdout).to.equal('status 1\n');
  });

  it('a full disk is status 1 with a message, not a crash', function () {
    const run = runInShell('$EKV flood --lines 100000 > /dev/full', { commands: PROBE_COMMANDS });
    expect(run.stderr).to.include('cannot write standard output: ENOSPC');
    expect(run.code).to.equal(1);
  });

  it('a reader that pauses for longer than oclif would wait gets everything', async () => {
    // Started when the suite began: its output waits in the pipe while the tests above run.
    await sleep(Math.max(0, 11_000 - (performance.now() - startedAt)));
    const chunks: Buffer[] = [];
    slow!.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = (await once(slow!, 'close')) as [number];
    expect(code).to.equal(0);
    const document = JSON.parse(Buffer.concat(chunks).toString()) as Document;
    expect(document.result?.['rows']).to.have.length(300_000);
  });
});
