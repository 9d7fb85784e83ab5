/** The library's public modules: which there are, what they hold, and that the README's example works. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, tempDir, unpackFixture } from './support/fixtures.js';

/** The tree this test was compiled into; the package names `build`. */
const BUILT = resolve(import.meta.dirname, '..');

interface Target {
  readonly types: string;
  readonly default: string;
}

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, Target | string>>;
};
const MODULES = Object.entries(PACKAGE.exports).filter(
  (entry): entry is [string, Target] => typeof entry[1] !== 'string',
);

/** Names that a module has at run time. One that goes is a major version. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  './boot': ['predictBoot'],
  './boot-input': [],
  './boot-report': ['DISPOSITIONS'],
  './generation': ['DEFAULT_GENERATION', 'GENERATIONS', 'GENERATION_NAMES'],
  './node-dir': ['openNodeDir'],
  './encryption-inputs': ['kekStateOf', 'sidecarStateOf'],
  './files': ['FileSource', 'FsDir'],
  './replay': ['replayNode'],
  './snapshots': ['rankSnapshots'],
  './verify': ['verifyTree'],
  './errors': ['CorruptionError', 'IoError', 'ToolError', 'UnsupportedError', 'UsageError'],
  './finding': [],
  './pace': ['NO_PACE'],
};

function built(path: string): string {
  return join(BUILT, path.replace(/^\.\/build\//, ''));
}

describe('the library', () => {
  it('has these modules and no others', () => {
    expect(MODULES.map(([name]) => name)).to.deep.equal(Object.keys(NAMES));
  });

  for (const [name, target] of MODULES) {
    it(`${name}: has its types and its names`, async () => {
      expect(existsSync(built(target.types)), target.types).to.equal(true);
      const module = (await import(pathToFileURL(built(target.default)).href)) as object;
      expect(Object.keys(module)).to.include.members([...(NAMES[name] ?? [])]);
    });
  }

  it('the example of the README compiles and runs', function () {
    this.timeout(120_000);
    const dir = tempDir('library');
    const home = join(dir, 'node_modules', 'ekv');
    mkdirSync(home, { recursive: true });
    copyFileSync(join(ROOT, 'package.json'), join(home, 'package.json'));
    symlinkSync(BUILT, join(home, 'build'));
    for (const name of ['@types', '@noble', 'typescript']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(dir, 'node_modules', name));
    }
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    writeFileSync(join(dir, 'example.ts'), /^```ts\n([\s\S]*?)^```$/m.exec(readme)![1]!);
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    symlinkSync(join(unpackFixture('nodes', 'c01-skip-at-commit'), 'n1'), join(dir, 'n1'));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const compiled = spawnSync(process.execPath, [tsc, ...flags, 'example.ts'], {
      cwd: dir,
      encoding: 'utf8',
    });
    expect(compiled.stdout).to.equal('');
    const run = spawnSync(process.execPath, ['example.js'], { cwd: dir, encoding: 'utf8' });
    expect(run.stderr).to.equal('');
    expect(run.stdout).to.equal('boots-skip 80n\n');
  });
});
