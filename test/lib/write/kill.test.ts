/**
 * Killed at any moment, a writer leaves its source as it was and its target absent, recognisably
 * unfinished, or complete (spec/snapshot-files.md §6).
 *
 * What a SIGKILL leaves on the disk is what stands there at that moment: nothing runs afterwards. So
 * every point is looked at from inside one run, and real kills at points spread over the run show
 * that they leave the same. `EKV_KILLS=n` makes n of them per writer real kills.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeUnfinished } from '../../../src/lib/io/atomic-clean.js';
import { targetOf, type Target } from '../../../src/lib/io/atomic-target.js';
import { tempDir } from '../../support/fixtures.js';
import { digestOfTree, stampsOfTree, stateOf } from './tree-state.js';
import { kindOf, runWriter, smallGroup, WRITERS, type WriterName } from './writers.js';

const LEAST_POINTS = 200;
/** Real kills per writer: each takes a process of its own. */
const KILLS = Number(process.env['EKV_KILLS'] ?? 6);

let root: string;
let digestBefore: string;

interface Observed {
  readonly states: string[];
  /** Names beside the target at that point. */
  readonly listings: string[];
}

/** One run, with a look at source and target before each operation. */
async function observe(writer: WriterName, target: Target): Promise<Observed> {
  const states: string[] = [];
  const listings: string[] = [];
  const stamps = stampsOfTree(root);
  await runWriter(writer, root, target.path, () => {
    expect(stampsOfTree(root)).to.equal(stamps);
    states.push(stateOf(target));
    listings.push(sizesBelow(target.parent));
  });
  return { states, listings };
}

function sizesBelow(dir: string): string {
  const lines = stampsOfTree(dir).split('\n');
  return lines.map((line) => line.split(' ').slice(0, 3).join(' ')).join('\n');
}

function kill(writer: WriterName, target: Target, point: number): void {
  const child = join(import.meta.dirname, 'kill-child.js');
  const args = [child, writer, root, target.path, String(point)];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(run.signal, `${writer} at ${point}: ${run.stderr}`).to.equal('SIGKILL');
}

/** The points of the real kills, spread evenly; the last few are always among them. */
function killPoints(count: number): number[] {
  const spread = Array.from({ length: KILLS }, (_, i) => Math.floor((i * count) / KILLS));
  return [...new Set([...spread, count - 3, count - 2, count - 1])].slice(0, count);
}

describe('writers: killed', function () {
  this.timeout(60_000 + KILLS * 20_000);

  before(() => {
    root = smallGroup();
    digestBefore = digestOfTree(root);
  });

  for (const writer of WRITERS) {
    it(`${writer}: at each of its file operations`, async () => {
      const target = targetOf(join(tempDir('kill'), 'out'), kindOf(writer));
      const { states, listings } = await observe(writer, target);
      expect(states.length).to.be.at.least(LEAST_POINTS);
      expect(states[0]).to.equal('absent');
      expect(new Set(states)).to.include('unfinished');
      expect(stateOf(target)).to.equal('complete');
      expect(digestOfTree(root)).to.equal(digestBefore);
      for (const point of killPoints(states.length)) {
        const again = targetOf(join(tempDir('kill'), 'out'), kindOf(writer));
        kill(writer, again, point);
        expect(stateOf(again), `state at ${point}`).to.equal(states[point]);
        expect(sizesBelow(again.parent), `files at ${point}`).to.equal(listings[point]);
        removeUnfinished(again);
        const left = states[point] === 'complete' ? 'complete' : 'absent';
        expect(stateOf(again), `cleaned at ${point}`).to.equal(left);
      }
      expect(digestOfTree(root)).to.equal(digestBefore);
    });

    it(`${writer}: an unfinished target stops the next run until it is removed`, async () => {
      const target = targetOf(join(tempDir('again'), 'out'), kindOf(writer));
      kill(writer, target, LEAST_POINTS / 2);
      expect(stateOf(target)).to.equal('unfinished');
      const refusal = await runWriter(writer, root, target.path).catch((error: unknown) => error);
      expect(refusal).to.have.property('code', 'target-unfinished');
      removeUnfinished(target);
      await runWriter(writer, root, target.path);
      expect(stateOf(target)).to.equal('complete');
    });
  }

  it('an interrupted clean-up can be repeated', async () => {
    const target = targetOf(join(tempDir('clean'), 'out'), 'directory');
    kill('upgrade-header', target, LEAST_POINTS / 2);
    const { FileOps } = await import('../../../src/lib/io/atomic-ops.js');
    for (let stop = 0; stateOf(target) === 'unfinished'; stop++) {
      expect(stop).to.be.below(100);
      const ops = new FileOps(({ nth }) => {
        // Each attempt gets one step further.
        if (nth === 1) throw new Error('stopped');
      });
      try {
        removeUnfinished(target, ops);
      } catch (error) {
        expect((error as Error).message).to.equal('stopped');
      }
    }
    expect(stateOf(target)).to.equal('absent');
  });
});
