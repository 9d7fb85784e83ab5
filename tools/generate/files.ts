/** Every generated file with its content, for the generator and for the test of freshness. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCodes, allNodeErrors } from '../../src/lib/report/explain.js';
import { EXIT_MEANINGS } from '../../src/lib/report/exit-status.js';
import { commandSchema, streamSchema } from '../../src/lib/report/schema/results.js';
import type { Program } from './commands.js';
import { completions } from './completions.js';
import { manPages } from './man.js';

/** Where each kind of file lies, and which names there are the generator's. */
export const KINDS = {
  manifest: { folder: '.', owns: /^oclif\.manifest\.json$/ },
  schemas: { folder: 'schemas', owns: /\.schema\.json$/ },
  man: { folder: 'man', owns: /\.\d$/ },
  completions: { folder: 'completions', owns: /^(?:_ekv|ekv\.(?:bash|fish))$/ },
} as const;

export type Kind = keyof typeof KINDS;

function json(value: unknown): string {
  // A flag's default may be a bigint; the manifest is for help, which shows text.
  const plain = (_: string, part: unknown): unknown =>
    typeof part === 'bigint' ? String(part) : part;
  return `${JSON.stringify(value, plain, 2)}\n`;
}

function schemas(program: Program): Map<string, string> {
  const files = new Map<string, string>();
  for (const { words, summary } of program.commands) {
    if (words === 'help') continue;
    const name = words.replaceAll(' ', '-');
    files.set(`${name}.schema.json`, json(commandSchema(words, summary)));
    const stream = streamSchema(words, summary);
    if (stream !== undefined) files.set(`${name}.ndjson.schema.json`, json(stream));
  }
  return files;
}

/** The documents of docs/formats in the order in which its README lists them. */
export function formatDocuments(root: string): string[] {
  const folder = join(root, 'docs', 'formats');
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const names = [...index.matchAll(/\]\(([a-z0-9-]+\.md)\)/g)].map((match) => match[1] ?? '');
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** What `explain` can be asked that is one word. */
function topics(): string[] {
  const names = [...allCodes(), ...allNodeErrors()].filter((name) => /^[\w-]+$/.test(name));
  return [...names, ...EXIT_MEANINGS.map(({ code }) => String(code))];
}

/** File name to content. */
export function generated(kind: Kind, program: Program, root: string): Map<string, string> {
  switch (kind) {
    case 'manifest':
      return new Map([['oclif.manifest.json', json(program.manifest)]]);
    case 'schemas':
      return schemas(program);
    case 'man':
      return manPages(program, formatDocuments(root));
    case 'completions':
      return completions(program, { 'explain code': topics() });
  }
}
