/**
 * Raft's side of a boot from the moment its storage is built: log, hard state, configuration, and
 * what is appended to the WAL. The WAL's appended bytes matter only where a repair has cut the last
 * segment, because then they show in its size.
 */
import type { Configuration } from '../raft/configuration.js';
import type { ConfState } from '../raft/conf-state.js';
import type { HardState } from '../raft/hard-state.js';
import type { WalEncoder } from '../raft/wal/encoder.js';
import type { SegmentName } from '../raft/wal/segment-name.js';
import type { SnapshotRecord } from '../raft/wal/snapshot-record.js';
import type { PlannedDisk } from './planned-disk.js';
import type { RaftLog } from './raft-log.js';
import type { SnapId } from './retention.js';

/** The segment that is appended to. Where it is not pre-allocated, appending makes it longer. */
export interface WalTail {
  readonly path: string;
  /** Behind its last record. */
  readonly offset: number;
  /** Its size as the boot found or cut it. */
  readonly size: number;
  /** Carries the CRC chain on. */
  readonly encoder: WalEncoder;
}

export interface RaftStart {
  /** `S`, 0 without a snapshot. */
  readonly snapshotIndex: bigint;
  readonly snapshotTerm: bigint;
  readonly confState: ConfState | undefined;
  readonly hardState: HardState;
  readonly log: RaftLog;
  /** 0 where nothing was restored or skipped. */
  readonly effectiveApplied: bigint;
  readonly vouched: SnapId[];
  readonly held: readonly SegmentName[];
  readonly tail: WalTail | null;
}

export class RaftState {
  readonly log: RaftLog;
  /** ConfState in force, in the order in which members are reported. */
  confState: ConfState;
  configuration: Configuration;
  term: bigint;
  vote: bigint;
  commit: bigint;
  applied: bigint;
  lastSnapshotIndex: bigint;
  readonly vouched: SnapId[];
  held: readonly SegmentName[];
  private readonly tail: WalTail | null;
  private readonly disk: PlannedDisk;

  constructor(
    start: RaftStart,
    core: { configuration: Configuration; confState: ConfState; applied: bigint },
    disk: PlannedDisk,
  ) {
    this.log = start.log;
    this.confState = core.confState;
    this.configuration = core.configuration;
    this.applied = core.applied;
    this.term = start.hardState.term ?? 0n;
    this.vote = start.hardState.vote ?? 0n;
    const commit = start.hardState.commit ?? 0n;
    this.commit = commit > start.snapshotIndex ? commit : start.snapshotIndex;
    this.lastSnapshotIndex = start.snapshotIndex;
    this.vouched = start.vouched;
    this.held = start.held;
    this.tail = start.tail;
    this.disk = disk;
  }

  /** The applied counter never falls. */
  advance(index: bigint): void {
    if (index > this.applied) this.applied = index;
  }

  saveSnapshotRecord(record: SnapshotRecord): void {
    this.tail?.encoder.snapshot(record);
    this.grow();
  }

  /**
   * What a sole voter's election saves (§6.7): its vote in the next term, the empty entry behind
   * everything, the commit of it. The uncommitted suffix is committed with it.
   */
  elect(nodeId: bigint): void {
    const before = { term: this.term, commit: this.commit, last: this.log.last };
    this.tail?.encoder.election(before, nodeId);
    this.grow();
    this.term += 1n;
    this.vote = nodeId;
    this.log.appendEmpty(this.term);
    this.commit = this.log.last;
  }

  private grow(): void {
    const { tail } = this;
    if (tail === null) return;
    const end = tail.offset + tail.encoder.bytesWritten;
    if (end > tail.size) this.disk.resize(tail.path, end);
  }
}
