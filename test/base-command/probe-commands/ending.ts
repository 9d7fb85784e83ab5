import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../../../src/base-command.js';
import { exitCodes, findingsOf } from '../ending-flags.js';

/** Ends with whatever findings and grounds it is told. */
export default class Ending extends BaseCommand {
  static override flags = {
    finding: Flags.string({ multiple: true }),
    ground: Flags.string({ multiple: true }),
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Ending);
    const findings = findingsOf(flags.finding);
    return {
      findings,
      grounds: exitCodes(flags.ground),
      result: {},
      text: (page) => page.findings(findings),
    };
  }
}
