import { Flags } from '@oclif/core';
import type { Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import type { Target } from '../lib/io/atomic-target.js';
import { upgradeCaution, upgradeFields, upgradeResult } from '../lib/report/views/write-upgrade.js';
import type { HeaderWish } from '../lib/write/header-change.js';
import { planGroupUpgrade, planLooseUpgrade, type UpgradePlan } from '../lib/write/upgrade.js';
import { u64Flag } from '../shell/flags.js';
import { nodeFlags } from '../shell/node-flags.js';
import {
  groupPathOf,
  questionOf,
  sidecarCutoverOf,
  sourceDirFlag,
  nodeToCopy,
} from '../shell/write-flags.js';
import {
  dirName,
  verifyFlag,
  writeFlags,
  WriterCommand,
  type WriterReport,
} from '../writer-command.js';

export default class UpgradeHeader extends WriterCommand {
  static override summary = 'Give a snapshot another header, in a copy: v1 or headerless to v2.';
  static override description = [
    'Rewrites the pair: the .fsm gets the new header and footer, the .snap the token and checksum',
    'that go with it. The store payload, the raft log and everything else stay as they are, and the',
    'source is never touched. With --data-dir the result is a complete group dir.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir n1 --output n1.v2',
    '<%= config.bin %> <%= command.id %> --data-dir n1 --output n1.v2 --sidecar keys.json --yes',
    '<%= config.bin %> <%= command.id %> --fsm 000000000000002a.fsm --snap 0000000000000003-000000000000002a.snap --output out --yes',
  ];

  static override flags = {
    'data-dir': sourceDirFlag,
    fsm: Flags.string({
      summary: 'A loose .fsm file instead of a data dir.',
      helpValue: 'FILE',
      exclusive: ['data-dir'],
    }),
    snap: Flags.string({
      summary: 'The .snap that carries the token of --fsm.',
      helpValue: 'FILE',
      dependsOn: ['fsm'],
    }),
    index: u64Flag({
      summary: 'Raft index of --fsm where neither its name nor a .snap tells it.',
      dependsOn: ['fsm'],
    }),
    to: Flags.option({
      summary: 'The form of the new header.',
      options: ['v1', 'v2'] as const,
      default: 'v2' as const,
    })(),
    cutover: u64Flag({
      summary: 'The raft envelope cutover of the new header (default: as it is, or 0).',
    }),
    ...writeFlags,
    verify: verifyFlag,
    ...nodeFlags,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(UpgradeHeader);
    const target = this.targetOf(flags, 'directory');
    if (flags.clean) return this.cleaned(target, flags);
    const wish: HeaderWish = {
      form: flags.to,
      cutover: flags.cutover,
      sidecarCutover: sidecarCutoverOf(flags.sidecar),
    };
    this.pace.phase('checking the source');
    if (flags.fsm !== undefined) {
      this.inputs.push({ path: flags.fsm, kind: 'fsm-file' });
      const plan = await planLooseUpgrade(flags.fsm, flags.snap, flags.index, wish, this.pace);
      return this.finish(target, flags, reportOf(plan));
    }
    return this.ofDataDir(target, wish);
  }

  private async ofDataDir(target: Target, wish: HeaderWish): Promise<Outcome> {
    const { flags } = await this.parse(UpgradeHeader);
    const dataDir = flags['data-dir'];
    if (dataDir === undefined) {
      throw new UsageError('usage-bad-flag', 'pass --data-dir DIR or --fsm FILE');
    }
    const path = dirName(dataDir);
    this.inputs.push({ path: dataDir, kind: 'data-dir' });
    const node = nodeToCopy(path, flags);
    const replaces = groupPathOf(path, node);
    const plan = await planGroupUpgrade(replaces, wish, this.pace);
    const question = questionOf(node, flags, this.pace);
    const findings = [...node.findings, ...plan.findings];
    return this.finish(target, flags, {
      ...reportOf(plan),
      findings,
      question,
      original: node,
      replaces,
    });
  }
}

function reportOf(plan: UpgradePlan): WriterReport {
  return {
    plan,
    findings: plan.findings,
    result: upgradeResult(plan),
    text: async (page) => {
      await page.fields(upgradeFields(plan));
      await page.lines(upgradeCaution(plan));
    },
  };
}
