import { Flags } from '@oclif/core';
import type { Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import { restoreFields, restoreResult, restoreRules } from '../lib/report/views/write-restore.js';
import { payloadOfFile, payloadOfGroup, type PayloadSource } from '../lib/write/payload-source.js';
import { planRestore, type RestoreWish } from '../lib/write/restore.js';
import { u64Flag } from '../shell/flags.js';
import { nodeFlags, parsePeers } from '../shell/node-flags.js';
import { groupPathOf, questionOf, sidecarCutoverOf, nodeToCopy } from '../shell/write-flags.js';
import { dirName, needed, verifyFlag, writeFlags, WriterCommand } from '../writer-command.js';

interface Source {
  readonly payload: PayloadSource;
  /** Of the node the dir belongs to. */
  readonly raftId: string | null;
}

export default class Restore extends WriterCommand {
  static override summary = 'Make a data dir that a node boots from, out of a snapshot.';
  static override description = [
    'From a .fsm, a bare payload, or one group of another node’s dir. Writes snapshot, log with real',
    'records, marker and peers file; the node makes its store from the snapshot at its first start.',
    'The members are those of the source, or of --peers in a cluster made anew (--fresh-cluster).',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --from-dir n1 --raft-id n1 --output n1.restored --verify --yes',
    '<%= config.bin %> <%= command.id %> --fsm 000000000000002a.fsm --fresh-cluster --raft-id n1 --peers n1=10.0.0.1:50051 --output n1',
  ];
  static override flags = {
    fsm: Flags.string({
      summary: 'A .fsm file: payload with footer.',
      helpValue: 'FILE',
      exclusive: ['payload', 'from-dir'],
    }),
    payload: Flags.string({
      summary: 'A bare payload, with or without header: no footer, no CRC.',
      helpValue: 'FILE',
      exclusive: ['fsm', 'from-dir'],
    }),
    'from-dir': Flags.string({
      summary: 'The snapshot a node would boot from in this data dir. It is only read.',
      helpValue: 'DIR',
      exclusive: ['fsm', 'payload'],
    }),
    index: u64Flag({ summary: 'Raft index of the snapshot (default: what the source tells).' }),
    term: u64Flag({ summary: 'Raft term of the snapshot (default: what the source tells).' }),
    learners: Flags.string({
      summary: 'Raft ids among --peers that do not vote, id,id,…',
      helpValue: 'LIST',
      dependsOn: ['peers'],
    }),
    'fresh-cluster': Flags.boolean({
      summary: 'All members are made anew from this snapshot: a new membership is allowed.',
    }),
    ...writeFlags,
    verify: verifyFlag,
    ...nodeFlags,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Restore);
    const target = this.targetOf(flags, 'directory');
    if (flags.clean) return this.cleaned(target, flags);
    const raftId = needed(flags['raft-id'], 'raft-id');
    this.pace.phase('reading the snapshot');
    const { payload, raftId: sourceRaftId } = await this.source();
    const wish: RestoreWish = {
      raftId,
      peers: parsePeers(flags.peers),
      learners: (flags.learners ?? '').split(',').filter((id) => id !== ''),
      freshCluster: flags['fresh-cluster'],
      index: flags.index,
      term: flags.term,
      sidecarCutover: sidecarCutoverOf(flags.sidecar),
      sourceRaftId,
    };
    const plan = planRestore(payload, wish);
    const node = { raftId, processGroups: [], group: { groupId: flags.group ?? null } };
    return this.finish(target, flags, {
      plan,
      findings: plan.findings,
      result: restoreResult(plan),
      question: questionOf(node, flags, this.pace),
      text: async (page) => {
        await page.fields(restoreFields(plan));
        await page.lines(restoreRules(plan, page.width));
      },
    });
  }

  private async source(): Promise<Source> {
    const { flags } = await this.parse(Restore);
    const { fsm, payload, 'from-dir': dir } = flags;
    const file = fsm ?? payload;
    if (file !== undefined) {
      this.inputs.push({ path: file, kind: fsm === undefined ? 'payload' : 'fsm-file' });
      const read = await payloadOfFile(file, fsm !== undefined, this.pace);
      return { payload: read, raftId: null };
    }
    if (dir === undefined) {
      throw new UsageError('usage-bad-flag', 'pass --fsm FILE, --payload FILE or --from-dir DIR');
    }
    this.inputs.push({ path: dir, kind: 'data-dir' });
    const path = dirName(dir);
    const node = nodeToCopy(path, { ...flags, 'raft-id': undefined });
    const found = await payloadOfGroup(groupPathOf(path, node), this.pace);
    return { payload: found, raftId: node.raftId };
  }
}
