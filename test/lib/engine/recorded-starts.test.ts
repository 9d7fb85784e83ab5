/**
 * The recorded starts of whole nodes, encryption guards included (spec/output.md §6): refuses or
 * boots, the errors, and the epochs the boot leaves in the sidecar.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { BootReport } from '../../../src/lib/engine/boot-report.js';
import { GENERATIONS } from '../../../src/lib/engine/generation.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { unpackFresh } from '../../support/fixtures.js';
import { prepareStart, recordedStarts, type RecordedStart } from '../../support/recorded-start.js';

function predict(dir: string, node: RecordedStart['node']): Promise<BootReport> {
  const sidecarPath = join(dir, 'encryption', 'keys.json');
  const group = new FsDir(join(dir, 'data', 'n1'));
  return predictBoot({
    group,
    generation: GENERATIONS['snapshot-pointer'],
    raftId: 'n1',
    peers: [{ id: 'n1', address: '127.0.0.1:50151' }],
    bootstrap: true,
    guards: true,
    encryption: {
      on: node.encryptionEnabled,
      sidecar: node.sidecar
        ? sidecarStateOf(() => new FileSource(sidecarPath))
        : { kind: 'no-path' },
      kek: node.kek ? kekStateOf(() => new FileSource(join(dir, 'kek.bin'))) : { kind: 'none' },
      sidecarPath,
    },
    groups: [{ id: 1n, dir: group }],
    wantDigest: false,
    onEntry: null,
    nowMs: 1_780_000_000_000n,
    pace: NO_PACE,
  });
}

function epochsOf(report: BootReport): Record<string, number> | null {
  const keys = report.sidecarAfter?.keys;
  if (!keys) return null;
  return Object.fromEntries([...keys].map(([id, key]) => [id, key.localEpoch]));
}

function differences(report: BootReport, outcome: RecordedStart['outcome']): string[] {
  const lines: string[] = [];
  const errors = [...(report.refusal?.errors ?? [])].sort().join(',');
  const recorded = [...outcome.errors].sort().join(',');
  if ((report.refusal !== null) !== outcome.refuses) {
    lines.push(`predicted ${report.verdict}: ${report.refusal?.message ?? ''}`);
  }
  if (errors !== recorded) lines.push(`errors: predicted ${errors}, recorded ${recorded}`);
  // A start that is refused before the bump leaves the file alone, and so does one without keys.
  const epochs = report.refusal?.step === 1 ? null : epochsOf(report);
  if (epochs !== null && outcome.localEpochsAfter !== null) {
    const predicted = JSON.stringify(epochs);
    const after = JSON.stringify(outcome.localEpochsAfter);
    if (predicted !== after) lines.push(`epochs: predicted ${predicted}, recorded ${after}`);
  }
  return lines;
}

describe('engine: recorded starts of whole nodes', () => {
  it('agree with the real node', async () => {
    const cases = recordedStarts();
    const differing: string[] = [];
    for (const start of cases) {
      const dir = prepareStart(start);
      const lines = differences(await predict(dir, start.node), start.outcome);
      if (lines.length > 0) differing.push(`${start.name}: ${lines.join('; ')}`);
      rmSync(dir, { recursive: true });
    }
    process.stdout.write(`    agree ${cases.length - differing.length} of ${cases.length}\n`);
    expect(differing.join('\n')).to.equal('');
  });

  it('and the plain node boots by skipping', async () => {
    const dir = unpackFresh('guards', 'plain');
    const report = await predict(dir, { encryptionEnabled: false, kek: false, sidecar: false });
    expect(report.refusal).to.equal(null);
    expect(report.verdict).to.equal('boots-skip');
  });
});
