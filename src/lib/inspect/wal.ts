/** A WAL directory: its listing, then one pass over every segment (spec/etcd-wal.md §1, §2). */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { DirSource } from '../io/dir-source.js';
import { PROTO_37 } from '../proto/dialect.js';
import { closeSegments, openSegments } from '../raft/wal/open-segments.js';
import { listWal, type SegmentName } from '../raft/wal/segment-name.js';
import type { WalEnd } from '../raft/wal/wal-end.js';
import { passWal, type SegmentPass, type WalPass } from './wal-pass.js';

export interface WalReport {
  readonly path: string;
  readonly segments: readonly SegmentPass[];
  /** Of the last chain of segments. */
  readonly last: WalPass | undefined;
  readonly end: WalEnd | undefined;
  /** Names in the directory that are no segments. */
  readonly others: readonly string[];
  readonly findings: readonly Finding[];
}

/** @throws {IoError} the directory cannot be listed */
export async function inspectWalDir(dir: DirSource, pace: Pace): Promise<WalReport> {
  const { segments, unparsable, others } = listWal(dir);
  const findings: Finding[] = [];
  for (const { name, canonical } of segments) {
    const message = 'the name is not 16-16 lower-case hex digits; it is read all the same';
    const file = `${dir.path}/${name}`;
    if (!canonical) findings.push({ code: 'wal-odd-name', severity: 'warning', file, message });
  }
  for (const name of unparsable) {
    const message = 'the name ends in .wal and cannot be parsed; the node reads no such file';
    findings.push({
      code: 'wal-odd-name',
      severity: 'warning',
      file: `${dir.path}/${name}`,
      message,
    });
  }
  if (segments.length === 0) {
    const message = 'there is no segment in it';
    findings.push({ code: 'wal-no-segment', severity: 'warning', file: dir.path, message });
  }
  const passes: SegmentPass[] = [];
  let last: WalPass | undefined;
  const chains = chainsOf(segments);
  for (const [i, chain] of chains.entries()) {
    const before = chains[i - 1]?.at(-1);
    const [first] = chain;
    if (before && first) findings.push(gapFinding(dir, before, first));
    const isLast = i === chains.length - 1;
    const pass = await chainPass(dir, chain, isLast, pace, findings);
    if (pass === undefined) continue;
    passes.push(...pass.segments);
    findings.push(...pass.findings);
    if (isLast) last = pass;
  }
  const rest = [...unparsable, ...others];
  return { path: dir.path, segments: passes, last, end: last?.end, others: rest, findings };
}

async function chainPass(
  dir: DirSource,
  chain: readonly SegmentName[],
  whole: boolean,
  pace: Pace,
  findings: Finding[],
): Promise<WalPass | undefined> {
  try {
    const open = openSegments(dir, chain);
    try {
      const fileOf = (name: string): string => `${dir.path}/${name}`;
      return await passWal(open, { dialect: PROTO_37, pace, whole, fileOf });
    } finally {
      closeSegments(open);
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error));
    return undefined;
  }
}

/** Runs of segments whose sequence numbers rise by one: each is a CRC chain of its own. */
function chainsOf(segments: readonly SegmentName[]): SegmentName[][] {
  const chains: SegmentName[][] = [];
  let previous: SegmentName | undefined;
  for (const segment of segments) {
    if (previous && segment.seq === previous.seq + 1n) chains.at(-1)?.push(segment);
    else chains.push([segment]);
    previous = segment;
  }
  return chains;
}

function gapFinding(dir: DirSource, before: SegmentName, after: SegmentName): Finding {
  return {
    code: 'wal-sequence-gap',
    severity: 'error',
    file: `${dir.path}/${after.name}`,
    message: `segment ${after.seq} follows segment ${before.seq}: what lay between is missing`,
  };
}
