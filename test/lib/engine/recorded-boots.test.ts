/**
 * Every recorded boot of every recorded node, under both generations, compared field by field. Boots
 * run with the recorder's own call (spec/output.md §6).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NO_PACE } from '../../../src/lib/core/pace.js';
import { kekStateOf, sidecarStateOf } from '../../../src/lib/encryption/guard-inputs.js';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { EntryRecord } from '../../../src/lib/engine/boot-report.js';
import type { EncryptionInput } from '../../../src/lib/engine/envelopes.js';
import { GENERATIONS, type GenerationName } from '../../../src/lib/engine/generation.js';
import { FileSource, FsDir } from '../../../src/lib/io/file-source.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import { compareBoot, type RecordedNode } from '../../support/recorded-boot.js';

const VOTERS = ['n1=127.0.0.1:50051', 'n2=127.0.0.1:50052', 'n3=127.0.0.1:50053'];

function peersOf(voters: number): { id: string; address: string }[] {
  return VOTERS.slice(0, voters === 1 ? 1 : 3).map((text) => {
    const [id = '', address = ''] = text.split('=');
    return { id, address };
  });
}

/** The sidecar and KEK that lie beside the group dir, as the recorder handed them to the engine. */
function encryptionOf(dir: string): EncryptionInput {
  const sidecarPath = join(dir, 'encryption', 'keys.json');
  const kekPath = join(dir, 'kek.bin');
  return {
    on: existsSync(sidecarPath) ? true : undefined,
    sidecar: existsSync(sidecarPath)
      ? sidecarStateOf(() => new FileSource(sidecarPath))
      : { kind: 'no-path' },
    kek: existsSync(kekPath) ? kekStateOf(() => new FileSource(kekPath)) : { kind: 'none' },
    sidecarPath,
  };
}

describe('engine: recorded boots', () => {
  it('agree with the real builds in every field', async () => {
    const differing: string[] = [];
    let boots = 0;
    for (const name of fixtureNames('nodes')) {
      const node = readExpect('nodes', name) as RecordedNode;
      const dir = unpackFixture('nodes', name);
      for (const [generation, recorded] of Object.entries(node.outcomes)) {
        boots++;
        const entries: EntryRecord[] = [];
        let lines: readonly string[];
        try {
          const report = await predictBoot({
            group: new FsDir(join(dir, 'n1')),
            generation: GENERATIONS[generation as GenerationName],
            raftId: 'n1',
            peers: peersOf(node.scenario.voters),
            bootstrap: true,
            guards: false,
            encryption: encryptionOf(dir),
            groups: [],
            wantDigest: true,
            onEntry: (record) => entries.push(record),
            nowMs: 1_780_000_000_000n,
            pace: NO_PACE,
          });
          lines = compareBoot(report, entries, node, recorded);
        } catch (error) {
          lines = [`thrown: ${(error as Error).stack ?? String(error)}`];
        }
        if (lines.length > 0) differing.push(`${name} ${generation}\n    ${lines.join('\n    ')}`);
      }
      dropFixture('nodes', name);
    }
    process.stdout.write(`    agree ${boots - differing.length} of ${boots}\n`);
    expect(differing.join('\n  ')).to.equal('');
  }).timeout(600_000);
});
