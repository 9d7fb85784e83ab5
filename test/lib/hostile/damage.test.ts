/**
 * Our readers and those of etcd 3.6.12 and Pebble 2.1.5 over the same damage: accept or refuse, the
 * last good record, the store's content, and what a repair cuts. The libraries' answers are recorded.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES } from '../../support/fixtures.js';
import { COMPARE, Comparison } from './compare-damage.js';
import { damageCases, type DamageKind } from './damage-cases.js';

interface Recorded {
  readonly name: string;
  readonly sha256: string;
  readonly answer: unknown;
}

/** Disagreements that are understood, by case, with the reason. Everything else has to agree. */
const EXPLAINED: Readonly<Record<DamageKind, Readonly<Record<string, string>>>> = {
  wal: {},
  snap: {},
  pebble: {},
};

async function compareAll(kind: DamageKind): Promise<void> {
  const text = readFileSync(join(FIXTURES, 'damage', `${kind}.json`), 'utf8');
  const recorded = new Map((JSON.parse(text) as Recorded[]).map((each) => [each.name, each]));
  const differing: string[] = [];
  let agree = 0;
  let cases = 0;
  for (const { name, files, sha256 } of damageCases(kind)) {
    const record = recorded.get(name);
    expect(record?.sha256, `${name}: record the damage again`).to.equal(sha256);
    const out = new Comparison(name);
    await COMPARE[kind](out, files, record!.answer as never);
    cases++;
    agree += out.agree;
    if (!(name in EXPLAINED[kind])) differing.push(...out.lines);
  }
  const excused = Object.keys(EXPLAINED[kind]).length;
  process.stdout.write(
    `    ${kind}: ${cases} cases, ${agree} answers agree, ${differing.length} differ, ` +
      `${excused} cases explained\n`,
  );
  expect(differing.join('\n')).to.equal('');
}

describe('damage: our readers against the libraries’ own', () => {
  it('WALs: etcd reads and repairs the same', () => compareAll('wal'));
  it('.snap files: etcd takes and refuses the same', () => compareAll('snap'));
  it('databases: Pebble opens and shows the same', () => compareAll('pebble'));
});
