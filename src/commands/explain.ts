import { Args, Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import {
  allCodes,
  allTopics,
  explain,
  explainAll,
  type Explanation,
} from '../lib/report/explain.js';
import { commandLines } from '../lib/report/command-lines.js';
import { wrapText } from '../lib/report/wrap.js';
import { nearest } from '../shell/nearest.js';
import type { Page } from '../shell/page.js';

export default class Explain extends BaseCommand {
  static override summary = 'Explain a finding’s code, an error of the node, or an exit status.';
  static override description = [
    'What it means, what a node does when it meets it, the evidence to look at and the safest next',
    'step. Takes a code as reports print it, the node’s own name for an error, a line of a node’s',
    'log that holds one, or an exit status. Works offline and reads no data.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> fsm-token-crc',
    '<%= config.bin %> <%= command.id %> wal-torn committed-entry-cut',
    '<%= config.bin %> <%= command.id %> ErrSidecarBehindRaftLog',
    '<%= config.bin %> <%= command.id %> "walpb: crc mismatch: expected: 8b0dae5d"',
    '<%= config.bin %> <%= command.id %> 4',
    '<%= config.bin %> <%= command.id %> --list',
  ];

  static override args = {
    code: Args.string({
      description: 'A code, a node’s error or an exit status; several are fine.',
    }),
  };
  static override strict = false;
  static override flags = {
    list: Flags.boolean({ summary: 'List every code with its meaning.' }),
  };

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Explain);
    const words = argv.map(String);
    if (flags.list) return listing(words);
    if (words.join('').trim() === '') {
      throw new UsageError('usage-bad-argument', 'which code? --list shows all of them');
    }
    const found = explained(words);
    return {
      findings: [],
      result: { explanations: found },
      text: async (page) => {
        for (const [i, explanation] of found.entries()) {
          if (i > 0) await page.line();
          await show(page, explanation);
        }
      },
    };
  }
}

/** Several codes one after another, or the words of one line of a log that was not quoted. */
function explained(words: readonly string[]): Explanation[] {
  const each = words.map((word) => explainAll(word));
  const unknown = words.find((_, i) => each[i]?.length === 0);
  if (unknown === undefined) {
    const topics = new Map(each.flat().map((found) => [found.topic, found]));
    return [...topics.values()];
  }
  const whole = explainAll(words.join(' '));
  if (whole.length > 0) return whole;
  const guess = nearest(unknown, allTopics());
  const hint = guess === undefined ? '; --list shows all' : `; did you mean ${guess}?`;
  throw new UsageError(
    'usage-bad-argument',
    `nothing is known of ${JSON.stringify(unknown)}${hint}`,
  );
}

function listing(words: readonly string[]): Outcome {
  const needle = words.join(' ').toLowerCase();
  const found = allCodes()
    .map((code) => explain(code))
    .filter((entry) => entry !== undefined)
    .filter(({ topic, means }) => `${topic} ${means}`.toLowerCase().includes(needle));
  return {
    findings: [],
    result: { explanations: found },
    text: async (page) => {
      await page.table(
        [{ title: 'code' }, { title: 'means' }],
        found.map(({ topic, means }) => [topic, means]),
      );
    },
  };
}

const TITLES = { code: 'code', 'node-error': 'the node’s error', 'exit-status': 'exit status' };

async function show(page: Page, explanation: Explanation): Promise<void> {
  const { theme, width } = page;
  await page.line(`${theme.title(explanation.topic)}  (${TITLES[explanation.kind]})`);
  const room = width - INDENT - 2;
  const commands = explanation.commands
    .flatMap((command) => commandLines(command, room))
    .map((line) => theme.accent(line));
  const sections: readonly Section[] = [
    ['means', explanation.means],
    ['the node', explanation.node],
    ['look at', explanation.look],
    ['next', explanation.next, commands],
    ['reported as', explanation.codes.join(', ')],
    ['the node’s error', explanation.nodeErrors.join(', ')],
  ];
  for (const [title, text, more = []] of sections) {
    if (text === null || text === '') continue;
    const lines = [...wrapText(text, room), ...more];
    await page.lines(
      lines.map((line, i) => `  ${theme.dim((i === 0 ? title : '').padEnd(INDENT - 2))}  ${line}`),
    );
  }
}

/** Title, text, and the lines that follow it. */
type Section = readonly [title: string, text: string | null, more?: readonly string[]];

const INDENT = 18;
