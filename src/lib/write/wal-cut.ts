/**
 * Where a log can be cut: where the node's own repair would, at the last valid record, or behind an
 * index of the operator's choice.
 */
import type { ProtoDialect } from '../proto/dialect.js';
import { RECORD_TYPE, WalDecoder } from '../raft/wal/decoder.js';
import { isClean } from '../raft/wal/wal-end.js';
import type { LogSurvey } from './log-survey.js';

export type CutWish =
  | { readonly kind: 'node' }
  | { readonly kind: 'last-valid' }
  | { readonly kind: 'index'; readonly index: bigint };

/** Everything from `offset` of segment `ordinal` on goes, later segments included. */
export interface WalCut {
  readonly kind: CutWish['kind'];
  readonly ordinal: number;
  readonly segment: string;
  readonly offset: number;
  /** Running CRC there. */
  readonly crc: number;
}

/** Why a cut is not to be had; a value, because the other cuts are shown all the same. */
export interface NoCut {
  readonly code: 'repair-not-needed' | 'repair-node-refuses' | 'repair-cut-outside';
  readonly why: string;
}

export function isNoCut(value: WalCut | NoCut): value is NoCut {
  return 'why' in value;
}

export function findCut(survey: LogSurvey, wish: CutWish, dialect: ProtoDialect): WalCut | NoCut {
  switch (wish.kind) {
    case 'node':
      return nodeCut(survey, dialect);
    case 'last-valid':
      return lastValidCut(survey, dialect);
    case 'index':
      return indexCut(survey, wish.index, dialect);
  }
}

/** The node looks at the last segment alone, and only when reading ended in an unexpected EOF. */
function nodeCut(survey: LogSurvey, dialect: ProtoDialect): WalCut | NoCut {
  const { content, nodeRepair, segments } = survey;
  if (survey.scan.end.kind === 'corrupt') return refused(survey.scan.end.nodeError);
  if (content.end.kind === 'corrupt') return refused(content.end.nodeError);
  if (isClean(content.end)) return NOT_NEEDED;
  if (nodeRepair.kind === 'refuse') return refused(nodeRepair.nodeError);
  if (nodeRepair.kind === 'nothing') {
    return refused(`${content.end.segment} is damaged, and the node mends the last segment alone`);
  }
  return cutAt(survey, 'node', segments.length - 1, nodeRepair.offset, dialect);
}

const NOT_NEEDED: NoCut = { code: 'repair-not-needed', why: 'the log reads to its end' };

function refused(nodeError: string): NoCut {
  return { code: 'repair-node-refuses', why: `the node repairs nothing here: ${nodeError}` };
}

function lastValidCut(survey: LogSurvey, dialect: ProtoDialect): WalCut | NoCut {
  // A fault in front of the segments that are read stops the boot as well.
  const end = isClean(survey.scan.end) ? survey.content.end : survey.scan.end;
  if (isClean(end)) return NOT_NEEDED;
  const ordinal = survey.segments.findIndex(({ name }) => name === end.segment);
  return cutAt(survey, 'last-valid', ordinal, end.offset, dialect);
}

function outside(why: string): NoCut {
  return { code: 'repair-cut-outside', why };
}

function indexCut(survey: LogSurvey, index: bigint, dialect: ProtoDialect): WalCut | NoCut {
  const { start, last, content, firstRead } = survey;
  if (index < start.index) {
    const why = `index ${index} lies below the snapshot at ${start.index}`;
    return outside(`${why}: the log would not reach it`);
  }
  if (index > last) return outside(`the log can be read up to index ${last} only`);
  if (index === last) {
    const cut = lastValidCut(survey, dialect);
    return isNoCut(cut) ? outside(`the log ends at index ${last} already`) : cut;
  }
  // The record in force: an older one of that index may stand further in front.
  const row = content.entries.row(Number(index - start.index));
  return cutAt(survey, 'index', firstRead + row.segment, row.frameOffset, dialect);
}

/**
 * The running CRC at the cut. Of a segment cut at its very beginning nothing stays but under the
 * node's own repair: the cut is then at the end of the one before it.
 */
function cutAt(
  survey: LogSurvey,
  kind: CutWish['kind'],
  ordinal: number,
  offset: number,
  dialect: ProtoDialect,
): WalCut | NoCut {
  const back = offset === 0 && kind !== 'node';
  if (back && ordinal === 0) {
    return outside('the first record is bad: nothing would remain');
  }
  const last = offset === 0 ? ordinal - 1 : ordinal;
  const decoder = new WalDecoder(survey.segments.slice(0, last + 1), dialect);
  try {
    while (decoder.next()) {
      if (decoder.type === RECORD_TYPE.crc) decoder.acceptCrcRecord();
      if (offset > 0 && decoder.ordinal === ordinal && decoder.offset >= offset) break;
    }
    const at = back ? { ordinal: last, offset: decoder.offset } : { ordinal, offset };
    const segment = survey.segments[at.ordinal]?.name ?? '';
    return { kind, ...at, segment, crc: decoder.crc };
  } finally {
    decoder.close();
  }
}
