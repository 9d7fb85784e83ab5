/**
 * Makes a clone runnable: dependencies as the lock file says, `build/` as the sources say. Silent
 * when there is nothing to do; everything it says goes to standard error. Needs only Node and npm.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const BUILD = join(ROOT, 'build');
const STAMP = join(BUILD, '.sources');
const MANIFEST = join(ROOT, 'oclif.manifest.json');
const COMPILED = ['src', 'test', 'tools'];
const OLDEST_NODE = [20, 19];

function say(text) {
  process.stderr.write(`ekv setup: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  fail(`needs Node ${OLDEST_NODE.join('.')} or later, this is ${process.versions.node}`);
}

/**
 * Compares what the lock file wants with npm's own record of what it installed: by content, because
 * a checkout changes times and `npm ci` without a network would leave nothing behind.
 */
function dependenciesAreStale() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return true;
  const have = readJson(installed).packages;
  const want = readJson(join(ROOT, 'package-lock.json')).packages;
  return Object.entries(want).some(
    ([path, entry]) => path !== '' && !entry.optional && have[path]?.version !== entry.version,
  );
}

function installDependencies() {
  say('installing dependencies (npm ci)');
  // npm hands its own path to scripts; on Windows the bare name would need a shell.
  const cli = process.env['npm_execpath'];
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const run = cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, {
        cwd: ROOT,
        stdio: ['ignore', 2, 2],
        shell: process.platform === 'win32',
      });
  if (run.status !== 0) fail('npm ci failed; the lines above say why');
}

function filesBelow(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function compiledFiles() {
  return COMPILED.flatMap((folder) => filesBelow(join(ROOT, folder))).filter((path) =>
    path.endsWith('.ts'),
  );
}

/** Changes when a source, the compiler, its settings or Node change. */
function fingerprint() {
  const hash = createHash('sha256');
  hash.update(`node ${process.version}\n`);
  const settings = [
    'tsconfig.json',
    'node_modules/typescript/package.json',
    'package.json',
    'tools/pack/start.cjs',
  ];
  for (const path of [...settings.map((name) => join(ROOT, name)), ...compiledFiles()]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(ROOT, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Output whose source is gone would still be found by mocha and by oclif. */
function removeOrphans() {
  for (const folder of COMPILED) {
    for (const path of filesBelow(join(BUILD, folder))) {
      const match = /^(.*)\.js(?:\.map)?$/.exec(relative(BUILD, path));
      if (match && !existsSync(join(ROOT, `${match[1]}.ts`))) rmSync(path);
    }
  }
}

function runTool(what, ...args) {
  const run = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (run.status !== 0) fail(`${what} cannot be made: ${run.stderr}`);
}

function build(print) {
  say('compiling');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  mkdirSync(BUILD, { recursive: true });
  rmSync(STAMP, { force: true });
  const run = spawnSync(process.execPath, [tsc, '-p', ROOT], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) fail('the sources do not compile');
  removeOrphans();
  // Without it oclif loads every command at every start.
  runTool('the command manifest', join(BUILD, 'tools', 'generate', 'main.js'), 'manifest');
  runTool('the program', join(BUILD, 'tools', 'pack', 'program.js'));
  writeFileSync(STAMP, print);
}

export function setUp() {
  checkNode();
  if (dependenciesAreStale()) installDependencies();
  const print = fingerprint();
  const fresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === print;
  if (!fresh || !existsSync(MANIFEST)) build(print);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) setUp();
