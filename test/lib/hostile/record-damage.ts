/**
 * Asks the oracles about every damaged case and records their answers in `test/fixtures/damage`:
 *
 *     node build/test/lib/hostile/record-damage.js /tmp/oracle-damage-3.6 /tmp/oracle-damage-3.7
 *
 * The programs are built as tools/etcd-oracle/README.md says. Of the answer of 3.7 only
 * what is not in that of 3.6 is written down.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES } from '../../support/fixtures.js';
import { versionsOf } from './compare-damage.js';
import { DAMAGE_KINDS, damageCases } from './damage-cases.js';
import { changesOf, damageOracle } from './damage-oracle.js';

const BATCH = 50;
const oracles = new Map(
  process.argv.slice(2).map((binary) => {
    const oracle = damageOracle(binary);
    return [oracle.version, oracle] as const;
  }),
);
const home = join(FIXTURES, 'damage');
mkdirSync(home, { recursive: true });
for (const kind of DAMAGE_KINDS) {
  const lines: string[] = [];
  const cases = [...damageCases(kind)];
  for (let at = 0; at < cases.length; at += BATCH) {
    const batch = cases.slice(at, at + BATCH);
    const [first = [], second = first] = versionsOf(kind).map((version) => {
      const oracle = oracles.get(version);
      if (oracle === undefined) throw new Error(`no oracle of etcd ${version}`);
      return oracle.ask(kind, batch);
    });
    for (const [i, { name, sha256 }] of batch.entries()) {
      const earlier = first[i] ?? {};
      const later = changesOf(earlier, second[i] ?? {});
      const known = { name, sha256, '3.6': earlier };
      lines.push(
        JSON.stringify(Object.keys(later).length > 0 ? { ...known, '3.7': later } : known),
      );
    }
  }
  writeFileSync(join(home, `${kind}.json`), `[\n${lines.join(',\n')}\n]\n`);
  process.stdout.write(`${kind}: ${lines.length} cases\n`);
}
