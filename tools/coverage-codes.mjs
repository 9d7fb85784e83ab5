/**
 * What the tests do not reach: the last step of `npm run coverage`, which runs those that are listed
 * in tools/coverage.mocharc.json under c8, with the processes that they start.
 *
 * Lines: of every file of src/lib those that become code (comments, types and blank lines do not
 * count, a file that no test loads does), and how many of them ran. Below 95 % is a failure.
 *
 * Codes: one counts as hit when code of src that names it ran: a line that did, and no branch of it
 * that did not. Those that cannot be hit are listed in test/codes-never-hit.json with the reason; a code that
 * is missing there, or listed and hit, is a failure.
 *
 *     node tools/coverage-codes.mjs [--missed] [coverage/coverage-final.json]
 *
 * `--missed` lists the lines that never ran.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LEAST_LINES = 0.95;
const WORTH_A_LINE = 0.9;
const NO_CODE = /^(?:$|\/\/|\/?\*|[})\];,]+$|export \{\};$)/;

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

/** Numbers, from 1, of the lines of a source file that the compiled file's lines come from. */
function codeLines(name) {
  const built = join(ROOT, 'build', name.replace(/\.ts$/, '.js'));
  if (!existsSync(built)) throw new Error(`${name} is not compiled: run npm run build`);
  const map = new SourceMap(JSON.parse(readFileSync(`${built}.map`, 'utf8')));
  const lines = new Set();
  for (const [i, text] of readFileSync(built, 'utf8').split('\n').entries()) {
    if (NO_CODE.test(text.trim())) continue;
    const { originalLine } = map.findEntry(i, text.search(/\S/));
    if (originalLine !== undefined) lines.add(originalLine + 1);
  }
  return lines;
}

/** Hits of every line: the most of the statements that begin on it. */
function lineHits({ statementMap, s }) {
  const hits = new Map();
  for (const [id, { start }] of Object.entries(statementMap)) {
    hits.set(start.line, Math.max(hits.get(start.line) ?? 0, s[id]));
  }
  return hits;
}

function isInside({ start, end }, line, column) {
  if (line < start.line || line > end.line) return false;
  if (line === start.line && column < start.column) return false;
  return line < end.line || column < end.column;
}

/** Ranges of code that never ran. */
function deadBranches({ branchMap, b }) {
  const dead = [];
  for (const [id, { locations }] of Object.entries(branchMap)) {
    locations.forEach((location, i) => {
      if (b[id][i] === 0) dead.push(location);
    });
  }
  return dead;
}

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

/** @returns words in quotes that ran */
function* wordsThatRan(text, hits, dead) {
  for (const [i, line] of text.split('\n').entries()) {
    if ((hits.get(i + 1) ?? 0) === 0) continue;
    for (const match of line.matchAll(/'([a-z][a-z0-9-]*)'/g)) {
      if (!dead.some((range) => isInside(range, i + 1, match.index))) yield match[1];
    }
  }
}

/** `12–14, 20` */
function ranges(lines) {
  const parts = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last !== undefined && line <= last[1] + 2) last[1] = line;
    else parts.push([line, line]);
  }
  return parts.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(', ');
}

const args = process.argv.slice(2);
const showsMissed = args.includes('--missed');
const path =
  args.find((arg) => !arg.startsWith('--')) ?? join(ROOT, 'coverage', 'coverage-final.json');
const coverage = JSON.parse(readFileSync(path, 'utf8'));
const hit = new Set();
let lines = 0;
let covered = 0;
const worst = [];
for (const file of sources(join(ROOT, 'src'))) {
  const name = relative(ROOT, file);
  const data = coverage[file];
  const hits = data === undefined ? new Map() : lineHits(data);
  if (name.startsWith('src/lib/')) {
    const own = codeLines(name);
    const missed = [...own].filter((line) => (hits.get(line) ?? 0) === 0);
    lines += own.size;
    covered += own.size - missed.length;
    const share = 1 - missed.length / own.size;
    if (missed.length > 0 && (showsMissed || share < WORTH_A_LINE)) {
      const where = showsMissed ? `: ${ranges(missed)}` : '';
      worst.push({ share, text: `${(100 * share).toFixed(0)} % ${name}${where}` });
    }
  }
  if (name.startsWith('src/lib/core/codes/')) continue;
  const text = readFileSync(file, 'utf8');
  const dead = data === undefined ? [] : deadBranches(data);
  for (const word of wordsThatRan(text, hits, dead)) hit.add(word);
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
for (const { text } of worst.sort((a, b) => a.share - b.share)) {
  process.stdout.write(`  ${text}\n`);
}
for (const code of unexcused) process.stdout.write(`never hit: ${code}\n`);
for (const code of outdated) {
  process.stdout.write(`listed as never hit, and hit or gone: ${code}\n`);
}
if (share < LEAST_LINES || unexcused.length > 0 || outdated.length > 0) process.exitCode = 1;
