/** Frames of a log, as records and as lines. */
import { hex32 } from '../../bytes/hex.js';
import type { RawOverwrite, RawSegment } from '../../replay/raw-frames.js';
import type { WalkedFrame, WalkedRecord } from '../../raft/wal/frame-walk.js';
import { countText, plural, sizeText } from '../sizes.js';

const TYPE_WORDS: readonly string[] = ['', 'metadata', 'entry', 'state', 'crc', 'snapshot'];
const ENTRY_WORDS: readonly string[] = ['normal', 'confChange', 'confChangeV2'];

function isRecord(frame: WalkedFrame): frame is WalkedRecord {
  return frame.kind !== 'zeros' && frame.kind !== 'no-frame';
}

function typeWord({ kind, type }: WalkedRecord): string {
  if (kind === 'malformed') return 'malformed';
  return TYPE_WORDS[type] || 'unknown';
}

export function frameResult(
  file: string,
  frame: WalkedFrame,
  overwrites: RawOverwrite | null,
): object {
  const offset = String(frame.offset);
  const length = String(frame.length);
  if (!isRecord(frame)) return { type: 'gap', file, offset, length, kind: frame.kind };
  const { entry, hardState, snapshot } = frame;
  return {
    type: 'frame',
    file,
    offset,
    length,
    recBytes: String(frame.recBytes),
    padBytes: frame.padBytes,
    crcState: frame.kind,
    storedCrc: frame.storedCrc === undefined ? null : hex32(frame.storedCrc),
    computedCrc: frame.computedCrc === undefined ? null : hex32(frame.computedCrc),
    recordType: typeWord(frame),
    dataOffset: String(frame.dataOffset),
    dataLength: String(frame.dataLength),
    ...(entry && {
      index: entry.index,
      term: entry.term,
      entryType: ENTRY_WORDS[entry.type] ?? 'unknown',
      overwrites,
    }),
    ...(hardState && {
      term: hardState.term ?? 0n,
      vote: hardState.vote ?? 0n,
      commit: hardState.commit ?? 0n,
    }),
    ...(snapshot && { index: snapshot.index, term: snapshot.term }),
  };
}

export function segmentResult(file: string, segment: RawSegment): object {
  const { bytes, end } = segment;
  return {
    type: 'segment',
    file,
    size: String(segment.size),
    ending: segment.ending,
    endOffset: segment.endOffset === null ? null : String(segment.endOffset),
    nodeError: end !== null && 'nodeError' in end ? end.nodeError : null,
    frames: segment.frames,
    damaged: segment.damaged,
    bytes: {
      frames: String(bytes.frames),
      zeros: String(bytes.zeros),
      unreadable: String(bytes.unreadable),
    },
  };
}

export const RAW_HEADING = rawColumns('offset', 'length', 'crc', 'stored', 'record') + 'says';

function rawColumns(
  offset: string,
  length: string,
  crc: string,
  stored: string,
  type: string,
): string {
  return (
    `${offset.padStart(11)} ${length.padStart(9)}  ${crc.padEnd(12)}  ` +
    `${stored.padEnd(8)}  ${type.padEnd(9)}  `
  );
}

export function frameText(frame: WalkedFrame, overwrites: RawOverwrite | null): string {
  const offset = String(frame.offset);
  const length = String(frame.length);
  if (!isRecord(frame)) {
    const what = frame.kind === 'zeros' ? 'zeros' : 'no frame in these bytes';
    return `${rawColumns(offset, length, '-', '', '')}${what}`;
  }
  const stored = frame.storedCrc === undefined ? '-' : hex32(frame.storedCrc);
  const columns = rawColumns(offset, length, frame.kind, stored, typeWord(frame));
  return `${columns}${saysText(frame, overwrites)}`.trimEnd();
}

function saysText(frame: WalkedRecord, overwrites: RawOverwrite | null): string {
  const parts: string[] = [];
  const { entry, hardState, snapshot, computedCrc } = frame;
  if (entry) {
    const type = entry.type === 0 ? '' : ` ${ENTRY_WORDS[entry.type] ?? `type ${entry.type}`}`;
    parts.push(`index ${entry.index} term ${entry.term}${type}, ${frame.dataLength} B`);
  }
  if (overwrites) parts.push(`overwrites ${overwrites.from} to ${overwrites.to}`);
  if (hardState) {
    const { term = 0n, vote = 0n, commit = 0n } = hardState;
    parts.push(`term ${term} vote ${vote.toString(16)} commit ${commit}`);
  }
  if (snapshot) parts.push(`index ${snapshot.index} term ${snapshot.term}`);
  if (frame.kind === 'crc-mismatch' && computedCrc !== undefined) {
    parts.push(`computed ${hex32(computedCrc)}`);
  }
  return parts.join('; ');
}

const ENDING_TEXT: Readonly<Record<RawSegment['ending'], string>> = {
  sealed: 'ends behind its last record',
  preallocated: 'ends at a zero length field, zeros behind it',
  'rest-not-zero': 'ends at a zero length field, and there are bytes behind it',
  torn: 'torn: the node stops reading here',
  corrupt: 'damaged: the node stops reading here and refuses',
  'not-reached': 'the node never gets here',
};

/** Two or three lines behind the frames of a segment. */
export function segmentLines(segment: RawSegment): string[] {
  const { size, ending, endOffset, frames, damaged, bytes, end } = segment;
  const at = endOffset === null ? '' : ` @${endOffset}`;
  const bad = damaged === 0 ? '' : `, ${plural(damaged, 'damaged one')} among them`;
  const lines = [
    `  ${ending}${at}: ${ENDING_TEXT[ending]}`,
    `  ${countText(size)} bytes: ${plural(frames, 'frame')} ${sizeText(bytes.frames)}${bad}, ` +
      `zeros ${sizeText(bytes.zeros)}, without a frame ${sizeText(bytes.unreadable)}`,
  ];
  if (end !== null && 'nodeError' in end) lines.push(`  the node says: ${end.nodeError}`);
  return lines;
}
