import { BaseCommand, type Outcome } from '../../../src/base-command.js';

const NASTY = 'a\u001b]0;owned\u0007\u001b[2J\nforged line\u009b1m\u202eevil';

export default class Names extends BaseCommand {
  protected async work(): Promise<Outcome> {
    await this.parse(Names);
    return {
      findings: [{ code: 'truncated', severity: 'note', file: NASTY, message: NASTY }],
      result: { name: NASTY },
      text: async (page) => {
        await page.line(NASTY);
        await page.line(page.theme.bad(NASTY));
        await page.fields([['name', NASTY]]);
        await page.table([{ title: 'name' }], [[NASTY]]);
        await page.findings([{ code: 'truncated', severity: 'note', file: NASTY, message: NASTY }]);
      },
    };
  }
}
