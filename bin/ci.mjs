/**
 * What has to hold before a commit: compiles, lints, is formatted, passes its tests. The last line
 * is `N passed, N failed`; the exit status is 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';

const BIN = join(ROOT, 'node_modules', '.bin');

/** Runs a tool, shows its output and keeps the end of it. */
async function run(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    tail = (tail + chunk.toString('utf8')).slice(-1_000_000);
  });
  const [status] = await once(child, 'close');
  return { status, tail };
}

function countOf(text, word) {
  const counts = [...text.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'gm'))];
  return Number(counts.at(-1)?.[1] ?? 0);
}

let passed = 0;
let failed = 0;

async function check(name, command, args) {
  const { status } = await run(command, args);
  if (status === 0) passed++;
  else {
    failed++;
    process.stdout.write(`${name} failed\n`);
  }
}

setUp();
const sources = ['src', 'test', 'bin', 'tools'];
await check('oxlint', join(BIN, 'oxlint'), ['--deny-warnings', ...sources]);
await check('prettier', join(BIN, 'prettier'), ['--check', '--log-level', 'warn', ...sources]);

const tests = await run(join(BIN, 'mocha'), process.argv.slice(2));
passed += countOf(tests.tail, 'passing');
// A run that breaks off reports fewer failures than there are.
failed += Math.max(countOf(tests.tail, 'failing'), tests.status === 0 ? 0 : 1);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
