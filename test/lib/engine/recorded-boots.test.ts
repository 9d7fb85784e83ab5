/**
 * Every recorded boot of every recorded node, under both generations, compared field by field. Boots
 * run with the recorder's own call (spec/output.md §6).
 */
import { expect } from 'chai';
import { predictBoot } from '../../../src/lib/engine/boot.js';
import type { EntryRecord } from '../../../src/lib/engine/boot-report.js';
import type { GenerationName } from '../../../src/lib/engine/generation.js';
import { dropFixture, fixtureNames, readExpect, unpackFixture } from '../../support/fixtures.js';
import { compareBoot, type RecordedNode } from '../../support/recorded-boot.js';
import { recorderCall } from '../../support/recorder-call.js';

/** Nodes between two that are asked twice. */
const EVERY = 5;

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
            ...recorderCall(dir, generation as GenerationName, node),
            wantDigest: true,
            onEntry: (record) => entries.push(record),
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

  it('come to the same when nobody looks at the entries', async () => {
    let counted = 0;
    const names = fixtureNames('nodes').filter((_, i) => i % EVERY === 0);
    for (const name of names) {
      const node = readExpect('nodes', name) as RecordedNode;
      const dir = unpackFixture('nodes', name);
      for (const generation of Object.keys(node.outcomes)) {
        const input = {
          ...recorderCall(dir, generation as GenerationName, node),
          wantDigest: true,
        };
        const watched = await predictBoot({ ...input, onEntry: () => undefined });
        const unwatched = await predictBoot({ ...input, onEntry: null });
        for (const n of Object.values(watched.entries)) counted += n;
        const { filesAfter: _, ...rest } = unwatched;
        const { filesAfter: __, ...expected } = watched;
        expect(rest, `${name} ${generation}`).to.deep.equal(expected);
      }
      dropFixture('nodes', name);
    }
    expect(counted).to.be.greaterThan(0);
  }).timeout(600_000);
});
