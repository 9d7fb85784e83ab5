/**
 * The frames of a log one by one, going on after damage (spec/etcd-wal.md §2, §4.7): where each lies,
 * whether its CRC continues the chain, what it says, what it overwrites, and how the node's own
 * reading of each segment ends. Every byte of a segment is in exactly one frame or gap.
 */
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import {
  BARE_CRC_MISMATCH,
  RECORD_TYPE,
  WalDecoder,
  type WalSegment,
} from '../raft/wal/decoder.js';
import {
  isRecord,
  walkFrames,
  type WalkedFrame,
  type WalkedRecord,
} from '../raft/wal/frame-walk.js';
import { chainDetail, endOf } from '../raft/wal/snapshot-scan.js';
import type { WalEnd } from '../raft/wal/wal-end.js';

/** How the node's reading leaves a segment. */
export type SegmentEnding =
  /** Behind a record, at the end of the file. */
  | 'sealed'
  /** At a zero length field, nothing but zeros behind it. */
  | 'preallocated'
  /** At a zero length field, with bytes behind it that are not zero. */
  | 'rest-not-zero'
  | 'torn'
  | 'corrupt'
  /** The reading ended in a segment before it. */
  | 'not-reached';

export interface SegmentBytes {
  /** In frames, length field and padding included. */
  readonly frames: number;
  readonly zeros: number;
  /** In which no frame is found. */
  readonly unreadable: number;
}

export interface RawSegment {
  readonly segment: string;
  readonly size: number;
  readonly ending: SegmentEnding;
  /** Where the node's reading of it ends; null where it never gets there. */
  readonly endOffset: number | null;
  /** Of a torn or corrupt one. */
  readonly end: WalEnd | null;
  readonly frames: number;
  readonly damaged: number;
  readonly bytes: SegmentBytes;
}

/** Entries that a record overwrites, as far as they were seen before it. */
export interface RawOverwrite {
  readonly from: bigint;
  readonly to: bigint;
}

export interface RawSink {
  frame(segment: string, frame: WalkedFrame, overwrites: RawOverwrite | null): void;
  /** Behind the last frame of each. */
  segment(segment: RawSegment): void;
}

const PACE_FRAMES = 512;

/** @throws {IoError}; {UnsupportedError} for a record beyond the tool's limit */
export async function listFrames(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  sink: RawSink,
  pace: Pace,
): Promise<void> {
  const reading = readAsNode(segments, dialect);
  let crc: number | undefined = 0;
  let lastIndex: bigint | null = null;
  for (const [ordinal, { name, source }] of segments.entries()) {
    const tally = new Tally();
    let passed = 0;
    let bytes = 0;
    for (const frame of walkFrames(source, dialect, { offset: 0, crc })) {
      tally.add(frame);
      const entry = isRecord(frame) ? frame.entry : undefined;
      const overwrites = overwriteOf(entry, lastIndex);
      sink.frame(name, frame, overwrites);
      if (entry !== undefined && frame.kind !== 'crc-mismatch') lastIndex = entry.index;
      if (isRecord(frame)) crc = frame.storedCrc;
      else if (frame.kind === 'no-frame') crc = undefined;
      bytes += frame.length;
      if (++passed % PACE_FRAMES !== 0) continue;
      await pace.step(bytes);
      bytes = 0;
    }
    sink.segment({
      segment: name,
      size: source.size,
      ...reading.of(ordinal, tally),
      ...tally.sums(),
    });
    await pace.step(bytes);
  }
}

function overwriteOf(entry: WalkedRecord['entry'], lastIndex: bigint | null): RawOverwrite | null {
  if (entry === undefined || lastIndex === null || entry.index > lastIndex) return null;
  return { from: entry.index, to: lastIndex };
}

class Tally {
  private frames = 0;
  private damaged = 0;
  private readonly bytes = { frames: 0, zeros: 0, unreadable: 0 };
  /** Bytes that are not zero lie behind the first zero length field. */
  restNotZero = false;

  add(frame: WalkedFrame): void {
    if (frame.kind === 'zeros') this.bytes.zeros += frame.length;
    else {
      this.restNotZero ||= this.bytes.zeros > 0;
      if (isRecord(frame)) {
        this.bytes.frames += frame.length;
        this.frames++;
        if (frame.kind !== 'ok') this.damaged++;
      } else this.bytes.unreadable += frame.length;
    }
  }

  sums(): Pick<RawSegment, 'frames' | 'damaged' | 'bytes'> {
    return { frames: this.frames, damaged: this.damaged, bytes: this.bytes };
  }
}

interface Reading {
  of(ordinal: number, tally: Tally): Pick<RawSegment, 'ending' | 'endOffset' | 'end'>;
}

/** The node's own pass over the list, which stops at the first damage. */
function readAsNode(segments: readonly WalSegment[], dialect: ProtoDialect): Reading {
  const decoder = new WalDecoder(segments, dialect);
  /** Behind the last good record of each segment. */
  const offsets: number[] = [];
  try {
    while (decoder.next()) {
      offsets[decoder.ordinal] = decoder.offset;
      if (decoder.type === RECORD_TYPE.crc && !decoder.acceptCrcRecord()) {
        decoder.stop('wal-crc-chain', BARE_CRC_MISMATCH, { detail: chainDetail(decoder) });
      } else if (decoder.type < RECORD_TYPE.metadata || decoder.type > RECORD_TYPE.snapshot) {
        decoder.stop('wal-unknown-record-type', `unexpected block type ${decoder.typeNumber}`);
      }
    }
  } finally {
    decoder.close();
  }
  const end = endOf(decoder);
  const stoppedAt = decoder.ordinal;
  return {
    of: (ordinal, { restNotZero }) => {
      if (ordinal > stoppedAt) return { ending: 'not-reached', endOffset: null, end: null };
      const stopped = end.kind === 'torn' || end.kind === 'corrupt';
      if (ordinal === stoppedAt && stopped) {
        return { ending: end.kind, endOffset: end.offset, end };
      }
      const endOffset = offsets[ordinal] ?? 0;
      if (endOffset === segments[ordinal]?.source.size) {
        return { ending: 'sealed', endOffset, end: null };
      }
      return { ending: restNotZero ? 'rest-not-zero' : 'preallocated', endOffset, end: null };
    },
  };
}
