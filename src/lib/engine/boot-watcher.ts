/**
 * For somebody who follows a boot entry by entry: the log before anything is delivered, then every
 * entry the node handles or passes over, in the order of their indexes, with what a record leaves out.
 */
import type { EntryTable } from '../raft/wal/entry-table.js';
import type { ScanObserver } from '../raft/wal/snapshot-scan.js';
import type { ConfChangeV2 } from '../raft/conf-change.js';
import type { EntryRecord, Member } from './boot-report.js';
import type { EnvelopeWiring } from './envelopes.js';
import type { RaftLog } from './raft-log.js';

/** Raft's storage as the boot has built it. Valid until the boot ends. */
export interface FoundLog {
  /** `S`. */
  readonly snapshotIndex: bigint;
  /** `C`, at least `S`. */
  readonly commit: bigint;
  readonly log: RaftLog;
  /** Index of the last entry found: the boot itself may append one. */
  readonly last: bigint;
  /** Older records of overwritten entries above `S`; null where the log does not come from a WAL. */
  readonly superseded: EntryTable | null;
  /** Names of the segments that were opened; earlier ones are not read. Empty without a WAL. */
  readonly segments: readonly string[];
  readonly envelopes: EnvelopeWiring;
}

/** What an applied conf change did. */
export interface AppliedChange {
  readonly change: ConfChangeV2;
  /** Members in force after it. */
  readonly members: readonly Member[];
}

export interface EntryDetail {
  /** In clear; borrowed. Null where there is none, or it does not unwrap. */
  readonly payload: Uint8Array | null;
  readonly confChange: AppliedChange | null;
}

export interface BootWatcher {
  /** Sees the log's records while the boot scans all of it, so that they are not read once more. */
  readonly scan?: ScanObserver | undefined;
  /** Once, if the boot gets that far. */
  onLog(log: FoundLog): void | Promise<void>;
  /**
   * Entries below the floor that are not delivered included. The record comes without the payload's
   * digest where only watchers look.
   */
  onEntry(record: EntryRecord, detail: EntryDetail): void;
}
