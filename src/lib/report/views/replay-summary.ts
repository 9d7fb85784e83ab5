/** The lines around a listing: what is about to be listed, and what it came to. */
import type { DispositionCounts } from '../../replay/replay-node.js';
import type { PhaseShare, ReplayStats, Share } from '../../replay/replay-stats.js';
import type { WalSurvey } from '../../replay/wal-survey.js';
import { hlcText } from '../dates.js';
import { countText, plural, sizeText } from '../sizes.js';
import type { Column } from '../table.js';

/** `104,002 records in 2 segments, indexes 2 to 102001, commit 102001; the log ends cleanly`. */
export function surveyText(survey: WalSurvey | null, segments: number): string {
  if (survey === null) return 'there is no WAL to read';
  const { entries, overwrites, first, last, hardState, end } = survey;
  const parts = [`${plural(entries, 'entry record')} in ${plural(segments, 'segment')}`];
  if (first !== null) parts.push(`indexes ${first} to ${last ?? first}`);
  parts.push(hardState === undefined ? 'no saved state' : `commit ${hardState.commit ?? 0n}`);
  if (overwrites.length > 0) parts.push(plural(overwrites.length, 'overwrite'));
  const at = end.segment === undefined ? '' : ` at ${end.segment} @${end.offset}`;
  const how = { torn: 'is torn', corrupt: 'is damaged' } as const;
  const ending =
    end.kind === 'torn' || end.kind === 'corrupt'
      ? `the log ${how[end.kind]}${at}`
      : 'the log ends cleanly';
  return `${parts.join(', ')}; ${ending}`;
}

/** `100,003 entries: 90,001 fresh, 2 uncommitted, …`, those that there are. */
export function countsText(counts: DispositionCounts): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  const all = present.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return 'no entries';
  const words = present.map(([word, count]) => `${countText(count)} ${word}`);
  return `${plural(all, 'entry', 'entries')}: ${words.join(', ')}`;
}

export function shownText(matched: number, shown: number): string {
  if (shown === matched) return `${countText(matched)} shown`;
  return `${countText(shown)} shown of ${countText(matched)} that fit`;
}

export const SHARE_COLUMNS: readonly Column[] = [
  { title: 'entries', align: 'right' },
  { title: 'bytes', align: 'right' },
  { title: 'first', align: 'right' },
  { title: 'last', align: 'right' },
];

export function shareRows(shares: ReadonlyMap<string, Share>): string[][] {
  return [...shares]
    .sort(([, a], [, b]) => b.entries - a.entries)
    .map(([word, { entries, bytes, first, last }]) => [
      word,
      countText(entries),
      sizeText(bytes),
      String(first),
      String(last),
    ]);
}

export const PHASE_COLUMNS: readonly Column[] = [
  { title: 'requests' },
  { title: 'count', align: 'right' },
  { title: 'mutations', align: 'right' },
  { title: 'failed', align: 'right' },
];

export function phaseRows(phases: ReadonlyMap<string, PhaseShare>): string[][] {
  return [...phases]
    .sort(([, a], [, b]) => b.requests - a.requests)
    .map(([word, { requests, mutations, failed }]) => [
      word,
      countText(requests),
      countText(mutations),
      countText(failed),
    ]);
}

export function statsFields(stats: ReplayStats): (readonly [string, string | undefined])[] {
  const { first, last, minCommitTs, maxCommitTs } = stats;
  return [
    ['entries', countText(stats.entries)],
    ['payload bytes', sizeText(stats.bytes)],
    ['indexes', first === null ? undefined : `${first} to ${last ?? first}`],
    [
      'commit times',
      minCommitTs === null || maxCommitTs === null
        ? undefined
        : `${hlcText(minCommitTs)} to ${hlcText(maxCommitTs)}`,
    ],
  ];
}

export function errorRows(errors: ReadonlyMap<string, number>): string[][] {
  return [...errors].sort(([, a], [, b]) => b - a).map(([name, n]) => [name, countText(n)]);
}
