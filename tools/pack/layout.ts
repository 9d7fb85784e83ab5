/**
 * The program as one directory that needs Node and nothing else:
 *
 *     bin/ekv            starts it
 *     lib/               the bundle, flat: commands, shared chunks, workers
 *     vendor/zstd/       the WebAssembly decoder and its loader
 *     man/ completions/ schemas/
 *     package.json oclif.manifest.json LICENSE THIRD-PARTY-LICENSES README.md
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { Program } from '../generate/commands.js';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
  readonly oclif: Readonly<Record<string, unknown>>;
}

const BANNER = [
  `import{createRequire as __ekvCreateRequire}from'node:module';`,
  `import{fileURLToPath as __ekvPath}from'node:url';`,
  `const require=__ekvCreateRequire(import.meta.url),__filename=__ekvPath(import.meta.url),`,
  `__dirname=__ekvPath(new URL('.',import.meta.url));`,
].join('');

const START = `#!/usr/bin/env node
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../lib/run.js';

await main(dirname(dirname(fileURLToPath(import.meta.url))));
`;

/** Name of a command's module in `lib/`. */
function moduleOf(id: string): string {
  return `command-${id.replaceAll(':', '-')}`;
}

function workersBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('-worker.js'))
    .map((name) => join(folder, name));
}

/**
 * `await import()` of a CommonJS package gives Node its names and a bundle only `default`: the
 * package is put behind a module that exports them one by one.
 */
function namedExports(root: string): Plugin {
  const require = createRequire(join(root, 'package.json'));
  return {
    name: 'named-exports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@oclif\/core$/ }, ({ path, kind }) =>
        kind === 'dynamic-import' ? { path, namespace: 'named' } : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'named' }, ({ path }) => {
        const names = Object.keys(require(path) as object).join(', ');
        const lines = [`import * as all from '${path}';`, `export const { ${names} } = all;`];
        return { contents: lines.join('\n'), resolveDir: root };
      });
    },
  };
}

/** Every module, in one folder: a worker lies beside whatever chunk its starter ends up in. */
async function bundle(
  program: Program,
  root: string,
  built: string,
  target: string,
): Promise<Metafile> {
  const commands = Object.entries(program.manifest.commands).map(([id, command]) => ({
    in: join(built, ...(command.relativePath ?? []).slice(1)),
    out: moduleOf(id),
  }));
  const workers = workersBelow(join(built, 'src')).map((path) => ({
    in: path,
    out: path.split(sep).at(-1)?.replace(/\.js$/, '') ?? '',
  }));
  const { metafile } = await build({
    entryPoints: [{ in: join(built, 'src', 'run.js'), out: 'run' }, ...commands, ...workers],
    outdir: join(target, 'lib'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: 'chunk-[hash]',
    // Errors are told apart by the names of their classes.
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: [namedExports(root)],
    metafile: true,
    logLevel: 'error',
  });
  return metafile;
}

/** Folders of the packages whose code went into the bundle. */
function packagesOf(metafile: Metafile, root: string): string[] {
  const folders = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const path = join(process.cwd(), input);
    const match = /^(.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(path);
    if (match?.[1] !== undefined) folders.add(relative(root, match[1]));
  }
  return [...folders].sort();
}

function licenceText(root: string, folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const path = join(root, folder);
    const pjson = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as PackageJson;
    const file = readdirSync(path).find((name) => /^(?:licen[cs]e|copying)/i.test(name));
    const text =
      file === undefined ? `License: ${pjson.license}` : readFileSync(join(path, file), 'utf8');
    return `${pjson.name} ${pjson.version}\n\n${text.trim()}\n`;
  });
  return parts.join(`\n${'-'.repeat(72)}\n\n`);
}

/** The WebAssembly decoder is found through `#zstd`, see src/lib/compression/zstd.ts. */
function copyZstd(root: string, target: string): string {
  const require = createRequire(join(root, 'package.json'));
  const from = dirname(require.resolve('@bokuweb/zstd-wasm'));
  const to = join(target, 'vendor', 'zstd');
  mkdirSync(to, { recursive: true });
  for (const name of ['zstd.js', 'zstd.wasm']) cpSync(join(from, name), join(to, name));
  writeFileSync(join(to, 'package.json'), '{ "type": "commonjs" }\n');
  return relative(root, join(from, '..', '..'));
}

function json(value: unknown): string {
  const plain = (_: string, part: unknown): unknown =>
    typeof part === 'bigint' ? String(part) : part;
  return `${JSON.stringify(value, plain, 2)}\n`;
}

function packedManifest(program: Program): unknown {
  const commands = Object.entries(program.manifest.commands).map(([id, command]) => [
    id,
    { ...command, relativePath: ['lib', `${moduleOf(id)}.js`] },
  ]);
  return { ...program.manifest, commands: Object.fromEntries(commands) };
}

function packedPackage(root: string, manPages: readonly string[]): unknown {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;
  const { name, version, description, license, engines, oclif } = pjson;
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { ekv: 'bin/ekv' },
    man: manPages.map((page) => `man/${page}`),
    imports: { '#zstd': './vendor/zstd/zstd.js' },
    oclif: { ...oclif, commands: { strategy: 'pattern', target: './lib' } },
  };
}

/**
 * Lays the program out below `target`, which is made anew.
 * @param root  of the repository
 * @param built  the compiled tree
 */
export async function layOut(
  program: Program,
  root: string,
  built: string,
  target: string,
): Promise<void> {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'bin'), { recursive: true });
  writeFileSync(join(target, 'bin', 'ekv'), START);
  chmodSync(join(target, 'bin', 'ekv'), 0o755);
  const metafile = await bundle(program, root, built, target);
  const zstd = copyZstd(root, target);
  for (const folder of ['man', 'completions', 'schemas']) {
    cpSync(join(root, folder), join(target, folder), { recursive: true });
  }
  for (const file of ['LICENSE', 'README.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file));
  }
  const third = [...packagesOf(metafile, root), zstd].sort();
  writeFileSync(join(target, 'THIRD-PARTY-LICENSES'), licenceText(root, third));
  writeFileSync(join(target, 'oclif.manifest.json'), json(packedManifest(program)));
  const pages = readdirSync(join(target, 'man')).sort();
  writeFileSync(join(target, 'package.json'), json(packedPackage(root, pages)));
}
