import { BaseCommand, type Outcome } from '../base-command.js';
import type { PeerFlag } from '../lib/engine/boot-input.js';
import { memberList, type NodeDir } from '../lib/engine/node-dir.js';
import { shellWord, withNext } from '../lib/report/next-commands.js';
import {
  candidateFields,
  headLine,
  salvageLines,
  shownFindings,
  snapshotsResult,
  verdictText,
} from '../lib/report/views/snapshots.js';
import { rankSnapshots, type SnapshotsReport } from '../lib/snapshots/rank.js';
import type { SalvageContext } from '../lib/snapshots/salvage.js';
import {
  bootInputOf,
  dataDirFlag,
  generationFlag,
  generationOf,
  commandContext,
  nodeDirOf,
  nodeFlags,
} from '../shell/node-flags.js';
import type { Page } from '../shell/page.js';

export default class Snapshots extends BaseCommand {
  static override summary = 'Rank the snapshots of a data dir and show which one a node would use.';
  static override description = [
    'Looks at every pair to the end: .snap and .fsm both there, token = footer = computed CRC,',
    'vouched for by the WAL, header, ceiling against the stored timestamps, encrypted rows. Exactly',
    'one is marked as the node’s choice, unless it would use none; for others that can still be',
    'used it says how, with commands to paste.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv/n1',
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv/n1 --json',
  ];

  static override flags = {
    'data-dir': dataDirFlag,
    ...nodeFlags,
    generation: generationFlag,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Snapshots);
    const path = flags['data-dir'];
    this.inputs.push({ path, kind: 'data-dir' });
    const node = nodeDirOf(path, flags);
    const { generation, findings: chosen } = generationOf(node, flags.generation);
    const report = await rankSnapshots({
      boot: bootInputOf(node, flags, generation, this.pace),
      salvage: salvageContext(path, node, flags.peers),
      phase: (label) => this.pace.phase(label),
    });
    const context = commandContext(path, node, flags, flags.generation, 'snapshots');
    const findings = withNext([...node.findings, ...chosen, ...report.findings], context);
    return {
      findings,
      result: snapshotsResult(report),
      text: async (page, status) => {
        await page.line(verdictText(report, status, page.theme));
        await showSnapshots(page, report);
        if (findings.length > 0) await page.line();
        await page.findings(shownFindings(findings));
      },
    };
  }
}

/** Commands name the group dir as it was typed, with what lies below it. */
function salvageContext(path: string, node: NodeDir, peers: string | undefined): SalvageContext {
  const { relativePath } = node.group;
  const bare = path.replace(/(?<=.)\/+$/, '');
  const typed = bare.startsWith('-') ? `./${bare}` : bare;
  const dir = relativePath === '' ? typed : `${typed}/${relativePath}`;
  // `.` and `..` have no name to add to.
  const nameless = /(?:^|\/)\.{1,2}$/.test(dir);
  const raftId = node.raftId === null ? '' : ` --raft-id ${shellWord(node.raftId)}`;
  const known = peers ?? memberList(node.group.dir)?.map(peerWord).join(',');
  const members = known === undefined ? '' : ` --peers ${shellWord(known)}`;
  return {
    besideWord: (what) => shellWord(nameless ? `${dir}/../ekv-${what}` : `${dir}.${what}`),
    pathWord: (below) => shellWord(`${dir}/${below}`),
    memberArgs: raftId + members,
  };
}

function peerWord({ id, address }: PeerFlag): string {
  return `${id}=${address}`;
}

async function showSnapshots(page: Page, report: SnapshotsReport): Promise<void> {
  const refused = report.node.refusal !== null;
  for (const [i, each] of report.snapshots.entries()) {
    await page.line();
    await page.line(headLine(each, i + 1, refused, page.theme));
    await page.fields(candidateFields(each));
    for (const way of each.salvage) await page.lines(salvageLines(way, page.theme, page.width));
  }
}
