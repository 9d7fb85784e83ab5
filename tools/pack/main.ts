/** `npm run pack`: everything in one tarball that runs on a host with only Node. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadProgram } from '../generate/commands.js';
import { layOut } from './layout.js';

const BUILT = resolve(import.meta.dirname, '..', '..');
const ROOT = dirname(BUILT);

/** Folder of the tarball; the repository by default. */
const destination = resolve(process.argv[2] ?? ROOT);
const staging = join(BUILT, 'pack');
mkdirSync(destination, { recursive: true });
await layOut(await loadProgram(ROOT, BUILT), ROOT, BUILT, staging);
const args = ['pack', '--silent', '--offline', '--pack-destination', destination];
const run = spawnSync('npm', args, {
  cwd: staging,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  shell: process.platform === 'win32',
});
if (run.status === 0) process.stdout.write(`${join(destination, run.stdout.trim())}\n`);
process.exitCode = run.status ?? 1;
