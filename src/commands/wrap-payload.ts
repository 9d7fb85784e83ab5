import { Args, Flags } from '@oclif/core';
import type { Outcome } from '../base-command.js';
import { unhex } from '../lib/bytes/hex.js';
import { UsageError } from '../lib/core/errors.js';
import { payloadFields, payloadResult } from '../lib/report/views/write-payload.js';
import type { WrittenHeader } from '../lib/write/header-change.js';
import { planWrap } from '../lib/write/payload-files.js';
import { u64Flag } from '../shell/flags.js';
import { needed, writeFlags, WriterCommand } from '../writer-command.js';

const MAX_EXTENSION_BYTES = 1008;

export default class WrapPayload extends WriterCommand {
  static override summary = 'Make a .fsm of a bare store payload: header in front, footer behind.';
  static override description = [
    'The result is a file, not a snapshot a node finds: it also needs a .snap and a WAL that name',
    'it, which restore --fsm makes.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> payload.bin -o 000000000000002a.fsm --header v1 --yes',
  ];
  static override args = {
    file: Args.string({ description: 'The bare payload. It is only read.' }),
  };
  static override flags = {
    header: Flags.option({
      summary: 'The header to put in front; keep leaves the payload as it begins.',
      options: ['keep', 'v1', 'v2'] as const,
      default: 'v1' as const,
    })(),
    'ceiling-ms': u64Flag({
      summary: 'HLC ceiling of the header, Unix milliseconds.',
      default: 0n,
    }),
    cutover: u64Flag({ summary: 'Raft envelope cutover of a v2 header.' }),
    extension: Flags.string({
      summary: 'Advisory extension bytes of a v2 header.',
      helpValue: 'HEX',
    }),
    ...writeFlags,
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(WrapPayload);
    const target = this.targetOf(flags, 'file');
    if (flags.clean) return this.cleaned(target, flags);
    const file = needed(args.file, 'FILE');
    this.inputs.push({ path: file, kind: 'payload' });
    const { header: form, cutover, extension } = flags;
    if (form !== 'v2' && (cutover !== undefined || extension !== undefined)) {
      throw new UsageError('upgrade-cutover-form', 'cutover and extension need --header v2');
    }
    const header: WrittenHeader | undefined =
      form === 'keep'
        ? undefined
        : {
            form,
            ceilingMs: flags['ceiling-ms'],
            cutover: cutover ?? 0n,
            extension: parseExtension(extension),
          };
    this.pace.phase('reading the payload');
    const plan = await planWrap(file, header, this.pace);
    return this.finish(target, flags, {
      plan,
      findings: [],
      result: payloadResult(plan),
      text: async (page) => {
        await page.fields(payloadFields(plan));
      },
    });
  }
}

function parseExtension(text = ''): Uint8Array {
  const bytes = unhex(text);
  if (bytes !== undefined && bytes.length <= MAX_EXTENSION_BYTES) return bytes;
  const what = `--extension: up to ${MAX_EXTENSION_BYTES} bytes in hex are wanted`;
  throw new UsageError('usage-bad-flag', what);
}
