import type { CodeTable } from './table.js';

/** Group discovery, the boot's decisions and effects, and the hazards of spec/cold-start.md §6. */
export const ENGINE_CODES = {
  'no-group-dir': {
    means: 'The path is neither a raft group dir nor above one.',
    look: 'A group dir holds wal/, snap/, fsm-snap/, fsm.db/ or etcd-raft-*.bin files.',
    next: 'Pass the node’s raft data dir, its <raftId> dir or one group dir.',
  },
  'several-groups': {
    means: 'More than one raft group lies below the path; one was chosen.',
    next: 'Name another one with --group.',
  },
  'raft-id-assumed': {
    means: 'The raft id was not given and the directory is not named after it.',
    next: 'Pass --raft-id as the node’s own flag has it.',
  },
  'raft-id-unknown': {
    means: 'Which member of the group this directory belongs to cannot be told.',
    node: 'Is started with its raft id; a wrong one makes it refuse.',
    next: 'Pass --raft-id as the node’s own flag has it.',
  },
  'generation-shown': {
    means:
      'No --generation was given, and the directory itself shows which builds it belongs to: older ones would refuse it.',
    node: 'A peers file of version 3 is written from 2026-07-09 on.',
    look: 'Bytes 4 to 7 of etcd-raft-peers.bin, big-endian.',
    next: 'Nothing, if the node runs such a build; otherwise name its generation with --generation.',
  },
  'peers-newer-build': {
    means: 'The peers file has a version that the build in question does not read.',
    node: 'An older build refuses a newer file; version 3 is written from 2026-07-09 on.',
    next: 'Ask for the generation of the build that the node runs, with --generation.',
  },
  'peers-unknown': {
    means: 'Neither a peers file nor --peers says who the members are.',
    node: 'Refuses to bootstrap itself unless its flags name peers or say bootstrap.',
    next: 'Pass --peers, and --bootstrap if the node has that flag.',
  },
  'hashicorp-raft': {
    means: 'raft.db, logs.dat or stable.dat: files of the removed hashicorp/raft backend.',
    node: 'Refuses to start here. By then it has created an empty fsm.db.',
    next: 'Restore from a snapshot of a node that runs the etcd engine.',
  },
  'engine-marker': {
    means: 'The file raft-engine names another raft engine than etcd.',
    node: 'Refuses to start here.',
    look: 'The content of the file raft-engine; trimmed and lower-cased it must be empty or "etcd".',
  },
  'full-restore-ahead': {
    means:
      'The gate does not let the boot skip the body restore: fsm.db is replaced by the snapshot.',
    node: 'Reads the whole .fsm, writes a new fsm.db, then replays the log above the snapshot.',
    look: 'gate.have and gate.threshold, and how many of the entries between them write at all.',
  },
  'gate-fallback': {
    means: 'The durable applied index of fsm.db is not known, so a full restore runs.',
    node: 'Restores; the metric counts it as fallback with the reason.',
    look: 'The key _meta_applied_index in fsm.db: absent, or shorter than 8 bytes.',
  },
  'stale-configuration-snapshot': {
    means:
      'The body restore is skipped and a conf change at or below the applied index is delivered: ' +
      'the snapshot written for it says one index and holds the state of a later one.',
    node: 'Publishes the snapshot; a peer that installs it re-applies the entries between.',
    next: 'Let the node take an ordinary snapshot before any peer needs one.',
  },
  'fsm-ahead-of-log': {
    means: 'fsm.db has applied more entries than the log holds.',
    node:
      'Boots, and drops every entry up to that index as a duplicate when it is committed: client ' +
      'writes are acknowledged by others and lost here.',
    look: 'Was fsm.db copied from elsewhere, or wal/ lost or cut?',
    next: 'Do not start it; restore this node from a peer or from its newest snapshot.',
  },
  'fsm-ahead-of-commit': {
    means: 'fsm.db has applied entries that the saved commit index does not cover yet.',
    node: 'Ordinary after a crash: commit-only saves stay in a buffer. The entries are in the log.',
  },
  'snapshot-during-replay': {
    means:
      'The entries to deliver fill more than one page and the applied index is 10,000 or more ' +
      'above the snapshot: a background snapshot during replay may compact the log under the replay.',
    node: 'A race: usually boots; may die with "requested index is unavailable due to compaction".',
    next: 'If it dies, start it again: the next boot begins at the new snapshot.',
  },
  'damaged-body-swapped-in': {
    means:
      'The snapshot body fails its CRC, but parses: the boot replaces fsm.db before it notices.',
    node: 'Refuses to start, and leaves the damaged fsm.db behind with the applied index it carries.',
    next: 'Copy fsm.db away before any start; replace the .fsm pair, then let it restore.',
  },
  'wrapped-entries-without-cutover': {
    means:
      'The log or the snapshot says that raft payloads are wrapped, but no cutover is in force.',
    node: 'Takes the envelope for a batch, fails the request, and goes on: the write is missing here.',
    next: 'Start the node with its sidecar and KEK.',
  },
  'entries-applied-twice': {
    means: 'The snapshot carries no data although its index is above 0 and fsm.db is further.',
    node: 'Starts at the snapshot’s index and applies what fsm.db already holds a second time.',
  },
  'generations-disagree': {
    means: 'Builds of different generations decide differently on these files.',
    next: 'Make sure which build the node runs before you rely on one answer.',
  },
  'ceiling-below-timestamps': {
    means: 'After the boot the clock’s ceiling lies below timestamps that the store already holds.',
    node: 'May hand out a timestamp below a stored one until a lease raises the ceiling.',
  },
  'uncommitted-suffix': {
    means: 'The log ends with entries that the saved commit index does not cover.',
    node: 'Keeps them; they are applied if a leader confirms them, and overwritten if not.',
  },
  'wal-repair-ahead': {
    means: 'The log’s tail is torn: the boot cuts the last segment and keeps a .broken copy.',
    node: 'Cuts at the first bad record; everything behind it goes, intact or not.',
    next: 'Copy wal/ away first; ekv repair-wal shows entry by entry what the cut removes.',
  },
  'committed-entry-cut': {
    means: 'An entry at or below the commit index is among what the repair removes.',
    node: 'Starts with a shorter log; on a group of several voters it may later die with "tocommit".',
    next: 'Copy wal/ away; prefer another member’s copy of the log.',
  },
  'state-record-cut': {
    means: 'A saved term, vote or commit is among what the repair removes.',
    node: 'Starts with the older one; it may vote twice in a term.',
  },
  'files-deleted-at-boot': {
    means: 'Unfinished or orphaned files that the boot deletes before it reads anything.',
    node: 'Deletes spool files, *.fsm.tmp, and every .fsm whose index no .snap name carries.',
    next: 'Copy them away first if they may be evidence or the only copy.',
  },
  'snap-renamed-broken': {
    means: 'A .snap file is unreadable; the boot renames it to .broken and uses an older one.',
    node: 'Renames it silently; its .fsm is deleted by the boot after this one.',
  },
  'restore-repeats': {
    means: 'The applied index inside the snapshot’s payload is below the snapshot’s own index.',
    node: 'After this restore the next boot restores again unless something is written first.',
  },
  'cutover-divergence': {
    means: 'The snapshot header’s raft envelope cutover differs from the sidecar’s.',
    node: 'With encryption enabled, builds from 2026-07-09 refuse: ErrEnvelopeCutoverDivergence.',
  },
  'new-cluster-over-data': {
    means: 'The log is missing although a store or snapshots are there.',
    node:
      'Begins a new log at index 1, or joins as if empty; the old applied index stays in fsm.db ' +
      'and makes later boots skip restores and drop entries.',
    next: 'Do not start it; bring wal/ back, or restore into a fresh dir with ekv restore.',
  },
  'interrupted-bootstrap': {
    means: 'The log holds no entry and no state while legacy files or a first snapshot are there.',
    node: 'Boots with nothing: no snapshot, no configuration, no import.',
  },
  'waits-for-ever': {
    means: 'The peers list has one member, but the configuration does not make it the sole voter.',
    node: 'Opening waits for a leadership that never comes.',
  },
  'later-panic-possible': {
    means: 'Log entries that a leader counts as stored here are gone.',
    node: 'May die later with "tocommit(…) is out of range" when that leader’s heartbeat arrives.',
  },
  'guard-inconclusive': {
    means: 'An encryption start-up guard depends on something that was not given to the tool.',
    next: 'Pass --encryption, --sidecar and --kek as the node is started with them.',
  },
  'encryption-unknown': {
    means: 'The data carries signs of encryption, and nothing says how the node is started.',
    next: 'Pass --encryption on with --sidecar and --kek, or --encryption off.',
  },
} as const satisfies CodeTable;
