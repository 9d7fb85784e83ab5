import type { Pace } from '../core/pace.js';
import type { DirSource } from '../io/dir-source.js';
import type { EntryRecord } from './boot-report.js';
import type { BootWatcher } from './boot-watcher.js';
import type { EncryptionInput } from './envelopes.js';
import type { Generation } from './generation.js';

/** A member as the node's flags name it. */
export interface PeerFlag {
  readonly id: string;
  readonly address: string;
}

/** One of the process's raft groups; the default group is the lowest id that is not 0. */
export interface ProcessGroup {
  readonly id: bigint;
  readonly dir: DirSource;
}

/** One question: what would a node of this build do, started with these flags on this group dir? */
export interface BootInput {
  readonly group: DirSource;
  readonly generation: Generation;
  /** Empty where it is not known: the boot is then inconclusive. */
  readonly raftId: string;
  /** `--peers`: the node's own flag; empty where it is not known. */
  readonly peers: readonly PeerFlag[];
  readonly bootstrap: boolean;
  /** False asks about the raft engine alone (spec/output.md §3, `--no-guards`). */
  readonly guards: boolean;
  readonly encryption: EncryptionInput;
  /** All groups of the process, for the guards; this one among them. */
  readonly groups: readonly ProcessGroup[];
  /** Digests of the store before and after. */
  readonly wantDigest: boolean;
  /** Takes a record of every entry that is delivered or replayed; null where none is wanted. */
  readonly onEntry: ((record: EntryRecord) => void) | null;
  /** Follows the boot entry by entry. */
  readonly watcher?: BootWatcher | undefined;
  /** Entries above it are neither replayed nor delivered. */
  readonly untilIndex?: bigint | undefined;
  /** Milliseconds since the epoch that a PREPARE's lock expiry counts from. */
  readonly nowMs: bigint;
  readonly pace: Pace;
}
