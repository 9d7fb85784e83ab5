import { Args, Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import { compareMembers, type Comparison } from '../lib/compare/compare.js';
import { readMember, type MemberState } from '../lib/compare/member.js';
import { UsageError, type ExitCode } from '../lib/core/errors.js';
import {
  compareResult,
  compareSteps,
  fieldsOf,
  MEMBER_COLUMNS,
  memberRows,
  verdictText,
} from '../lib/report/views/compare.js';
import { allowLiveFlag } from '../shell/live.js';
import {
  bootInputOf,
  generationFlag,
  generationOf,
  nodeDirOf,
  nodeFlags,
} from '../shell/node-flags.js';
import type { Finding } from '../lib/core/finding.js';
import { showSteps } from '../views/steps.js';

export default class Compare extends BaseCommand {
  static override summary = 'Compare the dirs of several members, and name the one to keep.';
  static override description = [
    'For each member: what its next start would do, where its log ends, what it knows to be',
    'committed, and from which index on its log is another than the newest one, by term and content',
    'of every entry. The one to keep has the newest log among those that boot, as raft would elect.',
    'Asks about the raft engine alone; encryption guards are the dry run’s business.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> backup/n1 backup/n2 backup/n3',
    '<%= config.bin %> <%= command.id %> n1 n2 n3 --store-digest --json',
  ];

  static override args = {
    dir: Args.string({
      description: 'Data dirs of members of one group, two or more.',
      required: true,
      multiple: true,
    }),
  };

  static override flags = {
    group: nodeFlags.group,
    'allow-live': allowLiveFlag,
    generation: generationFlag,
    'store-digest': Flags.boolean({
      summary: 'Compare the content of the stores too (reads each whole store).',
    }),
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Compare);
    const paths = args.dir;
    if (paths.length < 2) {
      throw new UsageError('usage-bad-argument', 'name the dirs of two members or more');
    }
    this.inputs.push(...paths.map((path) => ({ path, kind: 'data-dir' })));
    const about = { ...flags, bootstrap: false, 'no-guards': true };
    const states: MemberState[] = [];
    const findings: Finding[] = [];
    for (const path of paths) {
      this.pace.phase(`reading ${path}`);
      const node = nodeDirOf(path, about);
      const { generation, findings: chosen } = generationOf(node, flags.generation);
      const input = bootInputOf(node, about, generation, this.pace);
      states.push(await readMember(path, { ...input, wantDigest: flags['store-digest'] }));
      findings.push(...node.findings, ...chosen);
    }
    const found = compareMembers(states);
    findings.push(...found.findings);
    return {
      verdict: found.keep === null ? 'none' : 'keep',
      grounds: groundsOf(found),
      findings,
      result: compareResult(found),
      text: async (page, status) => {
        await page.line(verdictText(found, status, page.theme));
        await page.line();
        await page.table(MEMBER_COLUMNS, memberRows(found));
        await page.fields(fieldsOf(found));
        if (findings.length > 0) await page.line();
        await page.findings(findings);
        await showSteps(page, compareSteps(found, flags.generation));
      },
    };
  }
}

/** Nothing that could be kept: as a refused start. */
function groundsOf({ keep, members }: Comparison): ExitCode[] {
  if (keep !== null) return [];
  return members.some(({ verdict }) => verdict === 'inconclusive') ? [5] : [4];
}
