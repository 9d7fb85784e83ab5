import type { CodeTable } from './table.js';

const COPY_LOG = {
  next: 'Copy wal/ away before any start. See what the cut removes:',
  run: ['ekv repair-wal --data-dir DIR --output NEW'],
} as const;

/** What a boot does that an operator must know beforehand (spec/cold-start.md §6). */
export const HAZARD_CODES = {
  'stale-configuration-snapshot': {
    means:
      'The body restore is skipped and a conf change at or below the applied index is delivered: ' +
      'the snapshot written for it says one index and holds the state of a later one.',
    node: 'Publishes the snapshot; a peer that installs it re-applies the entries between.',
    look:
      'The conf change’s index against gate.have: ekv replay-wal --data-dir DIR --type ' +
      'conf-change.',
    next: 'Let the node take an ordinary snapshot before any peer needs one. See the conf change:',
    run: ['ekv replay-wal --data-dir DIR --type conf-change'],
  },
  'fsm-ahead-of-log': {
    means: 'fsm.db has applied more entries than the log holds.',
    node:
      'Boots, and drops every entry up to that index as a duplicate when it is committed: client ' +
      'writes are missing here, and those proposed here are never answered.',
    look:
      'Was fsm.db copied from elsewhere, or wal/ lost or cut? Harmless only after a crash while ' +
      'a ' +
      'snapshot was received: a .fsm without .snap at or above that index shows it.',
    next: 'Do not start it. Let it join again from a peer, or make a fresh dir of its snapshot:',
    run: ['ekv replay-wal --data-dir DIR', 'ekv restore --from-dir DIR --output NEW'],
  },
  'fsm-ahead-of-commit': {
    means: 'fsm.db has applied entries that the saved commit index does not cover yet.',
    node: 'Ordinary after a crash: commit-only saves stay in a buffer. The entries are in the log.',
    look: 'The distance: about one batch is ordinary; more means an fsm.db or wal/ from elsewhere.',
    next: 'For a small distance nothing; for a large one compare with another member first:',
    run: ['ekv replay-wal --data-dir DIR --stats'],
  },
  'snapshot-during-replay': {
    means:
      'The entries to deliver fill more than one page and the applied index is 10,000 or more ' +
      'above the snapshot: a background snapshot during replay may compact the log under the ' +
      'replay.',
    node:
      'A race, usual where all entries above the snapshot are delivered (committed-tail): mostly ' +
      'boots; may die with "requested index is unavailable due to compaction".',
    look: 'gate.have minus the snapshot’s index against ELASTICKV_RAFT_SNAPSHOT_COUNT (10,000).',
    next: 'If it dies, start it again: the next boot begins at the new snapshot.',
  },
  'damaged-body-swapped-in': {
    means:
      'The snapshot body fails its CRC, but parses: the boot replaces fsm.db before it notices.',
    node:
      'Refuses to start, and leaves the damaged fsm.db behind with the applied index it ' +
      'carries.',
    look:
      'Whether an earlier start has done it already: ekv inspect fsm.db --store-digest against ' +
      'the ' +
      'same of the .fsm.',
    next: 'Copy fsm.db away before any start; replace the .fsm pair, then let it restore.',
    run: ['cp -a DIR COPY', 'ekv snapshots --data-dir DIR'],
  },
  'wrapped-entries-without-cutover': {
    means:
      'The log or the snapshot says that raft payloads are wrapped, but no cutover is in force.',
    node:
      'Takes the envelope for a batch, fails the request, and goes on: the write is missing ' +
      'here. ' +
      'Builds of 2026-06-04 to 07-08 refuse a sidecar that has a cutover.',
    look: 'The cutover in the newest .fsm header and in keys.json: ekv inspect FILE --hexdump.',
    next: 'Start the node with its sidecar and KEK, and only a build from 2026-07-09 or later.',
  },
  'entries-applied-twice': {
    means: 'The snapshot carries no data although its index is above 0 and fsm.db is further.',
    node: 'Starts at the snapshot’s index and applies what fsm.db already holds a second time.',
    look:
      'The .snap: ekv inspect FILE shows that its data is empty (a legacy import without ' +
      'payload).',
    next: 'Do not start it on this fsm.db. See the entries it would apply again:',
    run: ['ekv replay-wal --data-dir DIR'],
  },
  'generations-disagree': {
    means: 'Builds of different generations decide differently on these files.',
    node: 'Does what its own generation does: the report has a column for each.',
    look:
      'The build’s date: snapshot-pointer is 2026-07-18 and later, always-restore before ' +
      '2026-06-07.',
    next: 'Find out which build starts here, then ask about that one alone:',
    run: ['ekv cold-start-dryrun --data-dir DIR --generation snapshot-pointer'],
  },
  'ceiling-below-timestamps': {
    means: 'After the boot the clock’s ceiling lies below timestamps that the store already holds.',
    node:
      'May hand out a timestamp below a stored one until a lease raises the ceiling. Builds from ' +
      '2026-07-18 also observe the store’s last commit timestamp, which prevents it.',
    look: 'counters.ceilingMs against fsm.lastCommitTs (milliseconds = timestamp / 65,536).',
    next: 'Keep clients away until a lease is applied. See which leases the log has:',
    run: ['ekv replay-wal --data-dir DIR --type lease'],
  },
  'uncommitted-suffix': {
    means: 'The log ends with entries that the saved commit index does not cover.',
    node:
      'Keeps them; they are applied if a leader confirms them, and overwritten if not. A sole ' +
      'voter ' +
      'elects itself and commits them all.',
    look: 'The same indexes in the other members’ logs: a majority that has them makes them count.',
    next: 'See them before a start decides their fate:',
    run: ['ekv replay-wal --data-dir DIR --type uncommitted'],
  },
  'wal-repair-ahead': {
    means: 'The log’s tail is torn: the boot cuts the last segment and keeps a .broken copy.',
    node:
      'Cuts at the first bad record; everything behind it goes, intact or not. Builds before ' +
      '2026-04-25 refuse instead.',
    look: 'The entries behind the cut, and whether any of them is at or below the commit index.',
    ...COPY_LOG,
  },
  'committed-entry-cut': {
    means: 'An entry at or below the commit index is among what the repair removes.',
    node:
      'Starts with a shorter log; on a group of several voters it may later die with ' +
      '"tocommit".',
    look: 'Whether fsm.db has applied it already (fsm.appliedIndex), and the other members’ logs.',
    next:
      'Copy wal/ away; prefer another member’s copy of the log, or let this node join again. ' +
      'See the entry:',
    run: ['ekv repair-wal --data-dir DIR --output NEW'],
  },
  'state-record-cut': {
    means: 'A saved term, vote or commit is among what the repair removes.',
    node: 'Starts with the older one; it may vote twice in a term.',
    look: 'hardState before and after in the repair’s plan; only a changed term or vote matters.',
    ...COPY_LOG,
  },
  'files-deleted-at-boot': {
    means: 'Unfinished or orphaned files that the boot deletes before it reads anything.',
    node: 'Deletes spool files, *.fsm.tmp, and every .fsm whose index no .snap name carries.',
    look: 'A .fsm among them whose .snap was lost: it may be the newest good copy of the data.',
    next: 'Copy them away first if they may be evidence or the only copy. See what each is worth:',
    run: ['cp -a DIR COPY', 'ekv snapshots --data-dir DIR'],
  },
  'snap-renamed-broken': {
    means: 'A .snap file is unreadable; the boot renames it to .broken and uses an older one.',
    node: 'Renames it silently; its .fsm is deleted by the boot after this one.',
    look: 'The .snap in a backup, and the .fsm of the same index: it may be whole.',
    next: 'Copy snap/ and fsm-snap/ away before any start. See what is left:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'restore-repeats': {
    means: 'The applied index inside the snapshot’s payload is below the snapshot’s own index.',
    node: 'After this restore the next boot restores again unless something is written first.',
    look: 'The entries between the two indexes: they wrote nothing, or the key would be higher.',
    next:
      'Nothing is lost, and one write or the next snapshot ends it. Until then each restart ' +
      'takes as long.',
    run: ['ekv replay-wal --data-dir DIR'],
  },
  'cutover-divergence': {
    means: 'The snapshot header’s raft envelope cutover differs from the sidecar’s.',
    node: 'With encryption enabled, builds from 2026-07-09 refuse: ErrEnvelopeCutoverDivergence.',
    look: 'Which of the two was copied from elsewhere: ekv inspect on the .fsm and on keys.json.',
    next: 'Put back the sidecar that belongs to this data dir; do not edit either number.',
  },
  'new-cluster-over-data': {
    means: 'The log is missing although a store or snapshots are there.',
    node:
      'Begins a new log at index 1, or joins as if empty; the old applied index stays in fsm.db ' +
      'and makes later boots skip restores and drop entries.',
    look: 'Where wal/ went: another mount, a copy that left it out, wal.broken.* beside it.',
    next: 'Do not start it; bring wal/ back, or make a fresh dir from the newest sound .fsm:',
    run: ['ekv snapshots --data-dir DIR'],
  },
  'interrupted-bootstrap': {
    means: 'The log holds no entry and no state while legacy files or a first snapshot are there.',
    node: 'Boots with nothing: no snapshot, no configuration, no import.',
    look:
      'etcd-raft-*.bin files: their content was never imported. A fresh joiner has none of ' +
      'them.',
    next:
      'Do not start it; in a copy, move wal/ aside and run the dry run on that: the import or ' +
      'bootstrap then begins anew.',
    run: ['cp -a DIR COPY', 'ekv snapshots --data-dir DIR'],
  },
  'waits-for-ever': {
    means: 'The peers list has one member, but the configuration does not make it the sole voter.',
    node: 'Opening waits for a leadership that never comes.',
    look: 'members in the report against the peers file: ekv inspect etcd-raft-peers.bin.',
    next:
      'Check that --raft-id and --peers are the node’s own. If they are, put back the peers file ' +
      'that belongs to this dir.',
  },
  'later-panic-possible': {
    means: 'Log entries that a leader counts as stored here are gone.',
    node: 'May die later with "tocommit(…) is out of range" when that leader’s heartbeat arrives.',
    look: 'The last index of this log against what the leader reports for this member.',
    next: 'Remove this member and let it join again with an empty dir; keep this dir as evidence.',
  },
} as const satisfies CodeTable;
