/**
 * From the path an operator typed to the question a boot answers: which group, under which raft id,
 * among which groups of the process.
 */
import { ToolError } from '../core/errors.js';
import type { Finding } from '../core/finding.js';
import type { DirSource } from '../io/dir-source.js';
import { peerText } from '../raft/peers/peer.js';
import { PEERS_FILE, readPeersFile } from '../raft/peers/peers-file.js';
import type { PeerFlag, ProcessGroup } from './boot-input.js';
import { chooseGroup, findGroups, type GroupDir } from './group-dir.js';

export interface NodeDir {
  readonly group: GroupDir;
  /** Every group below the path, the chosen one included. */
  readonly groups: readonly GroupDir[];
  readonly processGroups: readonly ProcessGroup[];
  /** Null where neither a flag nor the directory tells it. */
  readonly raftId: string | null;
  readonly findings: readonly Finding[];
}

export interface NodeDirOptions {
  readonly group?: bigint | undefined;
  readonly raftId?: string | undefined;
  /** Last name of the resolved path, for a path like `.` that does not show it. */
  readonly resolvedName?: string | undefined;
}

/** @throws {IoError} no such directory, or no group in it */
export function openNodeDir(dir: DirSource, options: NodeDirOptions = {}): NodeDir {
  const groups = findGroups(dir);
  const group = chooseGroup(groups, options.group ?? null, dir.path);
  const findings: Finding[] = [];
  if (groups.length > 1 && options.group === undefined) {
    const others = groups.filter((other) => other !== group).map(nameOf);
    findings.push({
      code: 'several-groups',
      severity: 'note',
      message: `${nameOf(group)} was chosen; there is also ${others.join(', ')} (--group N)`,
    });
  }
  const raftId = options.raftId ?? guessRaftId(group, options.resolvedName, findings);
  if (raftId !== null) checkPlace(group, raftId, dir.path, findings);
  const processGroups = groups.map((each) => ({ id: each.groupId ?? 1n, dir: each.dir }));
  return { group, groups, processGroups, raftId, findings };
}

/** A node finds its files by its raft id; a group dir that was named by itself can be anywhere. */
function checkPlace(group: GroupDir, raftId: string, path: string, findings: Finding[]): void {
  if (group.relativePath === '' || group.raftId === null || group.raftId === raftId) return;
  findings.push({
    code: 'raft-id-other-dir',
    severity: 'warning',
    message: `a node of raft id ${raftId} looks for its files in ${path}/${raftId}, and these are those of ${path}/${group.raftId}`,
  });
}

function nameOf(group: GroupDir): string {
  const id = `group ${group.groupId ?? 1n}`;
  return group.relativePath === '' ? id : `${id} (${group.relativePath})`;
}

/** The directory's name, unless the peers file does not know it. */
function guessRaftId(
  group: GroupDir,
  resolvedName: string | undefined,
  findings: Finding[],
): string | null {
  const shown = group.groupId === null ? (group.raftId ?? resolvedName) : group.raftId;
  const name = shown ?? null;
  const known = memberList(group.dir)?.map(({ id }) => id) ?? null;
  if (known === null || (name !== null && known.includes(name))) return name;
  const [only] = known;
  if (known.length === 1 && only !== undefined) {
    findings.push({
      code: 'raft-id-assumed',
      severity: 'note',
      message: `the directory's name is no member; the only peer, ${only}, is taken for the node`,
    });
    return only;
  }
  findings.push({
    code: 'raft-id-unknown',
    severity: 'warning',
    message: `which node this is cannot be told: pass --raft-id, one of ${known.join(', ')}`,
  });
  return null;
}

/** Who the peers file names; null where there is none that reads. */
export function memberList(dir: DirSource): PeerFlag[] | null {
  if (dir.stat(PEERS_FILE)?.kind !== 'file') return null;
  const source = dir.open(PEERS_FILE);
  try {
    const { peers } = readPeersFile(source);
    return peers.map(({ id, address }) => ({ id: peerText(id), address: peerText(address) }));
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  } finally {
    source.close();
  }
}
