/** What the README shows is what the program does: console blocks, command table, links, limits. */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadProgram } from '../tools/generate/commands.js';
import { runInShell, type CliResult } from './support/cli.js';
import { ROOT, unpackFresh, type FixtureKind } from './support/fixtures.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const ELISION = '[...]';

interface Block {
  readonly fixture: string;
  readonly steps: readonly { readonly command: string; readonly output: readonly string[] }[];
}

function blocks(): Block[] {
  const found = README.matchAll(/<!-- fixture (\S+) -->\n+```console\n([\s\S]*?)^```$/gm);
  return [...found].map(([, fixture = '', body = '']) => {
    const steps: { command: string; output: string[] }[] = [];
    for (const line of body.split('\n').slice(0, -1)) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
      else steps.at(-1)!.output.push(line);
    }
    return { fixture, steps };
  });
}

/** Every run of lines between two elisions stands in the output, in that order. */
function expectShown(shown: readonly string[], stdout: string): void {
  const lines = stdout.split('\n').slice(0, -1);
  let from = 0;
  const runs = shown.join('\n').split(ELISION);
  for (const [i, text] of runs.entries()) {
    const wanted = text.replace(/^\n|\n$/g, '').split('\n');
    if (text.trim() === '') continue;
    const at = lines.findIndex(
      (_, start) => start >= from && wanted.every((line, j) => lines[start + j] === line),
    );
    expect(at, `not in the output:\n${wanted.join('\n')}\n---\n${stdout}`).to.be.at.least(0);
    if (i === 0) expect(at, 'the first line').to.equal(0);
    from = at + wanted.length;
  }
  if (!shown.at(-1)?.includes(ELISION)) expect(from, 'the last line').to.equal(lines.length);
}

describe('README.md', () => {
  for (const { fixture, steps } of blocks()) {
    it(`shows what happens with ${fixture}`, () => {
      const [kind, name = ''] = fixture.split('/');
      const cwd = unpackFresh(kind as FixtureKind, name);
      let last: CliResult | undefined;
      for (const { command, output } of steps) {
        if (command === 'echo $?') {
          expect(String(last?.code)).to.equal(output[0]);
          continue;
        }
        last = runInShell(command.replace(/^ekv /, '$EKV '), { cwd });
        expectShown(output, last.stdout);
      }
    }).timeout(60_000);
  }

  it('walks through at least three incidents', () => {
    expect(blocks().length).to.be.at.least(3);
  });

  it('lists every command with its summary', async () => {
    const program = await loadProgram(ROOT, resolve(import.meta.dirname, '..'));
    const table = /<!-- commands -->\n([\s\S]*?)\n<!-- \/commands -->/.exec(README)![1]!;
    const rows = table.split('\n').filter((row) => row.startsWith('| `'));
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    expect(cells.map(([, name, summary]) => `${name} ${summary}`)).to.deep.equal(
      program.commands.map(({ words, summary }) => `\`ekv ${words}\` ${summary}`),
    );
  });

  it('has the statuses that the program has', () => {
    const run = runInShell('$EKV exit-codes --json');
    const { result } = JSON.parse(run.stdout) as { result: { exitCodes?: { code: number }[] } };
    for (const { code } of result.exitCodes ?? [])
      expect(README).to.match(new RegExp(`\\b${code}\\b`));
  });

  it('links to what is there', () => {
    for (const [, target = ''] of README.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(ROOT, target)), target).to.equal(true);
    }
    for (const [, target = ''] of README.matchAll(/`(test\/[\w/.-]+\.ts)`/g)) {
      expect(existsSync(join(ROOT, target)), target).to.equal(true);
    }
  });
});

describe('docs/peers.md', () => {
  const text = readFileSync(join(ROOT, 'docs', 'peers.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d+) +\| (.*?) +\| (.*?) +\| (.*?) +\|$/gm)];

  it('answers all forty rows, each with one of five words', () => {
    expect(rows.map(([, number]) => Number(number))).to.deep.equal(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    for (const [, number, , answer, how = ''] of rows) {
      expect(answer, number).to.be.oneOf(['have', 'better', 'partly', 'not yet', 'n/a']);
      expect(how.length, number).to.be.above(10);
    }
  });

  it('names commands and flags that there are', async () => {
    const program = await loadProgram(ROOT, resolve(import.meta.dirname, '..'));
    for (const [, line = ''] of text.matchAll(/`ekv ([^`]+)`/g)) {
      const command = program.commands.find(
        ({ words }) => line === words || line.startsWith(`${words} `),
      );
      expect(command, line).to.not.equal(undefined);
      for (const [, flag = ''] of line.matchAll(/--([\w-]+)/g)) {
        const flags = command!.flags.map(({ name }) => name);
        expect(flags, line).to.include(flag);
      }
    }
  });
});
