/** What is generated is what the commands and codes say now: `npm run generate` makes it so. */
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadProgram, type Program } from '../../tools/generate/commands.js';
import { KINDS, generated, type Kind } from '../../tools/generate/files.js';
import { ROOT } from '../support/fixtures.js';

const BUILT = resolve(import.meta.dirname, '..', '..');

describe('generated files', () => {
  let program: Program;
  before(async () => {
    program = await loadProgram(ROOT, BUILT);
  });

  for (const kind of ['schemas', 'man', 'completions'] as const satisfies readonly Kind[]) {
    it(`${kind} are fresh: npm run ${kind}`, () => {
      const { folder, owns } = KINDS[kind];
      const files = generated(kind, program, ROOT);
      expect(files.size).to.be.above(2);
      const there = readdirSync(join(ROOT, folder)).filter((name) => owns.test(name));
      expect(there.sort(), `${folder}/`).to.deep.equal([...files.keys()].sort());
      for (const [name, content] of files) {
        const same = readFileSync(join(ROOT, folder, name), 'utf8') === content;
        expect(same, `${folder}/${name} is out of date: npm run ${kind}`).to.equal(true);
      }
    });
  }

  it('the manifest has every command, loadable where an installed program finds it', () => {
    const [content] = generated('manifest', program, ROOT).values();
    const manifest = JSON.parse(content!) as {
      version: string;
      commands: Record<string, { relativePath: string[]; isESM: boolean; description?: string }>;
    };
    const sources = readdirSync(join(ROOT, 'src', 'commands'), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.replace(/\.ts$/, '').replaceAll(/[\\/]/g, ':'));
    expect(Object.keys(manifest.commands)).to.deep.equal(sources.sort());
    for (const [id, { relativePath, isESM }] of Object.entries(manifest.commands)) {
      expect(isESM, id).to.equal(true);
      expect(relativePath.slice(0, 3), id).to.deep.equal(['build', 'src', 'commands']);
      expect(existsSync(join(BUILT, ...relativePath.slice(1))), id).to.equal(true);
    }
  });

  it('a manifest in the checkout is the one of these commands', () => {
    const path = join(ROOT, 'oclif.manifest.json');
    if (!existsSync(path)) return;
    const [content] = generated('manifest', program, ROOT).values();
    expect(readFileSync(path, 'utf8') === content, 'run npm run build').to.equal(true);
  });

  it('every command says what it is for and shows an example', () => {
    for (const { words, summary, examples, flags, args } of program.commands) {
      expect(summary, words).to.match(/^[A-Z].*\.$/);
      if (words !== 'help') expect(examples.length, words).to.be.above(0);
      for (const flag of flags)
        expect(flag.summary, `${words} --${flag.name}`).to.match(/^.+[.…]$/s);
      for (const arg of args) expect(arg.description, `${words} ${arg.name}`).to.match(/^.+\.$/s);
    }
  });
});
