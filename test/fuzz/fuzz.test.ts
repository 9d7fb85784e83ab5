/**
 * A short run of the fuzzer with fixed seeds, and every crasher it has ever found: each is kept
 * under `crashers/<format>--<what it was>.bin` when its cause is mended.
 */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/fixtures.js';
import { FORMATS, formatNamed } from './formats/all.js';
import { inputOf, judgeInput } from './judge.js';

const SEED = 20_260_607;
const RUNS = 150;
/** A directory takes as long as a hundred records. */
const DIR_RUNS: Readonly<Record<string, number>> = {
  'node-dir': 40,
  'pebble-dir': 30,
  'guarded-dir': 2,
};

const CRASHERS = join(ROOT, 'test', 'fuzz', 'crashers');

describe('fuzz', () => {
  for (const { name } of FORMATS) {
    it(`${name} answers damage by a value or a named error`, async () => {
      const format = await formatNamed(name);
      if (format === undefined) throw new Error(`there is no format ${name}`);
      const crashes: string[] = [];
      const outcomes = new Set<string>();
      for (let ordinal = 0; ordinal < (DIR_RUNS[name] ?? RUNS); ordinal++) {
        const outcome = await judgeInput(format, inputOf(format, SEED, ordinal));
        if (outcome.allowed === undefined) {
          crashes.push(`--seed ${SEED} --case ${ordinal}: ${outcome.crash}`);
        } else outcomes.add(outcome.allowed);
      }
      expect(crashes.join('\n')).to.equal('');
      expect(outcomes.size).to.be.at.least(1);
    });
  }

  it('no crasher of the past crashes again', async () => {
    const crashes: string[] = [];
    for (const file of readdirSync(CRASHERS)
      .filter((name) => name.endsWith('.bin'))
      .sort()) {
      const name = file.split('--')[0] ?? '';
      const format = await formatNamed(name);
      if (format === undefined) throw new Error(`${file} names no format`);
      const input = format.unpack(readFileSync(join(CRASHERS, file)));
      const outcome = await judgeInput(format, input);
      if (outcome.allowed === undefined) crashes.push(`${file}: ${outcome.crash}`);
    }
    expect(crashes.join('\n')).to.equal('');
  });
});
