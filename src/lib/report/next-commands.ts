/**
 * Commands that follow from a finding and can be pasted as they are: the paths and flags are the ones
 * the operator typed.
 */
import { CODES, type ErrorCode } from '../core/codes/all.js';
import type { CodeEntry } from '../core/codes/table.js';
import type { Finding } from '../core/finding.js';

/** What is known of the place that a finding is about. */
export interface FindingContext {
  readonly dataDir?: string | undefined;
  /** Flags that describe the node, as typed, without its generation. */
  readonly nodeArgs: readonly string[];
  /** `--generation` as typed. */
  readonly generation?: string | undefined;
  /** The command that was run: it is not suggested again as it was typed. */
  readonly asked?: string | undefined;
  /** The path of a finding's file from where the operator stands. */
  readonly pathOf?: (file: string | undefined) => string | undefined;
}

export interface CommandContext extends FindingContext {
  readonly dataDir: string;
}

/** How a quote stands in a quoted word. */
const QUOTE = String.raw`'\''`;

/** A word of a shell command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", QUOTE)}'`;
}

/** The data dir as a word for the shell, never mistaken for a flag, without a slash at its end. */
export function dirWord(path: string): string {
  const bare = path.replace(/(?<=.)\/+$/, '');
  return shellWord(bare.startsWith('-') ? `./${bare}` : bare);
}

/** A new name next to a dir: `DIR.copy`, or one level up where the dir has no name of its own. */
export function siblingOf(dir: string, what: string): string {
  return /(?:^|\/)\.{1,2}$/.test(dir) ? `${dir}/../ekv-${what}` : `${dir}.${what}`;
}

/** @param dir  as `dirWord` gives it */
export function copyCommand(dir: string): string {
  return `cp -a ${dir} ${siblingOf(dir, 'copy')}`;
}

/** Commands that take fewer of the node's flags than the others do. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'encryption check': ['--no-guards'],
  'encryption rows': ['--no-guards', '--peers', '--encryption', '--bootstrap'],
};

/** Commands that ask about one generation of builds or all of them. */
const TAKE_GENERATION: readonly string[] = [
  'cold-start-dryrun',
  'replay-wal',
  'repair-wal',
  'snapshots',
  'encryption check',
];

/** Flags with their values, as they were typed. */
function typedFlags({ nodeArgs }: FindingContext): string[][] {
  const flags: string[][] = [];
  for (const word of nodeArgs) {
    if (word.startsWith('--')) flags.push([word]);
    else flags.at(-1)?.push(word);
  }
  return flags;
}

function nodeWords(command: string, more: readonly string[], context: FindingContext): string[] {
  const flags = typedFlags(context).filter(
    ([name = '']) => !more.includes(name) && LEFT_OUT[command]?.includes(name) !== true,
  );
  const { generation } = context;
  const typed = generation !== undefined && generation !== 'all';
  if (typed && TAKE_GENERATION.includes(command) && !more.includes('--generation')) {
    flags.push(['--generation', generation]);
  }
  return flags.flat().map(shellWord);
}

/**
 * A command about the data dir, with the node's flags and the generation as they were asked about.
 * @param more  what follows the node's flags; a flag in it counts instead of the one typed
 */
export function nodeCommand(context: CommandContext, command: string, more = ''): string {
  const words = more.split(' ').filter((word) => word !== '');
  const node = nodeWords(command, words, context);
  return ['ekv', command, '--data-dir', dirWord(context.dataDir), ...node, ...words].join(' ');
}

/** What a command makes is named after it. */
const MADE: Readonly<Record<string, string>> = {
  'repair-wal': 'repaired',
  restore: 'restored',
  'upgrade-header': 'upgraded',
};
const KEY_FLAGS = ['--encryption', '--sidecar', '--kek'];
/** Their commands show where the operator's own files go. */
export const ASKS_FOR_KEYS: readonly ErrorCode[] = [
  'encryption-unknown',
  'guard-inconclusive',
  'guard-input-missing',
  'encryption-not-verified',
  'restart-not-judged',
  'value-no-cipher',
];

