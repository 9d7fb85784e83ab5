/** Documents over recorded nodes validate against the shipped schemas, closed. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUTS } from '../src/lib/report/schema/results.js';
import { CliPool } from './support/cli.js';
import { fixtureNames, tempDir, unpackFixture } from './support/fixtures.js';
import { schemaFaults, schemaNames } from './support/schemas.js';

interface Call {
  readonly schema: string;
  readonly argv: readonly string[];
  readonly cwd: string;
}

const KEYS = ['--sidecar', 'encryption/keys.json', '--kek', 'kek.bin'];
const EVERY = 40;

function callsOfNode(name: string): Call[] {
  const cwd = unpackFixture('nodes', name);
  const below = readdirSync(join(cwd, 'n1'), { recursive: true })
    .map((path) => join('n1', String(path)))
    .filter((path) =>
      /(?:\.(?:snap|fsm|wal|bin|sst)|fsm-snap|snap|raft-engine|fsm\.db)$/.test(path),
    );
  const dry = ['--generation', 'all', '--entries', '--store-digest', '--json'];
  return [
    { schema: 'cold-start-dryrun', argv: ['cold-start-dryrun', '--data-dir', 'n1', ...dry], cwd },
    { schema: 'snapshots', argv: ['snapshots', '--data-dir', 'n1', '--json'], cwd },
    { schema: 'verify-crc', argv: ['verify-crc', 'n1', '--json'], cwd },
    { schema: 'replay-wal', argv: ['replay-wal', '--data-dir', 'n1', '--json'], cwd },
    { schema: 'replay-wal', argv: ['replay-wal', '--data-dir', 'n1', '--raw', '--json'], cwd },
    { schema: 'inspect', argv: ['inspect', 'n1', '--json'], cwd },
    { schema: 'inspect', argv: ['inspect', ...below.slice(0, 10), '--json'], cwd },
  ];
}

function callsOfGuard(name: string): Call[] {
  const cwd = unpackFixture('guards', name);
  const node = ['--data-dir', 'data', '--raft-id', 'n1', ...(name === 'plain' ? [] : KEYS)];
  return [
    { schema: 'cold-start-dryrun', argv: ['cold-start-dryrun', ...node, '--json'], cwd },
    { schema: 'encryption-check', argv: ['encryption', 'check', ...node, '--json'], cwd },
    { schema: 'inspect', argv: ['inspect', 'data', '--json'], cwd },
  ];
}

function callsOfPebble(name: string): Call[] {
  const cwd = unpackFixture('pebble', name);
  const files = readdirSync(join(cwd, name)).filter((file) => /\.(?:sst|blob)$/.test(file));
  const paths = [name, ...files.slice(0, 3).map((file) => join(name, file))];
  return [
    { schema: 'inspect', argv: ['inspect', ...paths, '--by-prefix', '--json'], cwd },
    { schema: 'verify-crc', argv: ['verify-crc', ...paths, '--json'], cwd },
  ];
}

describe('schemas', () => {
  it('every command but help has one, and says what its result is', () => {
    for (const name of schemaNames().filter((file) => !file.includes('.ndjson.'))) {
      const words = name.replace('.schema.json', '');
      const known = Object.keys(OUTPUTS).some((key) => key.replaceAll(' ', '-') === words);
      expect(known, `src/lib/report/schema/results.ts does not declare ${words}`).to.equal(true);
    }
  });

  it('what is printed of recorded nodes is what they describe', async () => {
    const calls = [
      ...fixtureNames('nodes')
        .filter((_, i) => i % EVERY === 0)
        .flatMap(callsOfNode),
      ...fixtureNames('guards').flatMap(callsOfGuard),
      ...fixtureNames('pebble').flatMap(callsOfPebble),
      { schema: 'inspect', argv: ['inspect', 'nowhere', '--json'], cwd: tempDir('schemas') },
    ];
    const pool = new CliPool();
    const runs = await Promise.all(calls.map(({ argv, cwd }) => pool.run(argv, cwd)));
    pool.close();
    for (const [i, { schema, argv }] of calls.entries()) {
      const document = JSON.parse(runs[i]!.stdout) as unknown;
      expect(schemaFaults(schema, document), argv.join(' ')).to.deep.equal([]);
    }
    expect(calls.length).to.be.above(100);
  }).timeout(600_000);

  it('a field that is not described would be noticed', () => {
    const document = {
      formatVersion: '1.0',
      tool: { name: 'ekv', version: '0.1.0' },
      command: 'exit-codes',
      inputs: [],
      verdict: 'ok',
      exitCode: 0,
      findings: [],
      result: { exitCodes: [], orders: {} },
    };
    expect(schemaFaults('exit-codes', document)).to.deep.equal([]);
    const more = { ...document, result: { ...document.result, more: 1 } };
    expect(schemaFaults('exit-codes', more)).to.not.deep.equal([]);
    expect(schemaFaults('exit-codes', { ...document, formatVersion: '2.0' })).to.not.deep.equal([]);
    expect(schemaFaults('exit-codes', { ...document, exitCode: '0' })).to.not.deep.equal([]);
  });
});
