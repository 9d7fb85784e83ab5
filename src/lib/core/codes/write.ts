import type { CodeTable } from './table.js';

const NOTHING_WRITTEN = 'Nothing was written under the target name.';

/** Refusals and failures of the commands that write (spec/snapshot-files.md §6). */
export const WRITE_CODES = {
  'target-exists': {
    means: 'The path to write to exists already; nothing is ever written over.',
    next: 'Name another --output.',
  },
  'target-inside-source': {
    means: 'The path to write to lies inside the directory that is read.',
    next: 'Name an --output outside of it.',
  },
  'target-no-parent': {
    means: 'The directory that would hold the target does not exist or is not a directory.',
  },
  'target-unfinished': {
    means: 'An earlier run that was killed left its unfinished target beside the wanted name.',
    look: 'Is another ekv writing there right now?',
    next: 'Run the same command with --clean --yes, then again.',
  },
  'target-not-recognised': {
    means: 'What stands under the name of an unfinished target was not made by this tool.',
    next: 'Look at it and remove it by hand.',
  },
  'target-verify-failed': {
    means: `What was read back from the disk is not what was written. ${NOTHING_WRITTEN}`,
    look: 'Disk, memory, and whether something else writes there.',
  },
  'source-symlink': {
    means: 'A file or directory to be read is a symbolic link.',
    next: 'Name the real path; a copy must not depend on where a link points at the moment.',
  },
  'source-live': {
    means: 'A process holds a lock in the directory that is read: the node is running.',
    next: 'Stop the node, or work on a copy of its directory.',
  },
  'source-special': {
    means: 'The directory that is read holds something that is neither file nor directory.',
  },
  'source-changed': {
    means: `A file that is read changed while the target was written. ${NOTHING_WRITTEN}`,
    next: 'Stop the node, or work on a copy.',
  },
  'write-no-space': {
    means: `The file system of the target is full. ${NOTHING_WRITTEN}`,
    next: 'Make room, or name an --output on another file system.',
  },
  'write-quota': { means: `The disk quota is used up. ${NOTHING_WRITTEN}` },
  'write-read-only': { means: 'The file system of the target is mounted read-only.' },
  'write-permission': { means: 'The operating system denies writing to the target.' },
  'write-vanished': {
    means: `The directory that was being written vanished or was changed. ${NOTHING_WRITTEN}`,
  },
  'write-failed': { means: `The operating system reported an I/O error. ${NOTHING_WRITTEN}` },
  'upgrade-nothing': { means: 'The header already has the wanted form and cutover.' },
  'upgrade-downgrade': {
    means: 'A v2 header would become a v1 header, which cannot hold its cutover.',
  },
  'upgrade-cutover-form': { means: 'A cutover was asked for in a header that cannot hold one.' },
  'upgrade-cutover-above-snapshot': {
    means:
      'The new cutover lies above the snapshot: nothing at or below the snapshot can be wrapped then.',
    next: 'Leave the cutover out: 0 is right for a snapshot from before the switch.',
  },
  'cutover-differs': {
    means: 'The cutover of the header would differ from the sidecar’s.',
    node: 'Refuses to start with ErrEnvelopeCutoverDivergence.',
  },
  'upgrade-index-unknown': {
    means: 'A cutover can be checked only against the index of the snapshot, and nothing names it.',
    next: 'Pass --index, or the .snap with --snap.',
  },
  'upgrade-not-a-pair': {
    means: 'There is no .fsm with a .snap that carries its token.',
    next: 'ekv restore makes a pair out of any payload.',
  },
  'upgrade-other-pairs': {
    means: 'Older snapshots in the directory keep the header they have.',
  },
  'payload-not-kv': {
    means: 'The payload is that of the timestamp oracle: it has no header and needs none.',
  },
  'restore-index-below-applied': {
    means: 'The snapshot would be given an index below the applied index that its payload carries.',
    node: 'Takes every entry up to the payload’s applied index for a duplicate and drops it: acknowledged writes are lost.',
    next: 'Use the snapshot’s own index, or a higher one.',
  },
  'restore-position-unknown': {
    means: 'Index or term of the snapshot cannot be told from what was given.',
  },
  'restore-members-unknown': {
    means: 'The members of the group cannot be told from what was given.',
  },
  'restore-membership-changed': {
    means:
      'The given members are not those of the snapshot, and a fresh cluster was not asked for.',
    node: 'A member with another membership than the rest can elect a second leader.',
    next: 'Restore the snapshot’s own membership and change it through the cluster, or make every member anew with --fresh-cluster.',
  },
  'restore-bring-sidecar': {
    means: 'The snapshot belongs to an encrypted data set: sidecar and KEK are not in it.',
    node: 'Refuses to start without the sidecar it was made with.',
  },
  'restore-leaves-entries': {
    means:
      'The source’s log goes on above the snapshot; those entries are not in the restored dir.',
  },
  'restore-old-member-may-live': {
    means: 'A node that was restored has forgotten its votes.',
    node: 'Could vote a second time in a term it has voted in.',
  },
  'repair-not-needed': { means: 'The log reads to its end: there is nothing to cut.' },
  'repair-node-refuses': {
    means: 'The damage is not a torn tail: the node’s own repair refuses it.',
    next: 'Look at --cut last-valid and at what it loses.',
  },
  'repair-cut-outside': { means: 'The log cannot be cut at that index.' },
  'repair-loses-committed': {
    means: 'Entries that were committed are not in the repaired log.',
    node: 'Boots without them and does not notice. A leader that counts them as stored here can make it panic later (tocommit … out of range).',
    next: 'Prefer a healthy replica: wipe this node and let it join again.',
  },
  'repair-loses-uncommitted': {
    means: 'Entries that are not known to be committed are not in the repaired log.',
  },
  'repair-forgets-vote': {
    means: 'A saved term or vote lies behind the cut.',
    node: 'May vote a second time in a term it has voted in.',
  },
  'repair-store-ahead': {
    means: 'The store has applied more than the cut log holds.',
    node: 'Takes every new entry up to the store’s applied index for a duplicate and drops it. Harmless only where a leader sends the very same entries again.',
    next: 'In a group with other healthy members let this one join anew; a sole voter should keep the log up to the applied index.',
  },
  'prediction-unknown': {
    means: 'What a node would do with the result cannot be told from what was given.',
    next: 'Name the node’s encryption files: --encryption on --sidecar FILE --kek FILE.',
  },
  'prediction-refuses': { means: 'A node would refuse to start from the result.' },
} as const satisfies CodeTable;
