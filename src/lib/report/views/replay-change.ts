/** Conf changes as JSON and as text. */
import type { Member } from '../../engine/boot-report.js';
import type { ConfChangeV2 } from '../../raft/conf-change.js';
import type { ReplayDetail } from '../../replay/replay-record.js';

const CHANGE_WORDS: readonly string[] = ['addNode', 'removeNode', 'updateNode', 'addLearnerNode'];
const CHANGE_TEXTS: readonly string[] = ['add voter', 'remove', 'update', 'add learner'];
const TRANSITIONS: readonly string[] = ['auto', 'jointImplicit', 'jointExplicit'];

export function changeResult({ transition, changes }: ConfChangeV2): object {
  return {
    transition: TRANSITIONS[transition] ?? String(transition),
    changes: changes.map(({ type, nodeId }) => ({
      type: CHANGE_WORDS[type] ?? String(type),
      nodeId: nodeId.toString(),
    })),
  };
}

/** `add voter n4; members n1 voter, n2 voter, n4 voter`. */
export function changeText({ change, members }: ReplayDetail): string {
  if (change === null) return '';
  const { transition, changes } = change;
  const how = transition === 0 ? '' : `${TRANSITIONS[transition] ?? `transition ${transition}`}: `;
  const what =
    changes.length === 0
      ? 'leave the joint configuration'
      : changes.map((each) => changeOf(each.type, each.nodeId)).join(', ');
  return `${how}${what}${members === null ? '' : `; members ${membersText(members)}`}`;
}

function changeOf(type: number, nodeId: bigint): string {
  return `${CHANGE_TEXTS[type] ?? `change ${type}`} node ${nodeId.toString(16)}`;
}

function membersText(members: readonly Member[]): string {
  if (members.length === 0) return 'none';
  return members.map(({ id, suffrage }) => `${id} ${suffrage}`).join(', ');
}
