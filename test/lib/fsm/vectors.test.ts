import { expect } from 'chai';
import type { BuildName } from '../../../src/lib/fsm/build.js';
import { runReplay, type Masked } from './replay-runner.js';
import { outputOf, replayVectors, type ReplayOutput, type ReplayVector } from './spec-vectors.js';

const BUILD_NAMES: readonly BuildName[] = ['A', 'B'];

/** The recorder marks halts twice; we compare what it says once. */
function normalised(output: ReplayOutput): ReplayOutput {
  return JSON.parse(JSON.stringify(output), (key, value: unknown) =>
    key === 'marked' ? undefined : value,
  ) as ReplayOutput;
}

function differences(vector: ReplayVector, build: BuildName, masked: Masked): string[] {
  const expected = normalised(outputOf(vector, build));
  const found = runReplay(vector, build, masked);
  const parts = Object.keys(expected) as (keyof ReplayOutput)[];
  return parts
    .filter((part) => JSON.stringify(found[part]) !== JSON.stringify(expected[part]))
    .map((part) => {
      const [want, got] = [expected[part], found[part]].map((value) => JSON.stringify(value));
      return `${vector.name}, build ${build}, ${part}:\n  expected ${want}\n  found    ${got}`;
    });
}

describe('recorded replays', () => {
  for (const [file, count, masked] of [
    ['vectors.json', 42, 'prepared'],
    ['edge-vectors.json', 348, 'all'],
  ] as const) {
    it(`${file}: state machines of both builds answer and store what the real ones did`, () => {
      const vectors = replayVectors(file);
      expect(vectors).to.have.length(count);
      const runs = BUILD_NAMES.flatMap((build) =>
        vectors.map((vector) => differences(vector, build, masked)),
      );
      const differing = runs.filter((run) => run.length > 0);
      const report = `${file}: agree ${runs.length - differing.length} of ${runs.length}`;
      process.stderr.write(`      ${report}\n`);
      expect(differing.flat(), `${report}\n${differing.flat().join('\n')}`).to.have.length(0);
    });
  }
});
