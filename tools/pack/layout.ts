/**
 * The program as one directory that needs Node and nothing else:
 *
 *     bin/ekv            starts it
 *     lib/               the bundle, and its compiled form for the Node it was made with
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
import { dirname, join, relative } from 'node:path';
import type { Program } from '../generate/commands.js';
import { bundle, fileOfCommand } from './bundle.js';
import { writeCodeCache } from './code-cache.js';

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: object;
  readonly oclif: Readonly<Record<string, unknown>>;
}

/** Folders of the packages whose code went into the bundle. */
function packagesOf(inputs: readonly string[], root: string): string[] {
  const folders = new Set<string>();
  for (const input of inputs) {
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
    { ...command, relativePath: ['lib', fileOfCommand(id)], isESM: false },
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
  for (const folder of ['bin', 'lib']) mkdirSync(join(target, folder), { recursive: true });
  cpSync(join(root, 'tools', 'pack', 'start.cjs'), join(target, 'bin', 'ekv'));
  chmodSync(join(target, 'bin', 'ekv'), 0o755);
  const inputs = await bundle(program, built, join(target, 'lib'));
  const zstd = copyZstd(root, target);
  for (const folder of ['man', 'completions', 'schemas']) {
    cpSync(join(root, folder), join(target, folder), { recursive: true });
  }
  for (const file of ['LICENSE', 'README.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file));
  }
  const third = [...packagesOf(inputs, root), zstd].sort();
  writeFileSync(join(target, 'THIRD-PARTY-LICENSES'), licenceText(root, third));
  writeFileSync(join(target, 'oclif.manifest.json'), json(packedManifest(program)));
  const pages = readdirSync(join(target, 'man')).sort();
  writeFileSync(join(target, 'package.json'), json(packedPackage(root, pages)));
  writeCodeCache(root, target);
}
