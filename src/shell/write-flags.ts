/** From a node's flags to what the writers ask of the library. */
import { Flags } from '@oclif/core';
import { FileSource } from '../lib/io/file-source.js';
import { UsageError, type ToolError } from '../lib/core/errors.js';
import type { Pace } from '../lib/core/pace.js';
import { sidecarStateOf } from '../lib/encryption/guard-inputs.js';
import type { NodeDir } from '../lib/engine/node-dir.js';
import type { NodeQuestion } from '../lib/write/prediction.js';
import { encryptionOf, nodeDirOf, parsePeers, type NodeFlagValues } from './node-flags.js';

export const sourceDirFlag = Flags.string({
  summary: 'The node’s raft data dir, its <raftId> dir, or one group dir. It is only read.',
  helpValue: 'DIR',
});

/**
 * The node's dir to be copied. A running node is refused when the copy is made, and there is no flag
 * against that.
 */
export function nodeToCopy(path: string, flags: NodeFlagValues): NodeDir {
  return nodeDirOf(path, { ...flags, 'allow-live': true });
}

/** The chosen group dir as a path. */
export function groupPathOf(path: string, node: NodeDir): string {
  const { relativePath } = node.group;
  return relativePath === '' ? path : `${path}/${relativePath}`;
}

export function questionOf(
  node: Pick<NodeDir, 'raftId' | 'processGroups'> & { group: { groupId: bigint | null } },
  flags: NodeFlagValues,
  pace: Pace,
): NodeQuestion {
  const groupId = node.group.groupId ?? 1n;
  return {
    raftId: node.raftId ?? '',
    peers: parsePeers(flags.peers),
    bootstrap: flags.bootstrap,
    guards: !flags['no-guards'],
    encryption: encryptionOf(flags),
    groupId,
    others: node.processGroups.filter(({ id }) => id !== groupId),
    nowMs: BigInt(Date.now()),
    pace,
  };
}

/**
 * @returns undefined where no sidecar is named
 * @throws the sidecar's own error; {UsageError} where there is no file
 */
export function sidecarCutoverOf(path: string | undefined): bigint | undefined {
  if (path === undefined) return undefined;
  const state = sidecarStateOf(() => new FileSource(path));
  if (state.kind === 'valid') return state.sidecar.raftEnvelopeCutoverIndex;
  if (state.kind === 'invalid') throw state.error satisfies ToolError;
  throw new UsageError('usage-bad-flag', `--sidecar: there is no file ${path}`);
}
