/**
 * The program's code as a few files without dependencies:
 *
 *     lib/ekv.js           all modules, CommonJS; each runs when it is first asked for
 *     lib/command-….js     what oclif loads a command by: a line that asks ekv.js for it
 *     lib/…-worker.js      what threads run, each with what it needs
 *
 * One file, not chunks: a short command would load forty of them, and only a script, not a module,
 * can be given its compiled form.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { Program } from '../generate/commands.js';

const SETTINGS = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  banner: { js: `const __ekvUrl=require('node:url').pathToFileURL(__filename).href;` },
  define: { 'import.meta.url': '__ekvUrl' },
  metafile: true,
  logLevel: 'error',
} as const satisfies BuildOptions;

/** Name of the file in `lib/` that oclif loads a command by. */
export function fileOfCommand(id: string): string {
  return `command-${id.replaceAll(':', '-')}.js`;
}

interface Script {
  readonly in: string;
  /** Name of its file, without `.js`. */
  readonly out: string;
}

/**
 * Scripts with all they need, and beside them the threads that they may start.
 * @param built  the compiled tree
 * @returns paths, relative to the working directory, of all files whose code is in them
 */
export async function bundleScripts(
  built: string,
  folder: string,
  scripts: readonly Script[] = [],
): Promise<string[]> {
  const entryPoints = [...scripts, ...workersBelow(join(built, 'src'))];
  const { metafile } = await build({ ...SETTINGS, entryPoints, outdir: folder });
  return Object.keys(metafile.inputs);
}

function workersBelow(folder: string): Script[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('-worker.js'))
    .map((name) => ({ in: join(folder, name), out: name.split(sep).at(-1)!.slice(0, -3) }));
}

/** `relativePath` of the manifest begins with `build`, whatever the compiled tree is called. */
function entryText(program: Program): string {
  const commands = Object.entries(program.manifest.commands).map(([id, { relativePath }]) => {
    const path = ['.', ...(relativePath ?? []).slice(1)].join('/');
    return `${JSON.stringify(id)}: () => require(${JSON.stringify(path)}),`;
  });
  return [
    `export { main } from './src/run.js';`,
    `export const commands = {\n${commands.join('\n')}\n};`,
  ].join('\n');
}

/**
 * Of two classes of one name the bundle renames one, and errors are told apart by the names of their
 * classes. To keep all names would cost every closure of a hot loop a property.
 */
function checkErrorNames(path: string): void {
  const renamed = /\b\w*Error\d+\s*=\s*class\b|\bclass \w*Error\d+\b/.exec(
    readFileSync(path, 'utf8'),
  );
  if (renamed !== null) throw new Error(`two classes of errors share a name: ${renamed[0]}`);
}

/**
 * @param built  the compiled tree
 * @param lib  an existing folder
 * @returns paths, relative to the working directory, of all files whose code is in the bundle
 */
export async function bundle(program: Program, built: string, lib: string): Promise<string[]> {
  const { metafile } = await build({
    ...SETTINGS,
    stdin: { contents: entryText(program), resolveDir: built, sourcefile: 'ekv.js' },
    outfile: join(lib, 'ekv.js'),
  });
  checkErrorNames(join(lib, 'ekv.js'));
  for (const id of Object.keys(program.manifest.commands)) {
    const text = `module.exports = require('./ekv.js').commands[${JSON.stringify(id)}]();\n`;
    writeFileSync(join(lib, fileOfCommand(id)), text);
  }
  return [...Object.keys(metafile.inputs), ...(await bundleScripts(built, lib))];
}
