/** What is wrong with the end of a log, in the node's terms and ours. */
import type { Finding } from '../core/finding.js';
import type { CorruptEnd, TornEnd, WalEnd } from '../raft/wal/wal-end.js';
import type { WalPass, WalPassOptions } from './wal-pass.js';
import type { WalRest } from './wal-rest.js';

const WHY_TORN: Readonly<Record<TornEnd['why'], string>> = {
  'length-field-cut': 'the file ends inside a length field',
  'record-longer-than-file': 'the record is longer than what is left of the file',
  'record-cut': 'the file ends inside a record',
  'zero-sector': 'a record holds a sector of zeros that was never written',
  'message-cut': 'a record ends inside a field',
};

/** What is wrong with the record, without the node's words and without the place. */
function faultText({ detail, nodeError }: CorruptEnd): string {
  if (detail !== undefined) return detail;
  const crc = /expected: ([0-9a-f]+) computed: ([0-9a-f]+)/.exec(nodeError);
  if (crc === null) return 'the record cannot be read';
  const [stored, computed] = crc.slice(1).map((digits) => digits.padStart(8, '0'));
  return `the record's stored CRC is ${stored}, computed ${computed}`;
}

type Read = Omit<WalPass, 'findings'>;

export function endFindings(pass: Read, options: WalPassOptions): Finding[] {
  const { end, segments } = pass;
  const findings: Finding[] = [];
  if (end.kind === 'torn') findings.push(...tornFindings(pass, end, options));
  if (end.kind === 'corrupt') {
    const rest = segments.find(({ name }) => name === end.segment)?.rest;
    findings.push({
      code: end.code,
      severity: 'error',
      file: options.fileOf(end.segment),
      offset: end.offset,
      message: `${faultText(end)}; ${behindText(rest)}`,
      nodeError: end.nodeError,
    });
  }
  for (const [i, { name, rest }] of segments.entries()) {
    if (rest?.nonZeroAt === undefined || ('segment' in end && stoppedIn(end, name))) continue;
    const file = options.fileOf(name);
    if (stopped(end) && i > segments.findIndex((each) => each.name === end.segment)) continue;
    const isLast = i === segments.length - 1;
    findings.push({
      code: isLast ? 'wal-tail-not-zero' : 'wal-segment-skipped',
      severity: 'warning',
      file,
      offset: rest.nonZeroAt,
      message: isLast
        ? `bytes behind the end of the log are not zero; ${behindText(rest)}; the node wipes them`
        : `the node passes over the last ${rest.bytes} bytes; ${behindText(rest)}`,
    });
  }
  return findings;
}

function stopped(end: WalEnd): end is Exclude<WalEnd, { kind: 'end-of-file' | 'preallocated' }> {
  return end.kind === 'torn' || end.kind === 'corrupt';
}

function stoppedIn(end: WalEnd, name: string): boolean {
  return stopped(end) && end.segment === name;
}

function tornFindings(pass: Read, end: TornEnd, { fileOf, whole }: WalPassOptions): Finding[] {
  const at = { file: fileOf(end.segment), offset: end.offset };
  const rest = pass.segments.find(({ name }) => name === end.segment)?.rest;
  const why = `${WHY_TORN[end.why]}; ${behindText(rest)}`;
  if (pass.segments.at(-1)?.name !== end.segment) {
    const message = `${why}. A segment that is not the last one cannot be repaired by the node`;
    const { nodeError } = end;
    return [{ ...at, code: 'wal-torn', severity: 'error', message, nodeError, exitCode: 2 }];
  }
  if (!whole && pass.segments.every(({ goodBytes }) => goodBytes === 0)) {
    const message = `not one record of it can be read: ${why}`;
    return [{ ...at, code: 'wal-torn', severity: 'error', message, exitCode: 2 }];
  }
  const cut = whole ? 'the next start cuts the file here' : 'in the last segment a start cuts here';
  const message = `${why}; ${cut}`;
  const findings: Finding[] = [{ ...at, code: 'wal-torn', severity: 'warning', message }];
  const commit = pass.hardState?.commit ?? 0n;
  if (rest?.lowestIndex !== undefined && rest.lowestIndex <= commit) {
    findings.push({
      ...at,
      code: 'committed-entry-cut',
      severity: 'error',
      index: rest.lowestIndex,
      message: `entries from ${rest.lowestIndex} on lie behind the cut, and commit is ${commit}`,
    });
  }
  return findings;
}

function behindText(rest: WalRest | undefined): string {
  if (rest === undefined) return 'nothing lies behind it';
  const { bytes, intact, intactOffset, damaged, lowestIndex, highestIndex } = rest;
  if (rest.zeros) return `the ${bytes} bytes behind are zero`;
  const range =
    lowestIndex === undefined ? '' : `, entries ${lowestIndex} to ${highestIndex ?? lowestIndex}`;
  if (intact === 0) return `no intact record in the ${bytes} bytes from here${range}`;
  const records = intact === 1 ? '1 intact record' : `${intact} intact records`;
  const bad = damaged === 0 ? '' : ` and ${damaged} damaged`;
  return `${records}${bad} behind it, the first @${intactOffset}${range}`;
}

/** An entry that does not follow the one before it. */
export interface EntryGap {
  readonly segment: string;
  readonly offset: number;
  readonly index: bigint;
  readonly before: bigint;
}

/** Told one by one; after these it goes without saying. */
const SHOWN_GAPS = 8;

export function gapFindings(gaps: readonly EntryGap[], { fileOf }: WalPassOptions): Finding[] {
  return gaps.slice(0, SHOWN_GAPS).map(({ segment, offset, index, before }) => ({
    code: 'wal-entry-gap',
    severity: 'error',
    file: fileOf(segment),
    offset,
    index,
    message: `entry ${index} follows entry ${before}: what lay between is missing from the log`,
  }));
}
