import type { CodeTable } from './table.js';

/** Findings of `ekv compare`. */
export const COMPARE_CODES = {
  'compare-history-differs': {
    means:
      'Two logs hold different entries at an index that both members know to be committed. ' +
      'Members of one group never do.',
    node: 'No node notices: raft compares terms only, and a follower takes what the leader sends.',
    look:
      'ekv replay-wal --from-index N --to-index N on both; whether the dirs are of one group ' +
      'and one cluster.',
    next:
      'Do not start them together. Find out which one was changed or does not belong, before ' +
      'one overwrites the other.',
  },
  'compare-tail-differs': {
    means: 'Two logs agree up to some index and differ above it, where nothing was committed.',
    node: 'Raft overwrites the older tail once that node follows; this is how it is meant to work.',
    look: 'ekv replay-wal --from-index N on both, if the entries are of interest.',
    next: 'Nothing, as long as the member with the newest log takes part in the election.',
  },
  'compare-newest-refuses': {
    means: 'The member with the newest log does not boot as it is.',
    node:
      'The others elect a leader without it if they are a majority; entries that only it holds ' +
      'are lost then.',
    look: 'ekv cold-start-dryrun on that dir: why it refuses, and what its last entries are.',
    next: 'See whether it can be brought up first, on a copy:',
    run: ['ekv repair-wal --data-dir DIR --output NEW', 'ekv snapshots --data-dir DIR'],
  },
  'compare-committed-missing': {
    means: 'The best log that boots ends below an index that another member knows to be committed.',
    node: 'Started alone as a new cluster it goes on without these entries, silently.',
    look: 'ekv replay-wal --from-index N on the member that has them: the keys they write.',
    next:
      'Bring the member up that holds them, or write down what is lost before anything is ' +
      'started.',
  },
  'compare-no-majority': {
    means: 'No more than half of the voters were compared.',
    node: 'An entry is committed once a majority has it; that majority can be among the others.',
    look: 'The voters of the configuration against the members that were compared.',
    next: 'Name the dirs of the other members too, if they still exist.',
  },
  'compare-stores-differ': {
    means:
      'Two stores that have applied the same entries hold different rows. Old versions that one ' +
      'of them has already compacted away are the harmless reason.',
    node: 'Each serves what it has; no node compares.',
    look: 'ekv inspect DIR/fsm.db --by-prefix on both, and _meta_min_retained_ts.',
    next:
      'If compaction does not explain it, keep both and let one member join again with an empty ' +
      'dir.',
  },
  'compare-same-node': {
    means: 'Two of the dirs carry one raft id: copies or states of one member.',
    node: 'Two processes under one id vote twice: never start both.',
    look: 'Term, last index and applied index of each: the later state has the higher ones.',
    next: 'Compare the dirs of different members; pass the copy that is the latest.',
  },
  'compare-members-differ': {
    means: 'The configurations of two members are not the same.',
    node: 'A member learns a later configuration from the log once it follows.',
    look: 'ekv replay-wal --type conf-change on the member whose log is the newest.',
    next: 'Go by the list of the member with the newest log.',
  },
} as const satisfies CodeTable;
