import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../../../src/base-command.js';
import { formatFlag } from '../../../src/shell/flags.js';

/** Prints as much as asked; says on standard error how far it got. */
export default class Flood extends BaseCommand {
  static override flags = {
    lines: Flags.integer({ default: 1000 }),
    ground: Flags.integer(),
    late: Flags.boolean(),
    format: formatFlag(),
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Flood);
    const grounds = flags.ground === 4 ? ([4] as const) : [];
    const rows = Array.from({ length: flags.late ? flags.lines : 0 }, (_, i) => `row ${i}`);
    let printed = 0;
    try {
      const page = await this.openPage();
      for (; !flags.late && printed < flags.lines; printed++) {
        const wait =
          this.mode === 'ndjson'
            ? this.record({ type: 'row', i: BigInt(printed) })
            : page.line(`line ${printed} ${'x'.repeat(80)}`);
        if (wait) await wait;
      }
    } finally {
      process.stderr.write(`printed ${printed}\n`);
    }
    return {
      findings: [],
      grounds,
      result: { rows },
      summary: { records: printed },
      text: async (page) => {
        for (const row of rows) await page.line(row);
      },
    };
  }
}
