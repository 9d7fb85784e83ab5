import { BaseCommand, type Outcome } from '../base-command.js';
import { EXIT_MEANINGS, EXIT_ORDERS } from '../lib/report/exit-status.js';

const damageFirst = EXIT_ORDERS.damageFirst.join(' > ');
const dryRun = EXIT_ORDERS.dryRun.join(' > ');

const RULES = [
  `When several apply, the worst wins: ${damageFirst} > 0; for cold-start-dryrun ${dryRun} > 0,`,
  'because damage that does not stop the boot is a finding there and counts as 3.',
  '--fail-on error|warning|note moves the line (default warning). --json never changes the status.',
];

export default class ExitCodes extends BaseCommand {
  static override summary = 'Show what the exit statuses mean.';
  static override description = [
    ...EXIT_MEANINGS.map(({ code, means }) => `${String(code).padStart(3)}  ${means}`),
    '',
    RULES.join(' '),
  ].join('\n');
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  protected async work(): Promise<Outcome> {
    await this.parse(ExitCodes);
    return {
      findings: [],
      result: {
        exitCodes: EXIT_MEANINGS,
        orders: EXIT_ORDERS,
      },
      text: async (page) => {
        await page.table(
          [{ title: 'status', align: 'right' }, { title: 'name' }, { title: 'meaning' }],
          EXIT_MEANINGS.map(({ code, name, means }) => [String(code), name, means]),
        );
        page.line();
        await page.lines(RULES);
      },
    };
  }
}
