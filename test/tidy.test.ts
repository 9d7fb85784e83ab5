/** Rules of the source tree that a compiler cannot state. Each names the file that breaks it. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { CODES } from '../src/lib/core/codes/all.js';
import { ROOT } from './support/fixtures.js';

interface Source {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

const ALL_LAYERS = [
  'core',
  'bytes',
  'checksum',
  'io',
  'compression',
  'proto',
  'kv',
  'mvcc',
  'txn',
  'encryption',
  'raft',
  'pebble',
  'snapshot',
  'fsm',
  'engine',
  'write',
  'replay',
  'encryption-check',
  'snapshots',
  'compare',
  'inspect',
  'verify',
] as const;

const BASE = ['core', 'bytes', 'checksum'];
const SECOND = [...BASE, 'compression', 'proto', 'io', 'kv', 'mvcc'];
const THIRD = [...SECOND, 'txn', 'encryption', 'raft', 'pebble'];

/** What each folder of `src/lib` may import at run time besides itself. Types are free. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  bytes: ['core'],
  checksum: ['core', 'bytes'],
  // zstd's WebAssembly is read from the package's folder.
  compression: [...BASE, 'io'],
  proto: BASE,
  io: BASE,
  kv: BASE,
  mvcc: [...BASE, 'kv', 'proto'],
  txn: [...SECOND],
  encryption: SECOND,
  raft: SECOND,
  pebble: SECOND,
  snapshot: THIRD,
  fsm: [...THIRD, 'snapshot'],
  engine: [...THIRD, 'snapshot', 'fsm'],
  write: [...THIRD, 'snapshot', 'fsm', 'engine'],
  replay: [...THIRD, 'snapshot', 'fsm', 'engine'],
  'encryption-check': [...THIRD, 'snapshot', 'engine'],
  snapshots: [...THIRD, 'snapshot', 'engine'],
  compare: [...THIRD, 'snapshot', 'engine'],
  inspect: [...THIRD, 'snapshot', 'engine'],
  verify: [...THIRD, 'snapshot', 'engine', 'inspect'],
  report: ['core', 'bytes'],
};

/** Built-in modules and the only folders of `src/lib` that may use them. */
const BUILTIN_HOMES: Readonly<Record<string, readonly string[]>> = {
  'node:fs': ['io'],
  'node:path': ['io', 'compression'],
  'node:buffer': ['bytes', 'snapshot'],
  'node:crypto': ['io', 'checksum', 'encryption', 'kv', 'snapshot', 'engine'],
  'node:module': ['compression'],
  'node:worker_threads': ['io', 'kv'],
  'node:zlib': ['io', 'checksum', 'compression'],
};

const TERMINAL_PACKAGES = ['chalk', 'cli-table3', 'ora', '@oclif/core'];

const ONE_STRING = /^\s*(?:\w+: |it\()?['"`].*['"`](?:,|;|, (?:async )?\(\) => \{)?$/;

const LEFTOVERS = ['TODO', 'FIXME', 'XXX', 'HACK'];

const MAX_LINES = 400;
/** A test file is read case by case. */
const MAX_TEST_LINES = 600;
const MAX_FUNCTION_LINES = 70;
const MAX_COLUMNS = 100;
/** Prettier does not break comments: a sentence may run over by a word. */
const MAX_COMMENT_COLUMNS = 110;

function sourcesBelow(...folders: string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ts|js|mjs)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => ({
        path: relative(ROOT, path).split(sep).join('/'),
        text: readFileSync(path, 'utf8'),
      })),
  );
}

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
const LAZY_IMPORT = /\bimport\('([^']+)'\)/g;

/** Modules that are loaded when this one runs; type-only imports vanish in the compiled code. */
function runtimeImports(source: Source): string[] {
  return [...source.text.matchAll(IMPORT), ...source.text.matchAll(LAZY_IMPORT)].map(
    (match) => match[1]!,
  );
}

/** The file behind a relative import, from the root. */
function targetOf(source: Source, specifier: string): string {
  return posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts');
}

function layerOf(path: string): string | undefined {
  return /^src\/lib\/([^/]+)\//.exec(path)?.[1];
}

/** Text with comments and string contents blanked, lines kept: what is left is code. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g,
    (match) => match.replace(/[^\n]/g, ' '),
  );
}

/**
 * First line and length of every function, method and arrow with a block body. Prettier closes a
 * block at the indentation where it was opened, so the first `}` at that column ends it.
 */
