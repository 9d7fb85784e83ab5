import { hex32 } from '../../bytes/hex.js';
import type { Member } from '../../write/membership.js';
import type { RestorePlan } from '../../write/restore.js';
import { hlcText } from '../dates.js';
import { exactSizeText, plural } from '../sizes.js';
import { wrapText } from '../wrap.js';
import { headerRecord, headerText } from './write-upgrade.js';

export function restoreFields(plan: RestorePlan): [string, string | undefined][] {
  const { payload, membership, hardState } = plan;
  const { appliedIndex, lastCommitTs, pairs } = payload;
  return [
    ['payload', `${payload.path}, ${payload.kind}, ${exactSizeText(payload.payloadBytes)}`],
    ['header', headerText(payload.header)],
    ['rows', pairs === null ? undefined : plural(pairs, 'raw pair')],
    ['applied', appliedIndex === null ? 'not recorded in the payload' : String(appliedIndex)],
    ['newest write', lastCommitTs === null ? undefined : hlcText(lastCommitTs)],
    ['snapshot', `index ${plan.index}, term ${plan.term}, crc ${hex32(plan.crc)}`],
    [
      'hard state',
      `term ${hardState.term ?? 0n}, vote ${hardState.vote ?? 0n}, commit ${plan.index}`,
    ],
    ['members', membership.members.map(memberText).join(', ')],
    ['', membership.kept ? 'as in the source' : undefined],
  ];
}

function memberText({ id, address, suffrage }: Member): string {
  const role = suffrage === 'learner' ? ' (learner)' : '';
  return `${id}=${address}${role}`;
}

const FRESH = [
  'A fresh cluster: make every member from this very payload with the same --index, --term and',
  '--peers, each with its own --raft-id; start none before all are made; and let no member of the',
  'old cluster run again under these ids and addresses.',
].join(' ');

const REJOIN = [
  'Back into a running cluster: the others must know this index and term, the membership is the',
  "snapshot's, and no process of this raft id may run elsewhere. The log above the snapshot comes",
  'from the leader. If the leader is healthy, an empty dir that joins anew is the simpler way.',
].join(' ');

const SOLE =
  'A sole voter: it elects itself and goes on alone. What lies above the snapshot is gone for good.';

/** What a snapshot does not hold, and the rules of the cluster it goes into. */
export function restoreRules(plan: RestorePlan, width: number): string[] {
  const sole = plan.membership.peers.length === 1;
  const rule = plan.freshCluster ? FRESH : sole ? SOLE : REJOIN;
  const holds =
    'Not in a snapshot: log entries above it, votes of other nodes, and the encryption sidecar ' +
    'with its keys.';
  return ['', ...wrapText(rule, width), ...wrapText(holds, width)];
}

export function restoreResult(plan: RestorePlan): object {
  const { payload, membership, hardState, index, term, crc } = plan;
  return {
    payload: {
      path: payload.path,
      kind: payload.kind,
      size: String(payload.payloadBytes),
      header: headerRecord(payload.header, payload.header.length),
      appliedIndex: payload.appliedIndex,
      lastCommitTs: payload.lastCommitTs,
      pairs: payload.pairs,
      encryptedRows: payload.encryptedRows,
    },
    snapshot: { index, term, crc32c: hex32(crc) },
    hardState: { term: hardState.term ?? 0n, vote: hardState.vote ?? 0n, commit: index },
    freshCluster: plan.freshCluster,
    members: membership.members,
    membershipKept: membership.kept,
  };
}
