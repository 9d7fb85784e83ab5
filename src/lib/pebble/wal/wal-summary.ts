import type { LogEnd } from '../record/log-end.js';
import type { LostChunks } from '../record/look-ahead.js';

/** What replaying one WAL file found: a line of `ekv inspect`. */
export interface WalSummary {
  /** Number of the logical WAL. */
  readonly number: number;
  readonly segment: number;
  readonly path: string;
  readonly sizeBytes: number;
  /** Bytes of records that were read whole; the rest is tail. */
  readonly parsedBytes: number;
  readonly ending: LogEnd;
  /** Not the last WAL to be replayed, so that a torn end is damage. */
  readonly strict: boolean;
  /** Batches with operations. */
  readonly batches: number;
  readonly operations: number;
  /** LOGDATA only. */
  readonly emptyBatches: number;
  readonly firstSeqNum: bigint | undefined;
  readonly lastSeqNum: bigint | undefined;
  /** The WAL holds an ingest record, behind which Pebble does not read. */
  readonly ingest: boolean;
  /** Sound chunks behind an `unexpected-eof`, `invalid` or `zeroed` ending. */
  readonly lost: LostChunks | undefined;
}
