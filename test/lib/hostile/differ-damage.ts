/**
 * More damage than is recorded, judged by the libraries at once:
 *
 *     node build/test/lib/hostile/differ-damage.js /tmp/oracle-damage wal|snap|pebble SEED COUNT
 *
 * Prints every disagreement, and how many answers agree.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../support/fixtures.js';
import { COMPARE, Comparison } from './compare-damage.js';
import { damageCases, type DamageCase, type DamageKind } from './damage-cases.js';

const BATCH = 50;
const [, , oracle = '', kindText = '', seed = '1', count = '1000'] = process.argv;
const kind = kindText as DamageKind;
let agree = 0;
let cases = 0;

async function judge(batch: readonly DamageCase[]): Promise<void> {
  const dirs = batch.map(({ files }) => {
    const dir = tempDir('damage');
    for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
    return dir;
  });
  const paths = batch.map(({ files }, i) =>
    kind === 'snap' ? join(dirs[i] ?? '', [...files.keys()][0] ?? '') : dirs[i],
  );
  const input = paths.map((path) => `${kind} ${path}\n`).join('');
  const run = spawnSync(oracle, ['judge'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const answers = run.stdout.trim().split('\n');
  if (answers.length !== batch.length) throw new Error(`the oracle stopped: ${run.stderr}`);
  for (const [i, { name, files }] of batch.entries()) {
    const out = new Comparison(name);
    await COMPARE[kind](out, files, JSON.parse(answers[i] ?? '') as never);
    cases++;
    agree += out.agree;
    for (const line of out.lines) process.stdout.write(`${line}\n  ${answers[i] ?? ''}\n`);
  }
  for (const dir of dirs) rmSync(dir, { recursive: true });
}

const batch: DamageCase[] = [];
for (const each of damageCases(kind, Number(seed), Number(count))) {
  batch.push(each);
  if (batch.length === BATCH) await judge(batch.splice(0));
}
if (batch.length > 0) await judge(batch);
process.stdout.write(`${kind}: seed ${seed}, ${cases} cases, ${agree} answers agree\n`);
