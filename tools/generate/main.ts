/**
 * Writes what is derived from the commands and the codes:
 * `node build/tools/generate/main.js man|completions|schemas|manifest …`, all of them without words.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadProgram } from './commands.js';
import { KINDS, generated, type Kind } from './files.js';

const BUILT = resolve(import.meta.dirname, '..', '..');
const ROOT = dirname(BUILT);

function isKind(word: string): word is Kind {
  return word in KINDS;
}

const words = process.argv.slice(2);
const unknown = words.find((word) => !isKind(word));
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is none of ${Object.keys(KINDS).join(', ')}\n`);
  process.exit(1);
}
const program = await loadProgram(ROOT, BUILT);
for (const kind of Object.keys(KINDS).filter(isKind)) {
  if (words.length > 0 && !words.includes(kind)) continue;
  const { folder, owns } = KINDS[kind];
  const files = generated(kind, program, ROOT);
  const target = join(ROOT, folder);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) {
    if (owns.test(name) && !files.has(name)) rmSync(join(target, name));
  }
  for (const [name, content] of files) writeFileSync(join(target, name), content);
  process.stderr.write(`${kind}: ${files.size} ${files.size === 1 ? 'file' : 'files'}\n`);
}
