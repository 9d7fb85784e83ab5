/**
 * Asks the oracle about every damaged case and records its answers in `test/fixtures/damage`:
 *
 *     (cd tools/oracle-damage && go build -o /tmp/oracle-damage .)
 *     node build/test/lib/hostile/record-damage.js /tmp/oracle-damage
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, tempDir } from '../../support/fixtures.js';
import { damageCases, type DamageCase, type DamageKind } from './damage-cases.js';

function laidOut({ files }: DamageCase, kind: DamageKind): string {
  const dir = tempDir('damage');
  for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
  const [first = ''] = files.keys();
  return kind === 'snap' ? join(dir, first) : dir;
}

const oracle = process.argv[2] ?? '';
const home = join(FIXTURES, 'damage');
mkdirSync(home, { recursive: true });
for (const kind of ['wal', 'snap', 'pebble'] as const) {
  const lines: string[] = [];
  for (const each of damageCases(kind)) {
    const path = laidOut(each, kind);
    const run = spawnSync(oracle, ['judge'], { input: `${kind} ${path}\n`, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${each.name}: ${run.stderr}`);
    const text = run.stdout
      .trim()
      .replaceAll(path, 'DIR')
      .replaceAll(/\/tmp\/oracle-damage-\d+/g, 'DIR');
    lines.push(`{"name":"${each.name}","sha256":"${each.sha256}","answer":${text}}`);
    rmSync(kind === 'snap' ? join(path, '..') : path, { recursive: true });
  }
  writeFileSync(join(home, `${kind}.json`), `[\n${lines.join(',\n')}\n]\n`);
  process.stdout.write(`${kind}: ${lines.length} answers\n`);
}
