/** What a restored dir lacks, and what the operator has to see to. */
import type { Finding } from '../core/finding.js';
import type { Membership } from './membership.js';
import type { PayloadSource } from './payload-source.js';
import type { RestoreWish } from './restore.js';

export function findingsOfRestore(
  payload: PayloadSource,
  wish: RestoreWish,
  membership: Membership,
  index: bigint,
): Finding[] {
  const findings: Finding[] = [];
  const { origin, header, encryptedRows } = payload;
  // Nobody is left who could send what is missing.
  const isAlone = wish.freshCluster || membership.peers.length === 1;
  if (origin !== null && origin.lastIndex !== null && origin.lastIndex > index) {
    findings.push(entriesLeft(index, origin.lastIndex, origin.hardState?.commit ?? 0n, isAlone));
  }
  if (header.cutover !== 0n || encryptedRows > 0) {
    const rows = encryptedRows === 0 ? '' : `, ${encryptedRows} rows are encrypted`;
    findings.push({
      code: 'restore-bring-sidecar',
      severity: 'warning',
      message:
        `the header's cutover is ${header.cutover}${rows}: ` +
        'bring keys.json and the KEK of the cluster the snapshot comes from; they are not in it',
    });
  }
  if (!wish.freshCluster && membership.peers.length > 1) {
    findings.push({
      code: 'restore-old-member-may-live',
      severity: 'warning',
      message:
        'restored into a running cluster: stop every process of this raft id first, and give it ' +
        'the log position that the other members know (index and term of a snapshot of theirs)',
    });
  }
  return findings;
}

function entriesLeft(index: bigint, last: bigint, commit: bigint, isAlone: boolean): Finding {
  const committed = commit > index ? commit - index : 0n;
  const share = committed === 0n ? 'none of them known to be committed' : `${committed} committed`;
  return {
    code: 'restore-leaves-entries',
    severity: committed > 0n ? 'warning' : 'note',
    index: index + 1n,
    message:
      `the source's log goes on to index ${last}: ${last - index} entries above the snapshot ` +
      `(${share}) are not in the restored dir; ` +
      (isAlone
        ? 'they are LOST to this cluster: repair-wal or the source as it is keep them'
        : 'a leader that has them sends them'),
  };
}
