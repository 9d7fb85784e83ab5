import type { CodeTable } from './table.js';

const SAY_HOW = {
  next: 'Say how the node is started, or --encryption off:',
  run: ['ekv cold-start-dryrun --data-dir DIR --encryption on --sidecar FILE --kek FILE'],
} as const;

/** Finding a group dir, who the node is, what the gate decides (spec/cold-start.md §1 to §5). */
export const ENGINE_CODES = {
  'no-group-dir': {
    means: 'The path is neither a raft group dir nor above one.',
    node: 'Creates the directories it does not find, and begins as a new node or refuses to.',
    look: 'A group dir holds wal/, snap/, fsm-snap/, fsm.db/ or etcd-raft-*.bin files.',
    next: 'Pass the node’s raft data dir, its <raftId> dir or one group dir.',
  },
  'several-groups': {
    means: 'More than one raft group lies below the path; one was chosen.',
    node: 'Opens every group in turn; a refusal in one stops the whole process.',
    look: 'The group in the first line of the report; group-0 is the timestamp oracle’s.',
    next: 'Ask about each of them, group by group:',
    run: ['ekv cold-start-dryrun --data-dir DIR --group N'],
  },
  'raft-id-assumed': {
    means: 'The raft id was not given and the directory is not named after it.',
    node: 'Hashes its raft id to its node id; under another id it is not a member here.',
    look: 'The ids in the peers file: ekv inspect etcd-raft-peers.bin.',
    next: 'Pass --raft-id as the node’s own flag has it.',
  },
  'raft-id-unknown': {
    means: 'Which member of the group this directory belongs to cannot be told.',
    node: 'Is started with its raft id; a wrong one makes it refuse.',
    look: 'The ids in the peers file, and the raft id in the node’s unit file or command line.',
    next: 'Pass --raft-id as the node’s own flag has it.',
  },
  'raft-id-other-dir': {
    means: 'The group dir that is read lies under the name of another raft id than the node’s.',
    node: 'Looks in the directory of its own raft id; where there is none it starts as a new member.',
    look: 'The --raft-id in the node’s unit file against the names in the data dir.',
    next: 'Rename the directory back, or ask with the raft id that it is named after.',
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
    look: 'The build that ran here last, against the generation in the first line of the report.',
    next: 'Ask about the build that the node runs:',
    run: ['ekv cold-start-dryrun --data-dir DIR --generation snapshot-pointer'],
  },
  'peers-unknown': {
    means: 'Neither a peers file nor --peers says who the members are.',
    node: 'Refuses to bootstrap itself unless its flags name peers or say bootstrap.',
    look: 'Whether etcd-raft-peers.bin was lost with a copy: every node writes it at each start.',
    next: 'Pass --peers, and --bootstrap if the node has that flag.',
  },
  'hashicorp-raft': {
    means: 'raft.db, logs.dat or stable.dat: files of the removed hashicorp/raft backend.',
    node: 'Refuses to start here. By then it has created an empty fsm.db.',
    look: 'Whether wal/ and snap/ are there as well: then only the old files are in the way.',
    next:
      'Make a fresh dir from a .fsm of a node that runs the etcd engine: restore --fsm does ' +
      'that.',
  },
  'engine-marker': {
    means: 'The file raft-engine names another raft engine than etcd.',
    node: 'Refuses to start here. By then it has created fsm.db if there was none.',
    look: 'The content of the file raft-engine; trimmed and lower-cased it must be empty or "etcd".',
    next: 'If wal/ holds etcd segments, put a raft-engine with "etcd" in a copy and try that copy.',
  },
  'full-restore-ahead': {
    means:
      'The gate does not let the boot skip the body restore: fsm.db is replaced by the snapshot.',
    node:
      'Reads the whole .fsm, writes a new fsm.db, then replays the log above the snapshot. ' +
      'committed-tail asks for the commit index, snapshot-pointer for the snapshot’s only.',
    look: 'gate.have and gate.threshold, and how many of the entries between them write at all.',
    next: 'Plan for the time it takes, or see whether another build skips it:',
    run: ['ekv cold-start-dryrun --data-dir DIR --generation all'],
  },
  'gate-fallback': {
    means: 'The durable applied index of fsm.db is not known, so a full restore runs.',
    node: 'Restores; the metric counts it as fallback with the reason.',
    look:
      'The key _meta_applied_index in fsm.db: absent, or shorter than 8 bytes. Absent is normal ' +
      'with no fsm.db, or one last written before 2026-06-04.',
    next:
      'Check that fsm.db is the node’s own and complete, then let it restore: snapshot and log ' +
      'hold everything.',
    run: ['ekv verify-crc DIR'],
  },
  'guard-inconclusive': {
    means: 'An encryption start-up guard depends on something that was not given to the tool.',
    node: 'Knows it from its own flags, and refuses or passes by it.',
    look: 'The guard’s number and the flag it needs, in the finding.',
    ...SAY_HOW,
  },
  'encryption-unknown': {
    means: 'The data carries signs of encryption, and nothing says how the node is started.',
    node:
      'With encryption on it runs eleven start-up guards; with it off it refuses if it sees the ' +
      'sidecar, and otherwise loses wrapped writes.',
    look: 'The signs named in the finding, and the encryption flags in the node’s unit file.',
    ...SAY_HOW,
  },
} as const satisfies CodeTable;
