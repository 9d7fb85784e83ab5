/** The lines that end a listing of `replay-wal`: verdict, sums, findings. */
import type { Outcome } from '../base-command.js';
import type { Finding } from '../lib/core/finding.js';
import { TYPE_WORDS } from '../lib/replay/entry-filter.js';
import type { LogReplay } from '../lib/replay/replay-log.js';
import type { NodeReplay } from '../lib/replay/replay-node.js';
import type { ReplayStats } from '../lib/replay/replay-stats.js';
import { GENERATIONS } from '../lib/engine/generation.js';
import { generationText, verdictLine } from '../lib/report/views/dry-run.js';
import {
  countsText,
  errorRows,
  PHASE_COLUMNS,
  phaseRows,
  SHARE_COLUMNS,
  shareRows,
  shownText,
  statsFields,
  surveyText,
} from '../lib/report/views/replay-summary.js';
import { plural } from '../lib/report/sizes.js';
import { wrapText } from '../lib/report/wrap.js';
import type { Page } from './page.js';
import type { RawListing } from './raw-listing.js';
import type { ReplayListing } from './replay-listing.js';

interface Ending {
  readonly listing: ReplayListing;
  readonly findings: readonly Finding[];
}

export async function nodeEnd(
  page: Page,
  ending: Ending & { readonly replay: NodeReplay },
): Promise<void> {
  const { replay, listing } = ending;
  const { boot, survey, segments, counts } = replay;
  if (!listing.onlySums) await page.line();
  await page.line(verdictLine(boot, page.theme, page.width));
  await page.line(
    `asked of ${generationText(boot.generation, GENERATIONS[boot.generation].build)}`,
  );
  if (listing.onlySums) await page.line(surveyText(survey, segments));
  await page.lines(wrapText(countsText(counts), page.width));
  const { store } = boot;
  if (store !== null) {
    await page.line();
    await page.fields([
      ['store', plural(store.keys, 'raw key')],
      ['sha256', store.sha256],
      ...Object.entries(store.meta),
    ]);
  }
  await endOf(page, ending);
}

export async function logEnd(
  page: Page,
  ending: Ending & { readonly replay: LogReplay; readonly segments: number },
): Promise<void> {
  const { replay, segments, listing } = ending;
  if (listing.onlySums) await page.line(surveyText(replay.survey, segments));
  else await page.line();
  await page.lines(wrapText(countsText(replay.counts), page.width));
  await endOf(page, ending);
}

async function endOf(page: Page, { listing, findings }: Ending): Promise<void> {
  if (listing.filtered && !listing.onlySums) {
    await page.line(shownText(listing.extent.matched, listing.extent.shown));
  }
  if (listing.onlySums) {
    await page.line();
    await showStats(page, listing.stats);
  }
  if (findings.length === 0) return;
  await page.line();
  await page.findings(findings);
}

export async function rawEnd(
  page: Page,
  { frames, damaged }: RawListing,
  findings: readonly Finding[],
): Promise<void> {
  const bad = damaged === 0 ? 'none damaged' : plural(damaged, 'damaged one');
  await page.line(`${plural(frames, 'frame or gap', 'frames and gaps')}, ${bad}`);
  if (findings.length === 0) return;
  await page.line();
  await page.findings(findings);
}

async function showStats(page: Page, stats: ReplayStats): Promise<void> {
  await page.fields(statsFields(stats));
  const shares = [
    ['payload', stats.types],
    ['disposition', stats.dispositions],
  ] as const;
  for (const [title, of] of shares) {
    if (of.size === 0) continue;
    await page.line();
    await page.table([{ title }, ...SHARE_COLUMNS], shareRows(of));
  }
  if (stats.phases.size > 0) {
    await page.line();
    await page.table(PHASE_COLUMNS, phaseRows(stats.phases));
  }
  if (stats.errors.size === 0) return;
  await page.line();
  await page.table(
    [{ title: 'error' }, { title: 'times', align: 'right' }],
    errorRows(stats.errors),
  );
}

/** What `--type list` answers. */
export function typeWords(): Outcome {
  return {
    findings: [],
    result: { types: TYPE_WORDS },
    summary: { types: TYPE_WORDS },
    text: async (page) => {
      await page.line('--type takes any of these words, several of them separated by commas:');
      await page.fields(Object.entries(TYPE_WORDS).map(([of, words]) => [of, words.join(' ')]));
    },
  };
}
