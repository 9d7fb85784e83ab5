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
    '<%= config.bin %> <%= command.id %> ErrSidecarBehindRaftLog',
    '<%= config.bin %> <%= command.id %> "walpb: crc mismatch: expected: 8b0dae5d"',
    '<%= config.bin %> <%= command.id %> 4',
    '<%= config.bin %> <%= command.id %> --list',
  ];

  static override args = {
    code: Args.string({ description: 'A code, a node’s error or an exit status.' }),
  };
  static override flags = {
    list: Flags.boolean({ summary: 'List every code with its meaning.' }),
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Explain);
    if (flags.list) return listing(args.code);
    const typed = args.code;
    if (typed === undefined || typed.trim() === '') {
      throw new UsageError('usage-bad-argument', 'which code? --list shows all of them');
    }
    const found = explainAll(typed);
    if (found.length === 0) {
      const guess = nearest(typed, allTopics());
      const hint = guess === undefined ? '; --list shows all' : `; did you mean ${guess}?`;
      throw new UsageError(
        'usage-bad-argument',
        `nothing is known of ${JSON.stringify(typed)}${hint}`,
      );
    }
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

function listing(filter: string | undefined): Outcome {
  const needle = filter?.toLowerCase() ?? '';
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
  const sections: readonly (readonly [string, string | null])[] = [
    ['means', explanation.means],
    ['the node', explanation.node],
    ['look at', explanation.look],
    ['next', explanation.next],
    ['reported as', explanation.codes.join(', ')],
    ['the node’s error', explanation.nodeErrors.join(', ')],
  ];
  const indent = 18;
  for (const [title, text] of sections) {
    if (text === null || text === '') continue;
    const lines = wrapText(text, width - indent - 2);
    await page.lines(
      lines.map((line, i) => `  ${theme.dim((i === 0 ? title : '').padEnd(indent - 2))}  ${line}`),
    );
  }
}
