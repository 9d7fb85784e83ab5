import { Args } from '@oclif/core';
import { BaseCommand, type Outcome } from '../../../src/base-command.js';
import { keyFlag, u64Flag } from '../../../src/shell/flags.js';

/** Values that JSON has no form for, and words that must be parsed strictly. */
export default class Values extends BaseCommand {
  static override args = { path: Args.string({ required: true }) };
  static override flags = { index: u64Flag({}), key: keyFlag({}) };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Values);
    this.inputs.push({ path: args.path, kind: 'probe' });
    return {
      findings: [],
      result: {
        zulu: 1n << 63n,
        bytes: Uint8Array.of(0, 255),
        buffer: Buffer.from('hi'),
        gone: undefined,
        alpha: [flags.index ?? null, { deep: 9_007_199_254_740_993n }],
        key: flags.key,
        steering: '\u009b31m\u202e',
      },
      text: (page) => page.line('values'),
    };
  }
}
