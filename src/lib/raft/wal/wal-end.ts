/**
 * How reading a WAL ended, as a value (spec/etcd-wal.md §2.5, §4.3). Every reader yields exactly one.
 */
import type { ErrorCode } from '../../core/codes/all.js';

/** EOF: the log ends cleanly. */
export interface CleanEnd {
  /** `end-of-file`: the file ends behind a record. `preallocated`: a zero length field follows. */
  readonly kind: 'end-of-file' | 'preallocated';
  /** Name of the last segment; undefined when there was none to read. */
  readonly segment: string | undefined;
  /** Behind the last good record: here the boot starts to zero and to append. */
  readonly offset: number;
}

/** UEOF: the only ending that leads to a repair. */
export interface TornEnd {
  readonly kind: 'torn';
  readonly why:
    'length-field-cut' | 'record-longer-than-file' | 'record-cut' | 'zero-sector' | 'message-cut';
  readonly code: ErrorCode;
  readonly segment: string;
  /** Of the frame that is bad = behind the last good record: here a repair cuts. */
  readonly offset: number;
  readonly nodeError: string;
}

/** Any other error: the node refuses and repairs nothing, or panics. */
export interface CorruptEnd {
  readonly kind: 'corrupt';
  readonly code: ErrorCode;
  readonly segment: string;
  readonly offset: number;
  readonly nodeError: string;
  /** The process dies by a Go panic with `nodeError` as its text. */
  readonly panic: boolean;
  /** What is wrong, in our words, where the node's text does not say. */
  readonly detail?: string | undefined;
}

/** How the decoder ended; operations add their own refusals to `CorruptEnd`. */
export type WalEnd = CleanEnd | TornEnd | CorruptEnd;

export function isClean(end: WalEnd): end is CleanEnd {
  return end.kind === 'end-of-file' || end.kind === 'preallocated';
}

/** The rest of a segment that is not the last, passed over because of a zero length field. */
export interface SkippedRest {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
}
