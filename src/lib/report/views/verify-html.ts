/** The books of a verification on a page: stage by stage, file by file, check by check. */
import type { ExitCode } from '../../core/errors.js';
import type { Finding } from '../../core/finding.js';
import type { CheckStatus, VerifyReport } from '../../verify/ledger.js';
import { findingsCountText } from '../finding-text.js';
import type { Cell, HtmlReport, Section, Tone } from '../html/model.js';
import { countText, sizeText } from '../sizes.js';
import { bytesText, checksText } from './verify.js';

/** So many files and checks stand in a table; JSON has all. */
const MOST_ROWS = 2000;

const TONES: Readonly<Record<CheckStatus, Tone | undefined>> = {
  ok: 'good',
  damaged: 'bad',
  attention: 'attention',
  unreadable: 'unknown',
  skipped: undefined,
};

const VERDICTS: Readonly<Partial<Record<ExitCode, readonly [word: string, tone: Tone]>>> = {
  0: ['SOUND', 'good'],
  2: ['DAMAGED', 'bad'],
  3: ['ATTENTION', 'attention'],
  4: ['REFUSED BY A NODE', 'bad'],
  5: ['INCONCLUSIVE', 'unknown'],
};

export interface VerifiedItem {
  readonly path: string;
  readonly report: VerifyReport;
}

export function verifyVerdict(
  items: readonly VerifiedItem[],
  status: ExitCode,
): HtmlReport['verdict'] {
  const [word, tone] = VERDICTS[status] ?? ['VERIFIED', 'unknown'];
  const text = items.map(({ path, report }) => `${path}: ${checksText(report)}`).join('; ');
  return { word, text, tone };
}

export function verifySections(
  items: readonly VerifiedItem[],
  findings: readonly Finding[],
): Section[] {
  const sections: Section[] = [
    { kind: 'findings', title: `Findings: ${findingsCountText(findings)}`, findings },
  ];
  for (const { path, report } of items) {
    const suffix = items.length > 1 ? ` (${path})` : '';
    sections.push(
      stagesTable(report, `Stages${suffix}`),
      filesTable(report, `Files${suffix}`),
      checksTable(report, `Checks${suffix}`),
    );
  }
  return sections;
}

function bytesCell(bytes: number): Cell {
  return { text: bytes === 0 ? '' : sizeText(bytes), sort: String(bytes) };
}

function statusCell(status: CheckStatus): Cell {
  return { text: status, tone: TONES[status] };
}

const BYTE_COLUMNS = [
  { title: 'checked', align: 'right' },
  { title: 'skipped', align: 'right' },
  { title: 'unreadable', align: 'right' },
] as const;

function stagesTable({ stages, bytes }: VerifyReport, title: string): Section {
  return {
    kind: 'table',
    title,
    note: `${bytesText(bytes)}.`,
    columns: [
      { title: 'stage' },
      { title: 'status' },
      { title: 'checks', align: 'right' },
      ...BYTE_COLUMNS,
      { title: 'detail' },
    ],
    rows: stages.map((stage) => [
      stage.name,
      stage.checks === 0 ? 'none' : statusCell(stage.status),
      { text: countText(stage.checks), sort: String(stage.checks) },
      bytesCell(stage.bytes.checked),
      bytesCell(stage.bytes.skipped),
      bytesCell(stage.bytes.unreadable),
      stage.detail,
    ]),
    empty: 'No stage applies.',
  };
}

function cutNote(count: number): string | undefined {
  if (count <= MOST_ROWS) return undefined;
  return `The first ${countText(MOST_ROWS)} of ${countText(count)}; --json has them all.`;
}

function filesTable({ files }: VerifyReport, title: string): Section {
  return {
    kind: 'table',
    title,
    note: cutNote(files.length),
    columns: [
      { title: 'file', code: true },
      { title: 'stage' },
      { title: 'there', align: 'right' },
      ...BYTE_COLUMNS,
    ],
    rows: files
      .slice(0, MOST_ROWS)
      .map((file) => [
        file.file,
        file.stage,
        bytesCell(file.there),
        bytesCell(file.checked),
        bytesCell(file.skipped),
        bytesCell(file.unreadable),
      ]),
    empty: 'No file was read.',
  };
}

function checksTable({ checks }: VerifyReport, title: string): Section {
  return {
    kind: 'table',
    title,
    note: cutNote(checks.length),
    columns: [
      { title: 'stage' },
      { title: 'status' },
      { title: 'file', code: true },
      { title: 'detail' },
    ],
    rows: checks
      .slice(0, MOST_ROWS)
      .map(({ stage, file, status, detail }) => [stage, statusCell(status), file, detail]),
    empty: 'There was nothing to compare.',
  };
}
