/**
 * Every call that a dry run makes to the system fails in turn. What may come of it: an answer (a file
 * whose failure the node itself tolerates, or an inconclusive one), or an error with a name. Never a
 * crash, never a descriptor left open.
 */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../../src/lib/core/errors.js';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { BootReport } from '../../../src/lib/engine/boot-report.js';
import { NO_ENCRYPTION } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { openNodeDir } from '../../../src/lib/engine/node-dir.js';
import { FsDir } from '../../../src/lib/io/file-source.js';
import { verifyPebble } from '../../../src/lib/pebble/db/verify.js';
import { fixtureNames, unpackFixture } from '../../support/fixtures.js';
import { withFaults, type Fault, type FsCall } from '../../support/faulting-fs.js';

async function dryRun(group: string): Promise<BootReport> {
  const node = openNodeDir(new FsDir(group));
  return predictBoot({
    group: node.group.dir,
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: ['n1', 'n2', 'n3'].map((id, i) => ({ id, address: `127.0.0.1:${50051 + i}` })),
    bootstrap: true,
    guards: false,
    encryption: NO_ENCRYPTION,
    groups: node.processGroups,
    wantDigest: true,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  });
}

function shown(report: BootReport | undefined): string {
  return JSON.stringify(report, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

/**
 * An answer that differs from the sound one says so: it is no promise of a boot, or it has findings
 * that the sound one has not.
 */
function isHonest(report: BootReport, sound: string): boolean {
  if (shown(report) === sound) return true;
  if (report.verdict === 'inconclusive' || report.verdict === 'refuses') return true;
  const { findings } = JSON.parse(sound) as { findings: { code: string; file?: string }[] };
  const known = new Set(findings.map(({ code, file }) => `${code} ${file ?? ''}`));
  return report.findings.some(({ code, file }) => !known.has(`${code} ${file ?? ''}`));
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** A node that restores, with tables in its store: the boot that reads most. */
function busiestNode(): string {
  let busiest = '';
  let most = 0;
  for (const name of fixtureNames('nodes').filter((_, i) => i % 37 === 0)) {
    const group = join(unpackFixture('nodes', name), 'n1');
    const files = readdirSync(group, { recursive: true }).length;
    if (files > most) [busiest, most] = [group, files];
  }
  return busiest;
}

const survived = { faults: 0, answers: 0, named: 0 };

async function failEvery(
  fault: Fault,
  work: () => Promise<unknown>,
  eachCall: (n: number, call: FsCall, result: unknown, error: unknown) => void,
): Promise<void> {
  const calls: FsCall[] = [];
  await withFaults((_n, call) => void calls.push(call), work);
  let before = openFiles();
  const leaks: string[] = [];
  for (const [at, call] of calls.entries()) {
    if (fault === 'short' && call !== 'readSync') continue;
    const { result, error, tally } = await withFaults((n) => (n === at ? fault : undefined), work);
    if (tally.injected === 0) continue;
    survived.faults++;
    if (error === undefined) survived.answers++;
    else survived.named++;
    const open = openFiles();
    if (open > before) leaks.push(`${call} ${at} leaves ${open - before} open`);
    before = open;
    eachCall(at, call, result, error);
  }
  expect(leaks.join('\n')).to.equal('');
}

describe('faults below io', () => {
  const group = busiestNode();
  let sound = '';

  before(async () => {
    sound = shown(await dryRun(group));
  });

  for (const fault of ['EIO', 'EMFILE', 'EACCES', 'ENOENT'] as const) {
    it(`${fault} at every call of a dry run is an answer or an error with a name`, async () => {
      const strays: string[] = [];
      await failEvery(
        fault,
        () => dryRun(group),
        (n, call, result, error) => {
          const report = result as BootReport;
          if (error === undefined) {
            if (isHonest(report, sound)) return;
            strays.push(`${call} ${n}: ${report.verdict} as if nothing had happened`);
          } else if (!(error instanceof ToolError)) {
            strays.push(`${call} ${n}: ${(error as Error).stack ?? String(error)}`);
          }
        },
      );
      expect(strays.join('\n')).to.equal('');
    });
  }

  for (const fault of ['EINTR', 'short'] as const) {
    it(`${fault} at every read changes nothing`, async () => {
      const strays: string[] = [];
      await failEvery(
        fault,
        () => dryRun(group),
        (n, call, result, error) => {
          if (call !== 'readSync') return;
          if (error === undefined && shown(result as BootReport) === sound) return;
          strays.push(`${call} ${n}: ${error === undefined ? 'another answer' : String(error)}`);
        },
      );
      expect(strays.join('\n')).to.equal('');
    });
  }

  it('EIO at every call of a verification is a finding or an error with a name', async () => {
    const dir = join(group, 'fsm.db');
    const strays: string[] = [];
    const work = (): Promise<unknown> =>
      verifyPebble(new FsDir(dir), 'full', { report: () => undefined });
    await failEvery('EIO', work, (n, call, _result, error) => {
      if (error === undefined || error instanceof ToolError) return;
      strays.push(`${call} ${n}: ${(error as Error).stack ?? String(error)}`);
    });
    expect(strays.join('\n')).to.equal('');
  });

  it('every fault was really met', () => {
    process.stdout.write(
      `    ${survived.faults} faults: ${survived.answers} answers, ${survived.named} named errors\n`,
    );
    expect(survived.faults).to.be.above(500);
    expect(survived.named).to.be.above(50);
  });
});
