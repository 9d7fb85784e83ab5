/**
 * Runs the tests, suite beside suite, as many as there are processors:
 *
 *     node bin/test.mjs             all of them; ends with how many passed and failed
 *     node bin/test.mjs ARGS…       one mocha with these arguments, and all files if they name none
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './setup.mjs';

const MOCHA = join(ROOT, 'node_modules', '.bin', 'mocha');
const TESTS = join(ROOT, 'build', 'test');
/** A suite over all recorded boots takes 0.8 GB. */
const MOST_AT_ONCE = 4;
/** What takes longest begins first, so that it does not run alone at the end. */
const SLOWEST = ['commands/no-leaks.test.js', 'commands/hostile', 'lib/engine', 'lib/replay'];

/** Place among the slowest; behind them all where it is none of them. */
function rank(suite) {
  const at = SLOWEST.indexOf(suite);
  return at < 0 ? SLOWEST.length : at;
}

/** Folders below `test/lib` and `test/commands` are suites of their own, other files by themselves. */
function suites() {
  const found = new Map();
  for (const name of readdirSync(TESTS, { recursive: true }).map(String)) {
    if (!name.endsWith('.test.js')) continue;
    const parts = name.split(sep);
    const depth = ['lib', 'commands'].includes(parts[0]) ? 2 : 1;
    const suite = parts.slice(0, depth).join('/');
    found.set(suite, [...(found.get(suite) ?? []), join(TESTS, name)]);
  }
  return [...found].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function countOf(text, word) {
  const counts = [...text.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'gm'))];
  return Number(counts.at(-1)?.[1] ?? 0);
}

/** One mocha. A run that breaks off reports fewer failures than there are. */
async function mocha(args, stdout) {
  const child = spawn(MOCHA, args, { cwd: ROOT, stdio: ['ignore', stdout, 'inherit'] });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk.toString('utf8')));
  const [status] = await once(child, 'close');
  const failed = Math.max(countOf(said, 'failing'), status === 0 ? 0 : 1);
  return { said, passed: countOf(said, 'passing'), failed };
}

/** @returns how many tests passed and failed */
export async function runTests() {
  const waiting = suites();
  const sum = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [suite, files] = next;
      const start = performance.now();
      const { said, passed, failed } = await mocha(['--reporter', 'dot', ...files], 'pipe');
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      process.stdout.write(`\n${suite}: ${seconds} s\n${said.trim()}\n`);
      sum.passed += passed;
      sum.failed += failed;
    }
  };
  const threads = Math.min(MOST_AT_ONCE, availableParallelism());
  await Promise.all(Array.from({ length: threads }, worker));
  return sum;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const args = process.argv.slice(2);
  if (args.length > 0) {
    const files = args.some((word) => word.endsWith('.test.js')) ? [] : [`${TESTS}/**/*.test.js`];
    process.exitCode = (await mocha([...args, ...files], 'inherit')).failed === 0 ? 0 : 1;
  } else {
    const { passed, failed } = await runTests();
    process.stdout.write(`\n${passed} passing, ${failed} failing\n`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
}
