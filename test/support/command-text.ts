/** Commands of ours named in prose, held against what the commands really take. */
import { dirname, join } from 'node:path';
import {
  loadProgram,
  type CommandMeta,
  type FlagMeta,
  type Program,
} from '../../tools/generate/commands.js';
import { parseTypes } from '../../src/lib/replay/entry-filter.js';

let program: Promise<Program> | undefined;

/** The commands of the build that the tests run from. */
export function theCommands(): Promise<readonly CommandMeta[]> {
  const built = join(import.meta.dirname, '..', '..');
  program ??= loadProgram(dirname(built), built);
  return program.then(({ commands }) => commands);
}

/** What follows the program's name where no command is meant. */
const PROSE = new Set(['as', 'writing', 'and']);
const GLOBAL = new Set(['--help']);
const PUNCTUATION = /[.,;:)]+$/;

/** What is wrong with the commands named in a text; nothing, if all of them can be typed so. */
export function faultsIn(text: string, commands: readonly CommandMeta[]): string[] {
  return [...text.matchAll(/\bekv (?=[a-z-])/g)].flatMap((match) => {
    const rest = text.slice(match.index + match[0].length);
    return faultsOf(rest.split(' '), commands).map((fault) => `${fault}: ekv ${rest}`);
  });
}

/** The same of a whole command line without quotes: every word of it has to be understood. */
export function strictFaults(line: string, commands: readonly CommandMeta[]): string[] {
  const command = [...commands]
    .sort((a, b) => b.words.length - a.words.length)
    .find(({ words }) => `${line} `.startsWith(`ekv ${words} `));
  if (command === undefined) return ['no such command'];
  const words = line.slice(`ekv ${command.words} `.length).split(' ');
  const named: string[] = [];
  const faults: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!word.startsWith('-')) {
      if (command.args.length === 0) faults.push(`no argument ${word}`);
      continue;
    }
    const flag = flagOf(word, command);
    if (flag === undefined) faults.push(`no flag ${word}`);
    else if (named.includes(word)) faults.push(`${word} twice`);
    else if (flag.takesValue) faults.push(...valueFaults(flag, words[++i] ?? ''));
    named.push(word);
  }
  const missing = command.flags.filter(
    ({ name, required }) => required && !named.includes(`--${name}`),
  );
  return [...faults, ...missing.map(({ name }) => `--${name} is missing`)];
}

function faultsOf(words: readonly string[], commands: readonly CommandMeta[]): string[] {
  const [first = ''] = words;
  const bare = first.replace(PUNCTUATION, '');
  if (PROSE.has(bare) || GLOBAL.has(bare)) return [];
  const two = `${first} ${words[1] ?? ''}`.replace(PUNCTUATION, '');
  const command = commands.find((each) => each.words === two || each.words === bare);
  if (command === undefined) return ['no such command'];
  const length = command.words.split(' ').length;
  // A sentence ends behind the command: nothing more belongs to it.
  if (PUNCTUATION.test(words[length - 1] ?? '')) return [];
  return argumentFaults(words.slice(length), command);
}

function argumentFaults(words: readonly string[], command: CommandMeta): string[] {
  const faults: string[] = [];
  const named = new Set<string>();
  let args = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const ends = PUNCTUATION.test(word);
    const bare = word.replace(PUNCTUATION, '');
    if (bare.startsWith('-')) {
      const flag = flagOf(bare, command);
      if (flag === undefined) return [...faults, `no flag ${bare}`];
      named.add(flag.name);
      if (flag.takesValue && !ends) {
        i++;
        faults.push(...valueFaults(flag, words[i] ?? ''));
        if (PUNCTUATION.test(words[i] ?? '')) break;
      } else if (flag.takesValue) {
        faults.push(`${bare} has no value`);
      }
    } else if (/^(?:[A-Z]|[\w-]+\.(?:db|bin|json)$)/.test(bare)) {
      args++;
    } else break;
    if (ends) break;
  }
  if (args > 0 && command.args.length === 0) faults.push('takes no argument');
  if (named.size + args > 0) {
    const missing = command.flags.filter(({ name, required }) => required && !named.has(name));
    faults.push(...missing.map(({ name }) => `--${name} is missing`));
  }
  return faults;
}

function flagOf(word: string, { flags }: CommandMeta): FlagMeta | undefined {
  return flags.find(({ name, char }) => word === `--${name}` || word === `-${char ?? ''}`);
}

function valueFaults({ name, options }: FlagMeta, word: string): string[] {
  const value = word.replace(PUNCTUATION, '');
  if (value === '' || value.startsWith('-')) return [`--${name} has no value`];
  if (options.length > 0 && !options.includes(value)) return [`--${name} is never ${value}`];
  if (name === 'type') parseTypes(value);
  return [];
}