/** A command of a code's entry with everything filled in; undefined where something is not known. */
function filledIn(template: string, finding: Finding, context: FindingContext): string | undefined {
  const { dataDir } = context;
  if (dataDir === undefined && /\b(?:DIR|NEW|COPY)\b/.test(template)) return undefined;
  if (template === 'cp -a DIR COPY') return copyCommand(dirWord(dataDir ?? '.'));
  const [, command = '', rest = ''] =
    /^ekv ([a-z-]+(?: (?:check|rows))?) (.*)$/.exec(template) ?? [];
  const words = rest.split(' ');
  const aboutNode = takesNode(words);
  const filled = ['ekv', command];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const value = typedValue(word, context);
    if (value !== undefined || KEY_FLAGS.includes(word)) {
      i++;
      // With a data dir, what was typed comes with the rest of the node's flags.
      if (!aboutNode && value === undefined) return undefined;
      if (!aboutNode) filled.push(word, shellWord(value ?? ''));
      else if (value === undefined && ASKS_FOR_KEYS.includes(finding.code)) {
        filled.push(word, words[i] ?? '');
      }
      continue;
    }
    if (word === 'DIR') filled.push(...dirAndNode(command, words, context));
    else if (/^(?:raw:)?[A-Z]|\.(?:db|json)$/.test(word)) {
      const known = placeholder(word, words[i - 1] ?? '', command, finding, context);
      if (known === undefined) return undefined;
      filled.push(known);
    } else filled.push(word);
  }
  return filled.join(' ');
}

/** @param before  the word in front of it: the flag whose value it is */
function placeholder(
  word: string,
  before: string,
  command: string,
  finding: Finding,
  context: FindingContext,
): string | undefined {
  switch (word) {
    case 'NEW':
      return siblingOf(dirWord(context.dataDir ?? '.'), MADE[command] ?? 'new');
    case 'FILE': {
      const path = context.pathOf?.(finding.file);
      return path === undefined ? undefined : dirWord(path);
    }
    case 'N':
      return before.endsWith('-index') ? finding.index?.toString() : undefined;
    case 'keys.json': {
      const path = typedValue('--sidecar', context);
      return path === undefined ? undefined : dirWord(path);
    }
    default:
      return undefined;
  }
}

function typedValue(name: string, context: FindingContext): string | undefined {
  return typedFlags(context).find(([flag]) => flag === name)?.[1];
}

function takesNode(flags: readonly string[]): boolean {
  return flags.includes('--data-dir') || flags.includes('--from-dir');
}

function dirAndNode(command: string, words: readonly string[], context: FindingContext): string[] {
  const dir = dirWord(context.dataDir ?? '.');
  if (!takesNode(words)) {
    return context.nodeArgs.includes('--allow-live') ? [dir, '--allow-live'] : [dir];
  }
  const more = words.filter((word) => !context.nodeArgs.includes(word));
  return [dir, ...nodeWords(command, more, context)];
}

const CODE_TABLE: Readonly<Record<string, CodeEntry>> = CODES;

/** Notes ask for nothing, but for this one: the answer is about another build. */
const NOTES_WITH_NEXT: readonly ErrorCode[] = ['peers-newer-build'];

/** The commands of a finding's code that can be pasted as they are. */
export function commandsFor(finding: Finding, context: FindingContext): string[] {
  const isNote = finding.severity === 'note' && !NOTES_WITH_NEXT.includes(finding.code);
  const templates = isNote ? [] : (CODE_TABLE[finding.code]?.run ?? []);
  const { asked, dataDir } = context;
  const typed =
    asked === undefined || dataDir === undefined
      ? undefined
      : nodeCommand({ ...context, dataDir }, asked);
  return templates
    .flatMap((template) => filledIn(template, finding, context) ?? [])
    .filter((command) => command !== typed);
}

/** The findings with their next commands; those that carry some already are left as they are. */
export function withNext(findings: readonly Finding[], context: FindingContext): Finding[] {
  return findings.map((finding) => {
    const next = finding.next ?? commandsFor(finding, context);
    return next.length === 0 ? finding : { ...finding, next };
  });
}
