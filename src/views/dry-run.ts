/** The dry run on a page, top to bottom: verdict, numbers, picture, effects, findings, what to do. */
import type { Finding } from '../lib/core/finding.js';
import type { BootReport } from '../lib/engine/boot-report.js';
import type { Difference } from '../lib/engine/differences.js';
import { GENERATIONS } from '../lib/engine/generation.js';
import type { Landmarks } from '../lib/engine/landmarks.js';
import { findingsCountText } from '../lib/report/finding-text.js';
import { indexLineText } from '../lib/report/index-line.js';
import { indexLineOf } from '../lib/report/views/boot-line.js';
import {
  actionRows,
  basisFields,
  endFields,
  generationText,
  refusalFields,
  verdictLine,
} from '../lib/report/views/dry-run.js';
import type { ToDo } from '../lib/report/what-to-do.js';
import { wrapText } from '../lib/report/wrap.js';
import type { Page } from '../shell/page.js';
import { showSteps } from './steps.js';

export interface DryRun {
  /** One a generation. */
  readonly reports: readonly BootReport[];
  /** The one that stands for the verdict. */
  readonly main: BootReport;
  readonly differences: readonly Difference[];
  readonly landmarks: Landmarks;
  readonly findings: readonly Finding[];
  readonly steps: readonly ToDo[];
}

export async function showDryRun(page: Page, run: DryRun): Promise<void> {
  const { reports, main, differences, landmarks, findings, steps } = run;
  if (reports.length > 1) await showGenerations(page, reports, main);
  for (const report of reports) await showReport(page, report, landmarks, reports.length > 1);
  if (differences.length > 0) await showDifferences(page, differences);
  if (findings.length > 0) {
    await title(page, `Findings: ${findingsCountText(findings)}`);
    await page.findings(findings, true);
  }
  await showSteps(page, steps);
}

async function title(page: Page, text: string): Promise<void> {
  await page.line();
  await page.line(page.theme.title(text));
}

function buildsOf({ generation }: BootReport): string {
  return generationText(generation, GENERATIONS[generation].build);
}

/** The worst answer in the first line, then each generation's own. */
async function showGenerations(
  page: Page,
  reports: readonly BootReport[],
  main: BootReport,
): Promise<void> {
  await page.line(verdictLine(main, page.theme, page.width));
  await page.line();
  await page.line(`The answers of ${reports.length} generations; the worst stands above.`);
  await page.fields(reports.map((report) => [buildsOf(report), report.verdict]));
}

async function showReport(
  page: Page,
  report: BootReport,
  landmarks: Landmarks,
  isOneOfSeveral: boolean,
): Promise<void> {
  const { theme, width, blocks } = page;
  if (isOneOfSeveral) await title(page, `--- ${buildsOf(report)}`);
  await page.line(verdictLine(report, theme, width));
  await page.line();
  await page.fields([
    ['builds', buildsOf(report)],
    ...refusalFields(report),
    ...basisFields(report),
  ]);
  const picture = indexLineText(indexLineOf(report, landmarks), { width, blocks });
  if (picture.length > 0) {
    await page.line();
    await page.lines(picture);
  }
  await showActions(page, report);
  await title(
    page,
    report.refusal === null ? 'Where the boot ends' : 'What it delivered until then',
  );
  await page.fields(endFields(report));
}

async function showActions(page: Page, report: BootReport): Promise<void> {
  const rows = actionRows(report, page.theme);
  const lossy = rows.filter((row) => row.lossy).length;
  if (rows.length === 0) {
    await page.line();
    await page.line('The boot changes nothing on the disk.');
    return;
  }
  const marked = lossy === 0 ? 'none destructive' : `${lossy} destructive, marked !`;
  await title(page, `What the boot does to the disk, in order (${marked})`);
  await page.table(
    [
      { title: '#', align: 'right' },
      { title: 'step' },
      { title: 'path' },
      { title: 'size', align: 'right' },
      { title: 'why', prose: true },
    ],
    rows.map(({ cells }) => cells),
  );
}

async function showDifferences(page: Page, differences: readonly Difference[]): Promise<void> {
  await title(page, 'Where the generations differ');
  for (const { field, sentence } of differences) {
    const [first = '', ...rest] = wrapText(`${field}: ${sentence}`, page.width - 2, true);
    await page.lines([first, ...rest.map((line) => `  ${line}`)]);
  }
}

/** Numbered; a command stands on lines of its own, so that it can be copied whole. */
