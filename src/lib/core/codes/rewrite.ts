import type { CodeTable } from './table.js';

const HEADER_CODES = {
  'upgrade-nothing': {
    means: 'The header already has the wanted form and cutover.',
    next: 'Nothing to do; use the file as it is.',
  },
  'upgrade-downgrade': {
    means: 'A v2 header would become a v1 header, which cannot hold its cutover.',
    node: 'Builds from before 2026-05-30 cannot read v2; no way back is safe for later ones.',
    look: 'The cutover in the header: ekv inspect FILE --hexdump. Only 0 would lose nothing.',
    next: 'Run a build that reads v2; every build from 2026-05-30 on does.',
  },
  'upgrade-cutover-form': {
    means: 'A cutover was asked for in a header that cannot hold one.',
    next: 'Ask for a v2 header, or leave the cutover out.',
  },
  'upgrade-cutover-above-snapshot': {
    means:
      'The new cutover lies above the snapshot: nothing at or below the snapshot can be wrapped ' +
      'then.',
    node: 'Only compares the header’s cutover with its sidecar’s, and refuses where they differ.',
    look: 'raft_envelope_cutover_index in keys.json against the snapshot’s index.',
    next: 'Leave the cutover out: 0 is right for a snapshot from before the switch.',
  },
  'cutover-differs': {
    means: 'The cutover of the header would differ from the sidecar’s.',
    node: 'Refuses to start with ErrEnvelopeCutoverDivergence (builds from 2026-07-09).',
    look: 'Whether the sidecar given is this cluster’s, and no older copy of it.',
    next: 'Name the right --sidecar, or give the cutover of the sidecar the node will have.',
  },
  'upgrade-index-unknown': {
    means: 'A cutover can be checked only against the index of the snapshot, and nothing names it.',
    next: 'Pass --index, or the .snap with --snap.',
  },
  'upgrade-not-a-pair': {
    means: 'There is no .fsm with a .snap that carries its token.',
    node:
      'Takes data that is no token for the payload itself, as builds before 2026-04-15 wrote ' +
      'it.',
    look: 'The .snap: ekv inspect FILE says whether it holds a token, an inline payload or nothing.',
    next: 'Make a pair out of any payload:',
    run: ['ekv restore --payload FILE --output NEW'],
  },
  'upgrade-other-pairs': {
    means: 'Older snapshots in the directory keep the header they have.',
    node: 'Reads them only if the newest one is unusable.',
    look: 'The list of pairs: ekv snapshots --data-dir DIR.',
    next: 'Nothing, as long as the node starts from the newest pair.',
  },
  'payload-not-kv': {
    means:
      'The payload is not that of a kv group (the timestamp oracle’s has 8 bytes): it has no ' +
      'header to change.',
    node: 'No build runs the state machine that reads the oracle’s form.',
    look: 'What it is: ekv inspect FILE.',
    next: 'Name the .fsm of a data group; this one needs no header.',
  },
} as const satisfies CodeTable;

const RESTORE_CODES = {
  'restore-index-below-applied': {
    means: 'The snapshot would be given an index below the applied index that its payload carries.',
    node:
      'Takes every entry up to the payload’s applied index for a duplicate and drops it: ' +
      'acknowledged writes are lost.',
    look: '_meta_applied_index in the payload: ekv inspect FILE shows it.',
    next: 'Use the snapshot’s own index, or a higher one.',
  },
  'restore-position-unknown': {
    means: 'Index or term of the snapshot cannot be told from what was given.',
    node: 'Needs both to take its place in the log of the other members.',
    look: 'The name of its .snap: <term>-<index>, both hex; a .fsm’s name is its index.',
    next: 'Pass --index and --term, or --fresh-cluster where every member is made anew.',
  },
  'restore-members-unknown': {
    means:
      'The members of the group cannot be told from what was given, or this node is none of them.',
    node: 'Refuses to start where it is missing from its own peers list.',
    look: 'Another member’s etcd-raft-peers.bin: ekv inspect FILE lists ids and addresses.',
    next: 'Pass --raft-id of this node and --peers with every member as id=host:port.',
  },
  'restore-membership-changed': {
    means:
      'The given members are not those of the snapshot, and a fresh cluster was not asked for.',
    node: 'A member with another membership than the rest can elect a second leader.',
    look: 'The snapshot’s members and the given ones, side by side in the message.',
    next:
      'Restore the snapshot’s own membership and change it through the cluster, or make every ' +
      'member anew with --fresh-cluster.',
  },
  'restore-bring-sidecar': {
    means: 'The snapshot belongs to an encrypted data set: sidecar and KEK are not in it.',
    node:
      'Cannot read its encrypted rows without them, and with encryption on refuses a sidecar ' +
      'that has another cutover.',
    look: 'The cutover in the header and the key ids of the rows, against keys.json.',
    next: 'Bring keys.json and the KEK of that cluster first. See whether they fit:',
    run: ['ekv inspect keys.json --kek FILE'],
  },
  'restore-leaves-entries': {
    means:
      'The source’s log goes on above the snapshot; those entries are not in the restored dir.',
    node: 'Gets them from a leader that has them; in a fresh cluster they are gone.',
    look: 'Which of them are committed and write: ekv replay-wal --data-dir DIR --from-index N.',
    next: 'Where no other member has them, repair the log instead:',
    run: ['ekv repair-wal --data-dir DIR --output NEW'],
  },
  'restore-old-member-may-live': {
    means: 'A node that was restored has forgotten its votes.',
    node: 'Could vote a second time in a term it has voted in.',
    look: 'Whether any process still runs under this raft id, on any host.',
    next:
      'Stop every process of this raft id first; or remove the member and join it under a new ' +
      'id.',
  },
} as const satisfies CodeTable;

