/** Signals and deadlines (reference/peers.md C4), through the real command line. */
import { expect } from 'chai';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_COMMANDS, startCli, type CliResult } from '../support/cli.js';
import { bothWays, documentOf } from './probe.js';

async function stop(signal: NodeJS.Signals, args: string[] = []): Promise<CliResult> {
  const child = startCli(['spin', ...args], { commands: PROBE_COMMANDS });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (chunk.toString().includes('ready')) child.kill(signal);
  });
  const [code, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal: by, stdout, stderr };
}

describe('signals and deadlines', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`${signal} ends paced work with 130`, async () => {
      const run = await stop(signal);
      expect(run.code).to.equal(130);
      expect(run.stderr).to.equal(`ready\nekv: interrupted by ${signal}\n`);
    });
  }

  it('SIGINT under --json still gives a document', async () => {
    const run = await stop('SIGINT', ['--json']);
    expect(run.code).to.equal(130);
    expect(documentOf(run).error?.code).to.equal('tool-interrupted');
    expect(documentOf(run).exitCode).to.equal(130);
  });

  it('SIGINT ends a process whose reader has stalled', async () => {
    const child = startCli(['flood', '--lines', '1000000'], { commands: PROBE_COMMANDS });
    await sleep(1000);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).to.equal(130);
    child.stdout?.destroy();
  });

  it('--timeout ends paced work with 124, in both forms', () => {
    const { text, json } = bothWays('spin --timeout 0.2', 'ready\n');
    expect(text.code).to.equal(124);
    expect(text.stderr).to.include('timed out after 0.2 s');
    expect(json.error?.code).to.equal('tool-timed-out');
  });
});
