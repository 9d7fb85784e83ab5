/**
 * The recorded starts of whole nodes through the real command line (spec/output.md §6): the flags a
 * node was started with, typed as an operator would, give its refusal, its errors and the epochs that
 * it left in the sidecar.
 */
import { expect } from 'chai';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../support/cli.js';
import { prepareStart, recordedStarts, type RecordedStart } from '../../support/recorded-start.js';

interface Document {
  readonly verdict: string;
  readonly exitCode: number;
  readonly result: {
    readonly refusal: { readonly errors: readonly string[]; readonly step: number } | null;
    readonly actions: readonly { readonly kind: string; readonly detail: string }[];
  };
}

function argsOf({ node }: RecordedStart): string[] {
  const args = ['cold-start-dryrun', '--data-dir', 'data', '--raft-id', 'n1'];
  args.push('--peers', 'n1=127.0.0.1:50151', '--bootstrap', '--generation', 'snapshot-pointer');
  args.push('--encryption', node.encryptionEnabled ? 'on' : 'off', '--json');
  if (node.sidecar) args.push('--sidecar', 'encryption/keys.json');
  if (node.kek) args.push('--kek', 'kek.bin');
  return args;
}

/** The sidecar's epochs with the bumps that the dry run announces. */
function epochsAfter(dir: string, { result }: Document): Record<string, number> | null {
  const path = join(dir, 'encryption', 'keys.json');
  if (!existsSync(path)) return null;
  const { keys } = JSON.parse(readFileSync(path, 'utf8')) as {
    keys: Record<string, { local_epoch: number }>;
  };
  const epochs = Object.fromEntries(
    Object.entries(keys).map(([id, { local_epoch: epoch }]) => [id, epoch]),
  );
  for (const { detail } of result.actions) {
    const bump = /^local_epoch of (?:storage|raft) key (\d+) from \d+ to (\d+)$/.exec(detail);
    if (bump) epochs[bump[1]!] = Number(bump[2]);
  }
  return epochs;
}

function differences(dir: string, start: RecordedStart): string[] {
  const { outcome } = start;
  const sidecar = join(dir, 'encryption', 'keys.json');
  const before = existsSync(sidecar) ? readFileSync(sidecar) : undefined;
  const run = runCli(argsOf(start), { cwd: dir });
  const lines: string[] = [];
  const document = JSON.parse(run.stdout) as Document;
  const refuses = document.verdict === 'refuses';
  if (refuses !== outcome.refuses) lines.push(`verdict ${document.verdict}`);
  if (run.code !== document.exitCode) lines.push(`exit ${run.code}, told ${document.exitCode}`);
  if (refuses !== (run.code === 4)) lines.push(`exit ${run.code} of ${document.verdict}`);
  if (run.stderr !== '') lines.push(`stderr ${run.stderr}`);
  const errors = [...(document.result.refusal?.errors ?? [])].sort().join(',');
  const recorded = [...outcome.errors].sort().join(',');
  if (errors !== recorded) lines.push(`errors ${errors}, recorded ${recorded}`);
  // A start refused before the bump leaves the file alone; some of those files are no sidecars.
  const bumped = document.result.refusal?.step !== 1 && outcome.localEpochsAfter !== null;
  const epochs = bumped ? epochsAfter(dir, document) : null;
  if (epochs !== null) {
    const told = JSON.stringify(epochs);
    const after = JSON.stringify(outcome.localEpochsAfter);
    if (told !== after) lines.push(`epochs ${told}, recorded ${after}`);
  }
  if (before !== undefined && !before.equals(readFileSync(sidecar))) lines.push('it wrote');
  return lines;
}

describe('cold-start-dryrun: recorded starts of whole nodes', () => {
  it('agrees with every one of them', () => {
    const cases = recordedStarts();
    const differing: string[] = [];
    let epochs = 0;
    for (const start of cases) {
      const dir = prepareStart(start);
      const lines = differences(dir, start);
      if (start.outcome.localEpochsAfter !== null && !start.outcome.refuses) epochs++;
      if (lines.length > 0) differing.push(`${start.name}: ${lines.join('; ')}`);
      rmSync(dir, { recursive: true });
    }
    process.stdout.write(
      `      agree ${cases.length - differing.length} of ${cases.length}, ` +
        `${epochs} of them boots with recorded epochs\n`,
    );
    expect(differing.join('\n')).to.equal('');
    expect(cases.length).to.be.at.least(58);
  });
});
