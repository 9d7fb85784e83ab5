/** The examples of docs/ work as they stand there. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath, type CliResult } from './support/cli.js';
import { ROOT, tempDir, unpackFixture } from './support/fixtures.js';
import { schemaNames } from './support/schemas.js';

/** Scripts of a document by the name behind \`\`\`sh. */
function scriptsOf(name: string): Map<string, string> {
  const text = readFileSync(join(ROOT, 'docs', name), 'utf8');
  const blocks = text.matchAll(/^```sh ([\w.-]+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, file, body]) => [file!, body!]));
}

describe('docs/ci.md', () => {
  let dir = '';

  before(() => {
    dir = tempDir('ci');
    mkdirSync(join(dir, 'bin'));
    const ekv = join(dir, 'bin', 'ekv');
    writeFileSync(ekv, `#!/bin/sh\nexec '${process.execPath}' '${programPath()}' "$@"\n`);
    chmodSync(ekv, 0o755);
    for (const [file, body] of scriptsOf('ci.md')) writeFileSync(join(dir, file), body);
    const fixture = unpackFixture('nodes', 'c01-skip-at-commit');
    cpSync(join(fixture, 'n1'), join(dir, 'n1'), { recursive: true });
    const damaged = unpackFixture('nodes', 'c49-fsm-bitflip-skip');
    cpSync(join(damaged, 'n1'), join(dir, 'damaged', 'n1'), { recursive: true });
  });

  function sh(script: string, args: readonly string[]): CliResult {
    const run = spawnSync('sh', [script, ...args], {
      cwd: dir,
      encoding: 'utf8',
      env: { PATH: `${join(dir, 'bin')}:${process.env['PATH']}`, TMPDIR: dir },
    });
    return { code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr };
  }

  it('has the scripts that it speaks of', () => {
    expect([...scriptsOf('ci.md').keys()]).to.deep.equal(['golden.sh', 'first-time.sh', 'gate.sh']);
  });

  it('a golden file is written, holds, and notices a change', () => {
    expect(sh('first-time.sh', []).code).to.equal(0);
    const golden = readFileSync(join(dir, 'golden', 'n1.txt'), 'utf8');
    expect(golden)
      .to.include('"verdict": "boots-skip"')
      .and.match(/exit \d\n$/);
    expect(sh('golden.sh', ['golden/n1.txt'])).to.include({ code: 0, stdout: '' });
    writeFileSync(join(dir, 'golden', 'n1.txt'), golden.replace('boots-skip', 'boots-restore'));
    const changed = sh('golden.sh', ['golden/n1.txt']);
    expect(changed.code).to.equal(1);
    expect(changed.stdout).to.include('-  "verdict": "boots-restore"');
  }).timeout(60_000);

  it('the gate lets a sound node pass and stops at one that refuses', () => {
    const sound = sh('gate.sh', ['n1']);
    expect(sound.stdout).to.match(/^n1: boots/i);
    expect(sound.code).to.equal(0);
    const stopped = sh('gate.sh', ['n1', 'damaged/n1', 'n1']);
    expect(stopped.stdout).to.include('damaged/n1: REFUSES').and.include('ErrFSMSnapshotFileCRC');
    expect(stopped.code).to.equal(1);
  }).timeout(60_000);
});

describe('docs/json.md', () => {
  it('its example has the fields of the envelope, in order', () => {
    const text = readFileSync(join(ROOT, 'docs', 'json.md'), 'utf8');
    const example = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text)![1]!) as object;
    const path = join(ROOT, 'test', 'golden', 'reference', 'exit-codes.txt');
    const real = /^\{[\s\S]*?^\}$/m.exec(readFileSync(path, 'utf8'))![0];
    expect(Object.keys(example)).to.deep.equal(Object.keys(JSON.parse(real) as object));
  });

  it('the schemas it speaks of are there, each for the current major version', () => {
    expect(schemaNames().length).to.be.above(4);
    for (const name of schemaNames()) {
      const schema = readFileSync(join(ROOT, 'schemas', name), 'utf8');
      expect(schema, name).to.include('^1\\\\.[0-9]+$').and.include('draft/2020-12');
    }
  });
});
