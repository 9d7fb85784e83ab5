import { Args, Flags } from '@oclif/core';
import type { Outcome } from '../base-command.js';
import { shellWord } from '../lib/report/next-commands.js';
import { payloadFields, payloadResult } from '../lib/report/views/write-payload.js';
import { planExtract, type PayloadPlan } from '../lib/write/payload-files.js';
import { needed, writeFlags, WriterCommand } from '../writer-command.js';

export default class ExtractPayload extends WriterCommand {
  static override summary = 'Write the bare store payload of a .fsm: header and footer off.';
  static override description = [
    'For tools that read bare payloads. The CRC is checked first; what the header said is printed',
    'with the call of wrap-payload that puts it back.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> 000000000000002a.fsm -o payload.bin --yes',
  ];
  static override args = {
    file: Args.string({ description: 'The .fsm file. It is only read.' }),
  };
  static override flags = {
    'keep-header': Flags.boolean({ summary: 'Take off the footer only.' }),
    ...writeFlags,
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(ExtractPayload);
    const target = this.targetOf(flags, 'file');
    if (flags.clean) return this.cleaned(target, flags);
    const file = needed(args.file, 'FILE');
    this.inputs.push({ path: file, kind: 'fsm-file' });
    this.pace.phase('checking the source');
    const plan = await planExtract(file, flags['keep-header'], this.pace);
    const back = wrapCommand(plan, flags.output);
    return this.finish(target, flags, {
      plan,
      findings: [],
      result: { ...payloadResult(plan), undo: back },
      text: async (page) => {
        await page.fields([...payloadFields(plan), ['undo', back]]);
      },
    });
  }
}

/** The call that makes the same `.fsm` again. */
function wrapCommand({ from, header }: PayloadPlan, output: string): string {
  const words = ['ekv', 'wrap-payload', shellWord(output), '-o', 'FILE.fsm'];
  const { form, ceilingMs, cutover, extension } = from.header;
  if (form === 'legacy' || header.form !== 'legacy') words.push('--header', 'keep');
  else words.push('--header', form, '--ceiling-ms', String(ceilingMs));
  if (header.form === 'legacy' && form === 'v2') {
    words.push('--cutover', String(cutover));
    if (extension.length > 0) words.push('--extension', Buffer.from(extension).toString('hex'));
  }
  return [...words, '--yes'].join(' ');
}
