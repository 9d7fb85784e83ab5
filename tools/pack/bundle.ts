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
import { readdirSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { Program } from '../generate/commands.js';

const SETTINGS = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // Errors are told apart by the names of their classes.
  keepNames: true,
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

function workersBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('-worker.js'))
    .map((name) => join(folder, name));
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
 * @param built  the compiled tree
 * @param lib  an existing folder
 * @returns paths, relative to the working directory, of all files whose code is in the bundle
 */
export async function bundle(program: Program, built: string, lib: string): Promise<string[]> {
  const main = await build({
    ...SETTINGS,
    stdin: { contents: entryText(program), resolveDir: built, sourcefile: 'ekv.js' },
    outfile: join(lib, 'ekv.js'),
  });
  const threads = await build({
    ...SETTINGS,
    entryPoints: workersBelow(join(built, 'src')).map((path) => ({
      in: path,
      out: path.split(sep).at(-1)?.replace(/\.js$/, '') ?? '',
    })),
    outdir: lib,
  });
  for (const id of Object.keys(program.manifest.commands)) {
    const text = `module.exports = require('./ekv.js').commands[${JSON.stringify(id)}]();\n`;
    writeFileSync(join(lib, fileOfCommand(id)), text);
  }
  return [main, threads].flatMap(({ metafile }) => Object.keys(metafile.inputs));
}
