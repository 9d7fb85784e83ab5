/**
 * Which error codes no test ever produces: `npm run coverage` runs the whole suite under c8, then
 * this looks at every line of src/lib that names a code. A code counts as hit when one of its lines
 * ran. Those that are not are listed in test/codes-never-hit.json with the reason; a code missing
 * there, or listed and hit, is a failure. Also fails below 95 % of the lines of src/lib.
 *
 *     node tools/coverage-codes.mjs [coverage/coverage-final.json]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LEAST_LINES = 0.95;

/** `'a-code': {` at the beginning of a line of core/codes. */
function listedCodes() {
  const dir = join(ROOT, 'src', 'lib', 'core', 'codes');
  const codes = [];
  for (const name of readdirSync(dir)) {
    const text = readFileSync(join(dir, name), 'utf8');
    for (const [, code] of text.matchAll(/^ {2}'?([a-z][a-z0-9-]*)'?: \{/gm)) codes.push(code);
  }
  return codes.sort();
}

/** Hits of every line: the most of the statements that begin on it. */
function lineHits({ statementMap, s }) {
  const hits = new Map();
  for (const [id, { start }] of Object.entries(statementMap)) {
    hits.set(start.line, Math.max(hits.get(start.line) ?? 0, s[id]));
  }
  return hits;
}

const path = process.argv[2] ?? join(ROOT, 'coverage', 'coverage-final.json');
const coverage = JSON.parse(readFileSync(path, 'utf8'));
const hit = new Set();
let lines = 0;
let covered = 0;
const worst = [];
for (const [file, data] of Object.entries(coverage)) {
  const name = relative(ROOT, file);
  if (!name.startsWith('src/') || name.startsWith('src/lib/core/codes/')) continue;
  const hits = lineHits(data);
  const inLib = name.startsWith('src/lib/');
  const ran = [...hits.values()].filter((count) => count > 0).length;
  if (inLib) {
    lines += hits.size;
    covered += ran;
    if (ran / hits.size < 0.9) worst.push(`${((100 * ran) / hits.size).toFixed(0)} % ${name}`);
  }
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((text, i) => {
      if ((hits.get(i + 1) ?? 0) === 0) return;
      for (const [, word] of text.matchAll(/'([a-z][a-z0-9-]*)'/g)) hit.add(word);
    });
}

const excused = JSON.parse(readFileSync(join(ROOT, 'test', 'codes-never-hit.json'), 'utf8'));
const codes = listedCodes();
const missed = codes.filter((code) => !hit.has(code));
const unexcused = missed.filter((code) => !(code in excused));
const outdated = Object.keys(excused).filter((code) => hit.has(code) || !codes.includes(code));
const share = covered / lines;
process.stdout.write(
  `src/lib: ${covered} of ${lines} lines (${(100 * share).toFixed(1)} %); ` +
    `${codes.length - missed.length} of ${codes.length} codes hit by a test\n`,
);
for (const line of worst.sort()) process.stdout.write(`  ${line}\n`);
for (const code of unexcused) process.stdout.write(`never hit: ${code}\n`);
for (const code of outdated)
  process.stdout.write(`listed as never hit, and hit or gone: ${code}\n`);
if (share < LEAST_LINES || unexcused.length > 0 || outdated.length > 0) process.exitCode = 1;
