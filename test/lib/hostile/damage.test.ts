/**
 * Our readers and those of etcd 3.6.12, etcd 3.7.0 and Pebble 2.1.5 over the same damage: accept or
 * refuse and with which words, the last good record, the content, and what a repair cuts. The
 * libraries' answers are recorded.
 */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES } from '../../support/fixtures.js';
import type { ProtoDialect } from '../../../src/lib/proto/dialect.js';
import {
  COMPARE,
  Comparison,
  DIALECTS,
  ETCD_VERSIONS,
  versionsOf,
  type EtcdVersion,
} from './compare-damage.js';
import { damageCases, type DamageKind } from './damage-cases.js';
import { isOtherVerdict, withChanges, type Answer } from './damage-oracle.js';

interface Recorded {
  readonly name: string;
  readonly sha256: string;
  readonly '3.6': Answer;
  /** What 3.7 says otherwise. */
  readonly '3.7'?: Answer;
}

function answerOf(record: Recorded, version: EtcdVersion): Answer {
  const earlier = record['3.6'];
  return version === '3.6' ? earlier : withChanges(earlier, record['3.7'] ?? {});
}

function readRecorded(kind: DamageKind): Map<string, Recorded> {
  const text = readFileSync(join(FIXTURES, 'damage', `${kind}.json`), 'utf8');
  return new Map((JSON.parse(text) as Recorded[]).map((each) => [each.name, each]));
}

async function compareAll(kind: DamageKind): Promise<void> {
  const recorded = readRecorded(kind);
  const differing: string[] = [];
  let agree = 0;
  let cases = 0;
  let apart = 0;
  for (const { name, files, sha256 } of damageCases(kind)) {
    const record = recorded.get(name);
    expect(record?.sha256, `${name}: record the damage again`).to.equal(sha256);
    for (const version of versionsOf(kind)) {
      const out = new Comparison(`${name} ${version}`);
      await COMPARE[kind](out, files, answerOf(record!, version) as never, DIALECTS[version]);
      agree += out.agree;
      differing.push(...out.lines);
    }
    cases++;
    if (isOtherVerdict(record!['3.6'], record!['3.7'] ?? {})) apart++;
  }
  const both = kind === 'pebble' ? '' : `, etcd's versions part over ${apart} cases`;
  process.stdout.write(
    `    ${kind}: ${cases} cases, ${agree} answers agree, ${differing.length} differ${both}\n`,
  );
  expect(differing.join('\n')).to.equal('');
}

/** The first case made for the protobuf libraries that tells this dialect from that of `version`. */
async function tellingCase(
  version: EtcdVersion,
  dialect: ProtoDialect,
): Promise<string | undefined> {
  for (const kind of ['snap-wire', 'wal-wire'] as const) {
    const recorded = readRecorded(kind);
    for (const { name, files } of damageCases(kind)) {
      const out = new Comparison(name);
      const answer = answerOf(recorded.get(name)!, version);
      await COMPARE[kind](out, files, answer as never, dialect);
      if (out.lines.length > 0) return name;
    }
  }
  return undefined;
}

describe('damage: our readers against the libraries’ own', () => {
  it('WALs: etcd reads and repairs the same', () => compareAll('wal'));
  it('WALs made for what etcd 3.6 and 3.7 judge differently', () => compareAll('wal-wire'));
  it('.snap files: etcd takes and refuses the same', () => compareAll('snap'));
  it('.snap files made for what etcd 3.6 and 3.7 judge differently', () => compareAll('snap-wire'));
  it('databases: Pebble opens and shows the same', () => compareAll('pebble'));

  it('no property of a dialect could be another one unnoticed', async () => {
    for (const version of ETCD_VERSIONS) {
      const dialect = DIALECTS[version];
      for (const [name, value] of Object.entries(dialect)) {
        if (typeof value !== 'boolean') continue;
        const told = await tellingCase(version, { ...dialect, [name]: !value });
        expect(told, `${version} ${name}`).to.be.a('string');
      }
    }
  });
});