const REPAIR_CODES = {
  'repair-not-needed': {
    means: 'The log reads to its end: there is nothing to cut.',
    node: 'Repairs nothing.',
    look: 'If the node refuses all the same, its reason is another: the dry run names the step.',
    next: 'Nothing to cut. See whether the node starts:',
    run: ['ekv cold-start-dryrun --data-dir DIR'],
  },
  'repair-node-refuses': {
    means: 'The damage is not a torn tail: the node’s own repair refuses it.',
    node: 'Refuses to start, at every start; it repairs a torn end of the last segment only.',
    look: 'Segment and offset of the damage, and how many records behind it are intact.',
    next: 'Look at --cut last-valid and at what it loses.',
  },
  'repair-cut-outside': {
    means: 'The log cannot be cut at that index.',
    node: 'Needs its log to reach the snapshot it starts from.',
    look:
      'First and last index in the plan: the cut must keep the snapshot and lie below the ' +
      'damage.',
    next: 'See which cuts there are:',
    run: ['ekv repair-wal --data-dir DIR --output NEW'],
  },
  'repair-loses-committed': {
    means: 'Entries that were committed are not in the repaired log.',
    node:
      'Boots without them and does not notice. A leader that counts them as stored here can ' +
      'make it panic later (tocommit … out of range).',
    look: 'Which of them the store has applied already: those are lost from the log only.',
    next:
      'Prefer a healthy replica: set this dir aside and let the node join again with an empty ' +
      'one.',
  },
  'repair-loses-uncommitted': {
    means: 'Entries that are not known to be committed are not in the repaired log.',
    node: 'Boots without them; a leader that has them sends them again.',
    look: 'The other members’ logs at these indexes: on a sole voter they count as written.',
    next:
      'In a group with a healthy majority go on; for a sole voter try to save the segment ' +
      'first.',
  },
  'repair-forgets-vote': {
    means: 'A saved term or vote lies behind the cut.',
    node: 'May vote a second time in a term it has voted in.',
    look: 'Term and vote before and behind the cut, in the plan.',
    next: 'Use the cut that carries them over:',
    run: ['ekv repair-wal --data-dir DIR --output NEW --cut last-valid'],
  },
  'repair-store-ahead': {
    means: 'The store has applied more than the cut log holds.',
    node:
      'Takes every new entry up to the store’s applied index for a duplicate and drops it. ' +
      'Harmless only where a leader sends the very same entries again.',
    look: 'The store’s applied index against the last index of the cut log, both in the plan.',
    next:
      'In a group with other healthy members let this one join anew; a sole voter should keep ' +
      'the log up to the applied index.',
  },
  'prediction-unknown': {
    means: 'What a node would do with the result cannot be told from what was given.',
    node: 'Decides by its own flags and key files.',
    look: 'The reason named in the finding: the raft id, or how encryption is set.',
    next: 'Name the node’s encryption files: --encryption on --sidecar FILE --kek FILE.',
  },
  'prediction-refuses': {
    means: 'A node would refuse to start from the result.',
    node: 'Stops at the step and with the error named in the finding.',
    look: 'Whether the original refuses for the same reason: then the rewrite did not cause it.',
    next: 'Do not put it in place. See what it would refuse, and what to do about it:',
    run: ['ekv cold-start-dryrun --data-dir NEW'],
  },
} as const satisfies CodeTable;

/** What a rewrite, a restore or a repair refuses or warns of (spec/snapshot-files.md §6). */
export const REWRITE_CODES = {
  ...HEADER_CODES,
  ...RESTORE_CODES,
  ...REPAIR_CODES,
} as const satisfies CodeTable;
