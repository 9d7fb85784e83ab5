/**
 * `ValidSnapshotEntries`: which snapshots the WAL vouches for (spec/etcd-wal.md §4.1). Reads all
 * parsable segments from the first, with no sequence check.
 */
import { ProtoError } from '../../proto/proto-error.js';
import type { ProtoDialect } from '../../proto/dialect.js';
import type { WireReader } from '../../proto/wire-reader.js';
import { HardStateHead, type HardState } from '../hard-state.js';
import {
  BARE_CRC_MISMATCH,
  RECORD_TYPE,
  WalDecoder,
  type DecoderOptions,
  type WalSegment,
} from './decoder.js';
import { readSnapshotRecord, type SnapshotRecord } from './snapshot-record.js';
import type { CorruptEnd, SkippedRest, WalEnd } from './wal-end.js';

export interface FoundSnapshot extends SnapshotRecord {
  readonly segment: string;
  readonly offset: number;
}

export interface SnapshotScan {
  /** Every snapshot record read, in file order; duplicates stay. */
  readonly all: readonly FoundSnapshot[];
  /** Those with `index <= commit`: the list `.snap` files are matched against. */
  readonly valid: readonly FoundSnapshot[];
  /** The last one read; undefined when there was none, which counts as commit 0. */
  readonly hardState: HardState | undefined;
  /** Clean and torn are success; corrupt refuses the boot, with no repair. */
  readonly end: WalEnd;
  readonly skipped: readonly SkippedRest[];
}

/** Somebody who looks at the records that a scan reads, instead of reading them once more. */
export interface ScanObserver {
  /** Of every record, before the scan looks at it. */
  onRecord(decoder: WalDecoder): void;
  /** The scan has come to its end. */
  onScanned(decoder: WalDecoder): void;
}

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export function scanSnapshots(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  options?: DecoderOptions,
  observers: readonly (ScanObserver | undefined)[] = [],
): SnapshotScan {
  const decoder = new WalDecoder(segments, dialect, options);
  const looking = observers.filter((observer) => observer !== undefined);
  try {
    const found = scan(decoder, looking);
    for (const observer of looking) observer.onScanned(decoder);
    return found;
  } finally {
    decoder.close();
  }
}

function scan(decoder: WalDecoder, observers: readonly ScanObserver[]): SnapshotScan {
  const all: FoundSnapshot[] = [];
  let states = 0;
  let last = new HardStateHead();
  let next = new HardStateHead();
  while (decoder.next()) {
    for (const observer of observers) observer.onRecord(decoder);
    if (decoder.type === RECORD_TYPE.snapshot) {
      const record = parsed(decoder, () => readSnapshotRecord(decoder.dataMessage('Snapshot')));
      if (record === undefined) break;
      all.push({ ...record, segment: decoder.segment.name, offset: decoder.frameOffset });
    } else if (decoder.type === RECORD_TYPE.state) {
      if (!reads(decoder, next, 'HardState')) break;
      [last, next] = [next, last];
      states++;
    } else if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) {
      decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
    }
  }
  const hardState = states === 0 ? undefined : last.state();
  const commit = hardState?.commit ?? 0n;
  const valid = all.filter(({ index }) => index <= commit);
  return { all, valid, hardState, end: endOf(decoder), skipped: decoder.skipped };
}

/** What a crc record that breaks the chain says, for our own message. */
export function chainDetail(decoder: WalDecoder): string {
  const stored = decoder.storedCrc.toString(16).padStart(8, '0');
  const running = decoder.crc.toString(16).padStart(8, '0');
  return `the segment says that the chain stands at ${stored}, it stands at ${running}`;
}

/** The message in the record at hand; undefined where the node panics over it. */
export function parsed<T>(decoder: WalDecoder, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    stopBy(decoder, error);
    return undefined;
  }
}

/** Lets `head` read the message in the record at hand. @returns false where the node panics */
export function reads(
  decoder: WalDecoder,
  head: { read(r: WireReader): void },
  goName: string,
): boolean {
  try {
    head.read(decoder.dataMessage(goName));
    return true;
  } catch (error) {
    stopBy(decoder, error);
    return false;
  }
}

function stopBy(decoder: WalDecoder, error: unknown): void {
  decoder.end = malformedEnd(decoder, error);
}

/** The end at a message that does not parse, which is a panic of the node. */
export function malformedEnd(decoder: WalDecoder, error: unknown): CorruptEnd {
  if (!(error instanceof ProtoError)) throw error;
  const text = `unmarshal should never fail (${error.nodeError ?? error.detail})`;
  return decoder.corruptEnd('wal-message-malformed', text, { panic: true, detail: error.detail });
}

export function endOf(decoder: WalDecoder): WalEnd {
  return decoder.end ?? { kind: 'end-of-file', segment: undefined, offset: 0 };
}
