/**
 * `test/golden/<topic>/<case>.txt` through the real command line. `UPDATE_GOLDEN=1` rewrites the
 * files; whoever reviews reads the difference.
 */
import { expect } from 'chai';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliPool, runCli } from './support/cli.js';
import { ROOT } from './support/fixtures.js';
import {
  parseGolden,
  prepareCase,
  renderGolden,
  shellWords,
  type Answer,
} from './support/golden-case.js';
import { schemaFaults, schemaNames } from './support/schemas.js';

const FOLDER = join(ROOT, 'test', 'golden');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

const FILES = readdirSync(FOLDER, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.txt'))
  .sort();

/** As far from the machine where the files were written as can be. */
const ELSEWHERE = {
  LANG: 'tr_TR.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  TZ: 'Asia/Kolkata',
  TERM: 'dumb',
  COLUMNS: '40',
  NODE_ENV: 'development',
};

interface Conversation {
  readonly text: string;
  readonly answers: readonly Answer[];
}

async function converse(pool: CliPool, name: string): Promise<Conversation> {
  const golden = parseGolden(readFileSync(join(FOLDER, name), 'utf8'));
  const cwd = prepareCase(golden);
  const answers: Answer[] = [];
  for (const words of golden.commands) answers.push(await pool.run(shellWords(words), cwd));
  return { text: renderGolden(golden, answers), answers };
}

async function converseAll(env: Readonly<Record<string, string>>): Promise<Conversation[]> {
  const pool = new CliPool(env);
  try {
    return await Promise.all(FILES.map((name) => converse(pool, name)));
  } finally {
    pool.close();
  }
}

/** The documents and records of a conversation, with the name of the schema for each. */
function documentsOf(words: string, stdout: string): { schema: string; value: unknown }[] {
  const argv = shellWords(words);
  const stream = /--format[ =]ndjson/.test(words);
  if (!stream && !argv.includes('--json')) return [];
  const name = argv.slice(0, 2).join('-');
  const known = schemaNames();
  const command = known.includes(`${name}.schema.json`) ? name : argv[0]!;
  // What is no command has no schema of its own.
  if (!known.includes(`${command}.schema.json`)) return [];
  if (!stream) return [{ schema: command, value: JSON.parse(stdout) }];
  return stdout
    .trim()
    .split('\n')
    .map((line) => ({ schema: `${command}.ndjson`, value: JSON.parse(line) }));
}

describe('golden', () => {
  const said = new Map<string, Conversation>();

  before(async function () {
    this.timeout(600_000);
    const all = await converseAll({});
    all.forEach((conversation, i) => said.set(FILES[i]!, conversation));
    if (!UPDATE) return;
    for (const [name, { text }] of said) writeFileSync(join(FOLDER, name), text);
  });

  for (const name of FILES) {
    const about = /^# (.*)$/m.exec(readFileSync(join(FOLDER, name), 'utf8'))?.[1] ?? '';
    it(`${name}: ${about}`, () => {
      expect(said.get(name)!.text).to.equal(readFileSync(join(FOLDER, name), 'utf8'));
    });
  }

  it('the same bytes in Turkish, in Kolkata, on a dumb terminal', async () => {
    const texts = await converseAll(ELSEWHERE);
    for (const [i, { text }] of texts.entries()) {
      expect(text, FILES[i]).to.equal(readFileSync(join(FOLDER, FILES[i]!), 'utf8'));
    }
  }).timeout(600_000);

  it('every tenth conversation says the same in a process of its own', () => {
    for (const name of FILES.filter((_, i) => i % 10 === 0)) {
      const golden = parseGolden(readFileSync(join(FOLDER, name), 'utf8'));
      const cwd = prepareCase(golden);
      const answers = golden.commands.map((words) => runCli(shellWords(words), { cwd }));
      expect(renderGolden(golden, answers), name).to.equal(
        readFileSync(join(FOLDER, name), 'utf8'),
      );
    }
  });

  it('every JSON document and record validates', () => {
    let count = 0;
    for (const [name, { answers }] of said) {
      const { commands } = parseGolden(readFileSync(join(FOLDER, name), 'utf8'));
      commands.forEach((words, i) => {
        for (const { schema, value } of documentsOf(words, answers[i]!.stdout)) {
          expect(schemaFaults(schema, value), `${name}: ${words}`).to.deep.equal([]);
          count++;
        }
      });
    }
    expect(count).to.be.above(10);
  });

  it('nothing of this machine is in a file', () => {
    const here = [ROOT, tmpdir(), homedir(), hostname(), process.version];
    for (const name of FILES) {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      for (const word of here) expect(text.includes(word), `${name}: ${word}`).to.equal(false);
    }
  });
});