function functionsOf(text: string): { line: number; length: number }[] {
  const lines = codeOf(text).split('\n');
  const found: { line: number; length: number }[] = [];
  const opens = /(?:\bfunction\b.*|=>\s*|^\s*(?:[\w*#\s[\].]+)\(.*\).*|^\s*\).*)\{$/;
  const notFunctions =
    /^\s*(?:if|for|while|switch|do|else|try|catch|return|await|const|describe)\b/;
  lines.forEach((line, i) => {
    if (!opens.test(line) || (notFunctions.test(line) && !/=>\s*\{$/.test(line))) return;
    const indent = /^\s*/.exec(line)![0];
    const end = lines.findIndex((other, j) => j > i && other.startsWith(`${indent}}`));
    if (end > i) found.push({ line: i + 1, length: end - i + 1 });
  });
  return found;
}

const SOURCE = sourcesBelow('src');
const LIBRARY = SOURCE.filter(({ path }) => path.startsWith('src/lib/'));
const TESTS = sourcesBelow('test').filter(({ path }) => !path.startsWith('test/fixtures/'));
const BIN = sourcesBelow('bin', 'tools');

/** Passes when no file breaks the rule; otherwise the failure lists all that do. */
function expectNone(broken: readonly string[]): void {
  expect(broken.join('\n')).to.equal('');
}

describe('tidy: dependencies', () => {
  it('every folder of src/lib has its place', () => {
    const folders = new Set(LIBRARY.map(({ path }) => layerOf(path) ?? path));
    expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).to.deep.equal([]);
  });

  it('the table of layers has no way back up', () => {
    for (const [layer, below] of Object.entries(MAY_IMPORT)) {
      if (layer === 'report') continue;
      const rank = ALL_LAYERS.findIndex((name) => name === layer);
      for (const other of below) {
        expect(
          ALL_LAYERS.findIndex((name) => name === other),
          `${layer} → ${other}`,
        ).to.be.below(rank);
      }
    }
  });

  it('imports point down', () => {
    const broken: string[] = [];
    for (const source of LIBRARY) {
      const layer = layerOf(source.path)!;
      for (const specifier of runtimeImports(source)) {
        if (!specifier.startsWith('.')) continue;
        const target = targetOf(source, specifier);
        const to = layerOf(target);
        if (to === layer || (to !== undefined && MAY_IMPORT[layer]!.includes(to))) continue;
        broken.push(`${source.path} imports ${target}`);
      }
    }
    expectNone(broken);
  });

  it('there are no cycles', () => {
    const graph = new Map<string, string[]>();
    for (const source of SOURCE) {
      const targets = runtimeImports(source).filter((specifier) => specifier.startsWith('.'));
      graph.set(
        source.path,
        targets.map((specifier) => targetOf(source, specifier)),
      );
    }
    const state = new Map<string, 'open' | 'done'>();
    const broken: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        broken.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      state.set(path, 'open');
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
      state.set(path, 'done');
    };
    for (const path of graph.keys()) visit(path, []);
    expectNone(broken);
  });

  it('every relative import names a file that exists', () => {
    const known = new Set(SOURCE.map(({ path }) => path));
    const broken: string[] = [];
    for (const source of SOURCE) {
      for (const specifier of runtimeImports(source).filter((text) => text.startsWith('.'))) {
        if (!known.has(targetOf(source, specifier))) broken.push(`${source.path}: ${specifier}`);
      }
    }
    expectNone(broken);
  });

  it('built-in modules stay in their folders', () => {
    const broken: string[] = [];
    for (const source of LIBRARY) {
      for (const specifier of runtimeImports(source)) {
        if (!specifier.startsWith('node:')) continue;
        if (BUILTIN_HOMES[specifier]?.includes(layerOf(source.path)!)) continue;
        broken.push(`${source.path} imports ${specifier}`);
      }
    }
    expectNone(broken);
  });

  it('only report knows the terminal, and loads its packages lazily', () => {
    const broken: string[] = [];
    for (const source of LIBRARY) {
      const lazy = [...source.text.matchAll(LAZY_IMPORT)].map((match) => match[1]!);
      for (const specifier of runtimeImports(source)) {
        if (!TERMINAL_PACKAGES.includes(specifier)) continue;
        if (layerOf(source.path) === 'report' && lazy.includes(specifier)) continue;
        broken.push(`${source.path} imports ${specifier}`);
      }
    }
    expectNone(broken);
  });

  it('commands load what is heavy lazily', () => {
    const heavy = ['chalk', 'ora', 'cli-table3'];
    const broken = SOURCE.filter(({ text }) =>
      heavy.some((name) => new RegExp(`^import (?!type)[^;]*'${name}'`, 'm').test(text)),
    );
    expectNone(broken.map(({ path }) => path));
  });
});

describe('tidy: the library', () => {
  it('knows no process, clock or chance', () => {
    const names = ['randomBytes', 'setTimeout', 'setInterval', 'Date\\.now', 'Math\\.random'];
    const objects = ['process', 'performance', 'console'].map((name) => `${name}\\.`);
    const banned = new RegExp(`\\b(?:${[...names, ...objects].join('|')})|\\bnew Date\\(\\)`);
    const broken = LIBRARY.filter(({ text }) => banned.test(codeOf(text)));
    expectNone(broken.map(({ path }) => path));
  });

  it('uses DataView in bytes only', () => {
    const broken = LIBRARY.filter(
      ({ path, text }) => layerOf(path) !== 'bytes' && /\bDataView\b/.test(codeOf(text)),
    );
    expectNone(broken.map(({ path }) => path));
  });

  it('has no barrels, no utils, no file of that kind', () => {
    const broken = LIBRARY.filter(({ path }) =>
      /\/(?:index|utils?|helpers?|common|misc)\.ts$/.test(path),
    );
    expectNone(broken.map(({ path }) => path));
  });

  it('uses every code that is listed', () => {
    const uses = SOURCE.filter(({ path }) => !path.startsWith('src/lib/core/codes/'))
      .map(({ text }) => text)
      .join('\n');
    expectNone(Object.keys(CODES).filter((code) => !uses.includes(`'${code}'`)));
  });

  it('lists a code once', () => {
    const seen = new Map<string, string>();
    const broken: string[] = [];
    for (const { path, text } of LIBRARY) {
      if (!path.startsWith('src/lib/core/codes/')) continue;
      for (const [, code] of text.matchAll(/^ {2}'?([a-z][a-z0-9-]*)'?: \{/gm)) {
        if (seen.has(code!)) broken.push(`${code!}: ${seen.get(code!)!} and ${path}`);
        seen.set(code!, path);
      }
    }
    expectNone(broken);
  });
});

describe('tidy: size and shape', () => {
  const everything = [...SOURCE, ...TESTS, ...BIN];

  it(`no file has more than ${MAX_LINES} lines`, () => {
    const broken = everything
      .map(({ path, text }) => ({ path, count: text.split('\n').length - 1 }))
      .filter(({ path, count }) => {
        return count > (path.startsWith('test/') ? MAX_TEST_LINES : MAX_LINES);
      });
    expectNone(broken.map(({ path, count }) => `${path}: ${count}`));
  });

  it(`no line is longer than ${MAX_COLUMNS} columns`, () => {
    const broken: string[] = [];
    for (const { path, text } of everything) {
      text.split('\n').forEach((line, i) => {
        // Known bytes in hex and words that cannot be broken may stand alone on a longer line.
        if (/^\s*(?:\/\/\s*)?\S+$/.test(line) || /[0-9a-f]{60}/.test(line)) return;
        // So may one string, which is prose: an explanation of a code, the name of a test.
        if (ONE_STRING.test(line)) return;
        const comment = /^\s*(?:\/\/|\/\*|\*)/.test(line);
        const most = comment ? MAX_COMMENT_COLUMNS : MAX_COLUMNS;
        if ([...line].length > most) broken.push(`${path}:${i + 1}`);
      });
    }
    expectNone(broken);
  });

  it(`no function has more than ${MAX_FUNCTION_LINES} lines`, () => {
    const broken: string[] = [];
    for (const { path, text } of [...SOURCE, ...BIN]) {
      for (const { line, length } of functionsOf(text)) {
        if (length > MAX_FUNCTION_LINES) broken.push(`${path}:${line}: ${length} lines`);
      }
    }
    expectNone(broken);
  });

  it('functions are found at all', () => {
    const count = SOURCE.reduce((sum, { text }) => sum + functionsOf(text).length, 0);
    const keywords = SOURCE.reduce(
      (sum, { text }) => sum + [...codeOf(text).matchAll(/\bfunction\b/g)].length,
      0,
    );
    expect(count).to.be.at.least(keywords * 0.8);
  });

  it('nothing is left to do, singled out or skipped', () => {
    const leftovers = new RegExp(`\\b(?:${LEFTOVERS.join('|')})\\b`);
    const switches = /\b(?:it|describe|specify)\.(?:only|skip)\b|\bthis\.skip\(/;
    const broken = everything.filter(
      ({ path, text }) =>
        path !== 'test/tidy.test.ts' &&
        (leftovers.test(text) || (path.startsWith('test/') && switches.test(text))),
    );
    expectNone(broken.map(({ path }) => path));
  });

  it('unchecked types appear nowhere', () => {
    const broken = SOURCE.filter(({ text }) =>
      /(?::|as|<)\s*any\b(?! \/\/ oxlint)/.test(codeOf(text)),
    );
    expectNone(broken.map(({ path }) => path).filter((path) => path !== 'src/base-command.ts'));
  });
});
