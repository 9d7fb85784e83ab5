/**
 * More damage than is recorded, judged by the libraries at once:
 *
 *     node build/test/lib/hostile/differ-damage.js KIND SEED COUNT /tmp/oracle-damage-3.6 [/tmp/…-3.7]
 *
 * The programs are built as tools/etcd-oracle/README.md says. Prints every disagreement, how many
 * answers agree, and over how many cases the versions part.
 */
import { COMPARE, Comparison, DIALECTS, versionsOf } from './compare-damage.js';
import { damageCases, type DamageCase, type DamageKind } from './damage-cases.js';
import { changesOf, damageOracle, isOtherVerdict } from './damage-oracle.js';

const BATCH = 50;
const [, , kindText = '', seed = '1', count = '1000', ...binaries] = process.argv;
const kind = kindText as DamageKind;
const oracles = binaries
  .map(damageOracle)
  .filter(({ version }) => versionsOf(kind).includes(version));
const agree = new Map(oracles.map(({ version }) => [version, 0]));
let cases = 0;
let apart = 0;

async function judge(batch: readonly DamageCase[]): Promise<void> {
  const answers = oracles.map(({ ask }) => ask(kind, batch));
  for (const [i, { name, files }] of batch.entries()) {
    cases++;
    const [first = {}, second = first] = answers.map((each) => each[i] ?? {});
    if (isOtherVerdict(first, changesOf(first, second))) apart++;
    for (const [o, { version }] of oracles.entries()) {
      const answer = answers[o]?.[i];
      const out = new Comparison(`${name} ${version}`);
      await COMPARE[kind](out, files, answer as never, DIALECTS[version]);
      agree.set(version, (agree.get(version) ?? 0) + out.agree);
      for (const line of out.lines) process.stdout.write(`${line}\n  ${JSON.stringify(answer)}\n`);
    }
  }
}

const batch: DamageCase[] = [];
for (const each of damageCases(kind, Number(seed), Number(count))) {
  batch.push(each);
  if (batch.length === BATCH) await judge(batch.splice(0));
}
if (batch.length > 0) await judge(batch);
const sums = [...agree].map(([version, n]) => `${version}: ${n} answers agree`);
process.stdout.write(
  `${kind}: seed ${seed}, ${cases} cases, ${sums.join(', ')}; ` +
    `the versions part over ${apart} cases\n`,
);
