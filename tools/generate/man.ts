/** The manual: ekv.1 and a page a command, ekv-formats.5, ekv-errors.7. */
import { NODE_ERRORS } from '../../src/lib/core/codes/node-errors.js';
import { allCodes, allNodeErrors, explain } from '../../src/lib/report/explain.js';
import { EXIT_MEANINGS, EXIT_ORDERS } from '../../src/lib/report/exit-status.js';
import type { ArgMeta, CommandMeta, FlagMeta, Program } from './commands.js';
import { markdownToRoff } from './markdown.js';
import {
  escaped,
  heading,
  item,
  page,
  paragraph,
  preformatted,
  subheading,
  title,
} from './roff.js';

const MANUAL = 'ekv manual';

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${escaped(text)}\\fR`;
}

function flagTerm(flag: FlagMeta): string {
  const char = flag.char === undefined ? '' : `${bold(`-${flag.char}`)}, `;
  const name = flag.allowNo ? `--[no-]${flag.name}` : `--${flag.name}`;
  if (!flag.takesValue) return char + bold(name);
  // \: lets troff break a long choice behind a bar.
  const choice = flag.options.map(bold).join('|\\:');
  const value = flag.options.length > 0 ? choice : italic(flag.helpValue);
  return `${char}${bold(name)} ${value}`;
}

function flagItem(flag: FlagMeta): string[] {
  const text = [flag.summary];
  if (flag.defaultText !== undefined) text.push(`The default is ${flag.defaultText}.`);
  if (flag.required) text.push('Required.');
  if (flag.multiple) text.push('May be given more than once.');
  return item(flagTerm(flag), [escaped(text.join(' '))]);
}

/** OPTIONS, the command's own first, then group by group. */
function optionLines(flags: readonly FlagMeta[]): string[] {
  const groups = [...new Set(flags.map((flag) => flag.helpGroup))].sort(byGroup);
  return groups.flatMap((group) => [
    ...(group === undefined
      ? []
      : [subheading(`${group[0]}${group.slice(1).toLowerCase()} options`)]),
    ...flags.filter((flag) => flag.helpGroup === group).flatMap(flagItem),
  ]);
}

function byGroup(a: string | undefined, b: string | undefined): number {
  const rank = (group: string | undefined): number =>
    group === undefined ? 0 : group === 'GLOBAL' ? 2 : 1;
  return rank(a) - rank(b);
}

function argTerm(arg: ArgMeta): string {
  const name = italic(arg.name.toUpperCase());
  return arg.required ? name : `[${name}]`;
}

function synopsis(bin: string, command: CommandMeta): string {
  const required = command.flags.filter((flag) => flag.required).map(flagTerm);
  const parts = [bold(`${bin} ${command.words}`), ...command.args.map(argTerm), ...required];
  return `${parts.join(' ')} [${italic('options')}]`;
}

/** Paragraphs of an oclif description; one that is broken into lines is a list. */
function descriptionLines(description: readonly string[]): string[] {
  return description.flatMap((text) =>
    text.includes('\n') ? preformatted(text.split('\n').flatMap(foldedRow)) : paragraph(text),
  );
}

/** A row of a list, broken under its own text. */
function foldedRow(row: string): string[] {
  const [, head = '', rest = ''] = /^(\s*\S+\s+)(.*)$/.exec(row) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of rest.split(' ')) {
    if (line !== '' && head.length + line.length + 1 + word.length > 68) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((text, i) => (i === 0 ? head : ' '.repeat(head.length)) + text);
}

function exitStatusLines(): string[] {
  return [
    heading('EXIT STATUS'),
    ...EXIT_MEANINGS.flatMap(({ code, means }) => item(bold(String(code)), [escaped(`${means}.`)])),
    ...paragraph(
      `When several apply the worst wins: ${EXIT_ORDERS.damageFirst.join(' > ')} > 0; for ` +
        `cold-start-dryrun ${EXIT_ORDERS.dryRun.join(' > ')} > 0.`,
    ),
  ];
}

function exampleLines(examples: readonly string[]): string[] {
  if (examples.length === 0) return [];
  return [heading('EXAMPLES'), ...preformatted(examples.map((example) => `$ ${example}`))];
}

export function pageName(bin: string, words: string): string {
  return `${bin}-${words.replaceAll(' ', '-')}`;
}

function seeAlso(names: readonly string[]): string[] {
  const shown = names.map((name) => {
    const [page = '', section = ''] = name.split('.');
    return `${bold(page)}(${section})`;
  });
  return [heading('SEE ALSO'), shown.join(', ')];
}

function commandPage(program: Program, command: CommandMeta): string {
  const { bin, version } = program;
  const name = pageName(bin, command.words);
  const args = command.args.flatMap((arg) => item(argTerm(arg), [escaped(arg.description)]));
  return page([
    title(name.toUpperCase(), 1, `${bin} ${version}`, MANUAL),
    heading('NAME'),
    `${escaped(name)} \\- ${escaped(command.summary.replace(/\.$/, ''))}`,
    heading('SYNOPSIS'),
    synopsis(bin, command),
    heading('DESCRIPTION'),
    ...descriptionLines(command.description.length > 0 ? command.description : [command.summary]),
    ...(args.length > 0 ? [heading('ARGUMENTS'), ...args] : []),
    heading('OPTIONS'),
    ...optionLines(command.flags),
    ...exitStatusLines(),
    ...exampleLines(command.examples),
    ...seeAlso([`${bin}.1`, `${bin}-errors.7`, `${bin}-formats.5`]),
  ]);
}

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'Not empty: no colour. A flag beats it.'],
  ['FORCE_COLOR', 'Colour even into a pipe, unless it is 0 or false.'],
  ['TERM', 'dumb: no colour and no spinner.'],
  ['EKV_DEBUG', '1: the stack of a bug in ekv.'],
];

function mainPage(program: Program): string {
  const { bin, version, commands } = program;
  const shared = commands.find((command) => command.words === 'exit-codes')?.flags ?? [];
  return page([
    title(bin.toUpperCase(), 1, `${bin} ${version}`, MANUAL),
    heading('NAME'),
    `${bin} \\- read elastickv data dirs offline and predict what a node would do with them`,
    heading('SYNOPSIS'),
    `${bold(bin)} ${italic('COMMAND')} [${italic('options')}]`,
    heading('DESCRIPTION'),
    ...paragraph(
      'Reads the data directory of a stopped elastickv node (etcd raft log, snapshots, Pebble ' +
        'store, encryption sidecar) and says what is in it, whether it is sound, and what a node ' +
        'would do at its next start. What is inspected is opened read-only and never changed: a ' +
        'command that produces files writes new ones elsewhere.',
    ),
    heading('COMMANDS'),
    ...commands.flatMap(({ words, summary }) => item(bold(words), [escaped(summary)])),
    heading('OPTIONS'),
    ...optionLines(shared),
    ...exitStatusLines(),
    heading('ENVIRONMENT'),
    ...ENVIRONMENT.flatMap(([name, text]) => item(bold(name), [escaped(text)])),
    ...exampleLines([
      `${bin} cold-start-dryrun --data-dir /var/lib/elastickv/n1`,
      `${bin} explain ErrFSMSnapshotTokenCRC`,
    ]),
    ...seeAlso([
      ...commands.map(({ words }) => `${pageName(bin, words)}.1`),
      `${bin}-formats.5`,
      `${bin}-errors.7`,
    ]),
  ]);
}

function errorsPage(program: Program): string {
  const { bin, version } = program;
  const codes = allCodes().flatMap((code) => {
    const entry = explain(code);
    if (entry === undefined) return [];
    const paragraphs = [entry.means];
    if (entry.node !== null) paragraphs.push(`The node: ${entry.node}`);
    if (entry.look !== null) paragraphs.push(`Look at: ${entry.look}`);
    if (entry.next !== null) paragraphs.push(`Next: ${entry.next}`);
    paragraphs.push(...entry.commands.map((command) => `\`${command}\``));
    if (entry.nodeErrors.length > 0) {
      paragraphs.push(`The node’s error: ${entry.nodeErrors.join(', ')}.`);
    }
    return item(bold(code), paragraphs.map(escaped));
  });
  const names = allNodeErrors().flatMap((name) => {
    const { means, codes: carriers } = NODE_ERRORS[name] ?? { means: '', codes: [] };
    const seen = carriers.length === 0 ? [] : [`Reported as ${carriers.join(', ')}.`];
    return item(bold(name), [escaped(means), ...seen.map(escaped)]);
  });
  return page([
    title(`${bin}-errors`.toUpperCase(), 7, `${bin} ${version}`, MANUAL),
    heading('NAME'),
    `${bin}\\-errors \\- codes of findings and refusals, and the errors of a node`,
    heading('DESCRIPTION'),
    ...paragraph(
      `Every finding and every error of ${bin} carries a code. Codes are stable: scripts match ` +
        `on them, never on a message. \`${bin} explain CODE\` prints the same text.`,
    ),
    heading('CODES'),
    ...codes,
    heading('ERRORS OF THE NODE'),
    ...names,
    ...exitStatusLines(),
    ...seeAlso([`${bin}.1`, `${bin}-explain.1`, `${bin}-formats.5`]),
  ]);
}

/** @param formats  the documents of docs/formats, in reading order */
function formatsPage(program: Program, formats: readonly string[]): string {
  const { bin, version } = program;
  return page([
    title(`${bin}-formats`.toUpperCase(), 5, `${bin} ${version}`, MANUAL),
    heading('NAME'),
    `${bin}\\-formats \\- files of an elastickv data directory`,
    ...formats.flatMap((markdown) => {
      const { title: name, roff } = markdownToRoff(markdown);
      return [heading(name.toUpperCase()), ...roff];
    }),
    ...seeAlso([`${bin}.1`, `${bin}-errors.7`]),
  ]);
}

/** File name to content. */
export function manPages(program: Program, formats: readonly string[]): Map<string, string> {
  const { bin, commands } = program;
  return new Map([
    [`${bin}.1`, mainPage(program)],
    ...commands.map((command): [string, string] => [
      `${pageName(bin, command.words)}.1`,
      commandPage(program, command),
    ]),
    [`${bin}-formats.5`, formatsPage(program, formats)],
    [`${bin}-errors.7`, errorsPage(program)],
  ]);
}
