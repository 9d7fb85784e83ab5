import { BaseCommand, type Outcome } from '../../../src/base-command.js';

/** Works until it is stopped. */
export default class Spin extends BaseCommand {
  protected async work(): Promise<Outcome> {
    await this.parse(Spin);
    this.pace.phase('spinning', 1 << 30);
    process.stderr.write('ready\n');
    for (;;) {
      const wait = this.pace.step(4096);
      if (wait) await wait;
    }
  }
}
