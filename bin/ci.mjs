/**
 * What has to hold before a commit: compiles, lints, is formatted, passes its tests. The last line
 * is `N passed, N failed`; the exit status is 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { runTests } from './test.mjs';

const BIN = join(ROOT, 'node_modules', '.bin');

let passed = 0;
let failed = 0;

async function check(name, command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
  const [status] = await once(child, 'close');
  if (status === 0) passed++;
  else {
    failed++;
    process.stdout.write(`${name} failed\n`);
  }
}

setUp();
const sources = ['src', 'test', 'bin', 'tools'];
await check('oxlint', join(BIN, 'oxlint'), ['--deny-warnings', ...sources, 'bench']);
await check('prettier', join(BIN, 'prettier'), [
  '--check',
  '--log-level',
  'warn',
  ...sources,
  'bench/*.mjs',
]);

const tests = await runTests();
passed += tests.passed;
failed += tests.failed;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
