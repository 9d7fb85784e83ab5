/** WAL segments, as text and JSON. */
import { hex } from '../../bytes/hex.js';
import type { WalReport } from '../../inspect/wal.js';
import type { SegmentPass, WalPass } from '../../inspect/wal-pass.js';
import type { WalEnd } from '../../raft/wal/wal-end.js';
import type { ConfState } from '../../raft/conf-state.js';
import { countText, exactSizeText, plural, sizeText } from '../sizes.js';
import type { Section, TableSection } from './section.js';

export function confStateText(state: ConfState | undefined): string | undefined {
  if (state === undefined) return undefined;
  const parts = [`voters ${state.voters.join(', ') || 'none'}`];
  if (state.learners.length > 0) parts.push(`learners ${state.learners.join(', ')}`);
  if (state.votersOutgoing.length > 0) parts.push(`outgoing ${state.votersOutgoing.join(', ')}`);
  if (state.learnersNext.length > 0) parts.push(`learners next ${state.learnersNext.join(', ')}`);
  if (state.autoLeave === true) parts.push('auto leave');
  return parts.join('; ');
}

export function confStateJson(state: ConfState | undefined): object | null {
  if (state === undefined) return null;
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = state;
  return { voters, learners, votersOutgoing, learnersNext, autoLeave: autoLeave ?? false };
}

function rangeText({ firstIndex, lastIndex }: SegmentPass): string {
  return firstIndex === undefined ? '–' : `${firstIndex}–${lastIndex ?? firstIndex}`;
}

function restText({ rest }: SegmentPass): string {
  if (rest === undefined) return 'nothing';
  if (rest.zeros) return `${sizeText(rest.bytes)} of zeros`;
  const found = rest.intact > 0 ? `, ${countText(rest.intact)} intact` : '';
  return `${sizeText(rest.bytes)} NOT LOG${found}`;
}

export function segmentTable(segments: readonly SegmentPass[]): TableSection {
  return {
    title: 'Segments',
    columns: [
      { title: 'segment' },
      { title: 'size', align: 'right' },
      { title: 'entries', align: 'right' },
      { title: 'indexes' },
      { title: 'log ends at', align: 'right' },
      { title: 'behind it' },
    ],
    rows: segments.map((segment) => [
      segment.name,
      sizeText(segment.size),
      countText(segment.records.entry),
      rangeText(segment),
      String(segment.goodBytes),
      restText(segment),
    ]),
  };
}

function sums(segments: readonly SegmentPass[]): Record<string, number> {
  const total = { metadata: 0, entry: 0, state: 0, crc: 0, snapshot: 0 };
  for (const { records } of segments) {
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += records[name];
  }
  return total;
}

const ENDING: Readonly<Record<WalEnd['kind'], string>> = {
  'end-of-file': 'clean, at the end of the file',
  preallocated: 'clean, zeros follow',
  torn: 'torn',
  corrupt: 'DAMAGED',
};

export function endingText(end: WalEnd | undefined): string {
  if (end === undefined) return 'unknown';
  return `${ENDING[end.kind]} @${end.offset}`;
}

const SHOWN_SNAPSHOTS = 3;

export function walSections(
  segments: readonly SegmentPass[],
  pass: WalPass | undefined,
): Section[] {
  const counts = sums(segments);
  const state = pass?.hardState;
  const indexes = segments.flatMap((s) => (s.firstIndex === undefined ? [] : [s.firstIndex]));
  const lasts = segments.flatMap((s) => (s.lastIndex === undefined ? [] : [s.lastIndex]));
  const overwrites = segments.reduce((sum, segment) => sum + segment.overwrites, 0);
  const changes = segments.reduce((sum, segment) => sum + segment.confChanges, 0);
  const size = segments.reduce((sum, segment) => sum + segment.size, 0);
  const snapshots = (pass?.snapshots ?? []).slice(-SHOWN_SNAPSHOTS);
  const conf = snapshots.at(-1)?.confState;
  return [
    {
      fields: [
        ['size', exactSizeText(size)],
        [
          'entries',
          indexes.length === 0
            ? 'none'
            : `${countText(counts['entry'] ?? 0)}, index ${indexes[0]} to ${lasts.at(-1)}`,
        ],
        [
          'overwritten',
          overwrites > 0 ? `${countText(overwrites)} (a new leader replaced a tail)` : undefined,
        ],
        ['conf changes', changes > 0 ? countText(changes) : undefined],
        [
          'hard state',
          state
            ? `term ${state.term ?? 0n}, vote ${state.vote ?? 0n}, commit ${state.commit ?? 0n}`
            : 'none',
        ],
        [
          'snapshot records',
          pass && pass.snapshotCount > 0
            ? `${countText(pass.snapshotCount)}, the last at ${placesText(snapshots)}`
            : 'none',
        ],
        ['conf state', confStateText(conf)],
        ['metadata', pass?.metadata && pass.metadata.length > 0 ? hex(pass.metadata) : undefined],
        ['records', recordsText(counts)],
        ['ending', endingText(pass?.end)],
      ],
    },
    segmentTable(segments),
  ];
}

function placesText(snapshots: readonly { index: bigint; term: bigint }[]): string {
  return snapshots.map(({ index, term }) => `${index} (term ${term})`).join(', ');
}

function recordsText(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${countText(count)} ${name}`)
    .join(', ');
}

export function walHeadline(segments: readonly SegmentPass[], end: WalEnd | undefined): string {
  const entries = segments.reduce((sum, { records }) => sum + records.entry, 0);
  const what =
    segments.length === 1 ? 'WAL segment' : `WAL of ${plural(segments.length, 'segment')}`;
  const many = entries === 1 ? '1 entry' : `${countText(entries)} entries`;
  return `${what}, ${many}, ending ${endingText(end)}`;
}

export function endJson(end: WalEnd | undefined): object | null {
  if (end === undefined) return null;
  return {
    kind: end.kind,
    segment: end.segment ?? null,
    offset: BigInt(end.offset),
    nodeError: 'nodeError' in end ? end.nodeError : null,
  };
}

export function walJson(
  segments: readonly SegmentPass[],
  pass: WalPass | undefined,
  others: WalReport['others'] = [],
): object {
  const state = pass?.hardState;
  return {
    segments: segments.map((segment) => ({
      name: segment.name,
      size: BigInt(segment.size),
      records: segment.records,
      firstIndex: segment.firstIndex ?? null,
      lastIndex: segment.lastIndex ?? null,
      firstTerm: segment.firstTerm ?? null,
      lastTerm: segment.lastTerm ?? null,
      overwrites: segment.overwrites,
      confChanges: segment.confChanges,
      logBytes: BigInt(segment.goodBytes),
      rest: segment.rest
        ? {
            offset: BigInt(segment.rest.offset),
            bytes: BigInt(segment.rest.bytes),
            zeros: segment.rest.zeros,
            intactRecords: segment.rest.intact,
            damagedRecords: segment.rest.damaged,
          }
        : null,
    })),
    hardState: state
      ? { term: state.term ?? 0n, vote: state.vote ?? 0n, commit: state.commit ?? 0n }
      : null,
    metadataHex: pass?.metadata ? hex(pass.metadata) : null,
    snapshotRecords: {
      count: pass?.snapshotCount ?? 0,
      last: (pass?.snapshots ?? []).map(({ index, term, confState }) => ({
        index,
        term,
        confState: confStateJson(confState),
      })),
    },
    end: endJson(pass?.end),
    others,
  };
}
