/** The dry run as sections of a page. */
import type { BootReport } from '../../engine/boot-report.js';
import type { Difference } from '../../engine/differences.js';
import type { Landmarks } from '../../engine/landmarks.js';
import type { Finding } from '../../core/finding.js';
import { hex32 } from '../../bytes/hex.js';
import { findingsCountText } from '../finding-text.js';
import type { Cell, Section, Tone } from '../html/model.js';
import { sizeText } from '../sizes.js';
import { PLAIN_THEME } from '../theme.js';
import type { ToDo } from '../what-to-do.js';
import { indexLineOf } from './boot-line.js';
import { entrySections, type EntrySheet } from './entry-html.js';
import { basisFields, endFields, generationText, refusalFields, verdictLine } from './dry-run.js';

/** Files and bytes below one name of the group dir. */
export interface DirShare {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

export interface DryRunSheet {
  readonly reports: readonly BootReport[];
  readonly main: BootReport;
  readonly differences: readonly Difference[];
  readonly landmarks: Landmarks;
  readonly findings: readonly Finding[];
  readonly steps: readonly ToDo[];
  /** By generation, as `reports`. */
  readonly sheets: readonly EntrySheet[];
  readonly shares: readonly DirShare[];
  /** What stands for the builds of a generation. */
  readonly buildOf: (report: BootReport) => string;
}

export const VERDICT_TONES: Readonly<Record<BootReport['verdict'], Tone>> = {
  'boots-skip': 'good',
  'boots-restore': 'attention',
  'boots-after-repair': 'attention',
  'boots-new-cluster': 'bad',
  refuses: 'bad',
  inconclusive: 'unknown',
};

/** The verdict's sentence without its word. */
export function verdictText(report: BootReport): string {
  const line = verdictLine(report, PLAIN_THEME, Number.POSITIVE_INFINITY);
  return line.slice(report.verdict.length).trim();
}

export function dryRunSections(sheet: DryRunSheet): Section[] {
  const { reports, main, findings, steps, differences } = sheet;
  const several = reports.length > 1;
  const sections: Section[] = [
    { kind: 'steps', title: 'What to do', steps },
    {
      kind: 'findings',
      title: `Findings: ${findingsCountText(findings)}`,
      findings,
      withoutNext: true,
    },
  ];
  if (several) sections.push(generationsTable(sheet), differencesTable(differences));
  for (const [i, report] of reports.entries()) {
    const entries = sheet.sheets[i];
    const suffix = several ? ` (${report.generation})` : '';
    sections.push(...bootSections(report, sheet, entries, suffix));
  }
  sections.push(sharesTable(sheet.shares), hashesTable(main));
  return sections;
}

function generationsTable({ reports, buildOf }: DryRunSheet): Section {
  return {
    kind: 'table',
    title: 'Generations',
    columns: [{ title: 'builds' }, { title: 'verdict' }, { title: 'what happens' }],
    rows: reports.map((report) => [
      generationText(report.generation, buildOf(report)),
      { text: report.verdict, tone: VERDICT_TONES[report.verdict] },
      verdictText(report),
    ]),
    empty: '',
  };
}

function differencesTable(differences: readonly Difference[]): Section {
  return {
    kind: 'table',
    title: 'Where the generations differ',
    columns: [{ title: 'field', code: true }, { title: 'how' }],
    rows: differences.map(({ field, sentence }) => [field, sentence]),
    empty: 'They agree.',
  };
}

function bootSections(
  report: BootReport,
  { landmarks, buildOf }: DryRunSheet,
  entries: EntrySheet | undefined,
  suffix: string,
): Section[] {
  const sections: Section[] = [
    { kind: 'index-line', title: `Index line${suffix}`, line: indexLineOf(report, landmarks) },
    {
      kind: 'fields',
      title: `What it rests on${suffix}`,
      fields: [
        ['builds', generationText(report.generation, buildOf(report))],
        ...refusalFields(report),
        ...basisFields(report),
      ],
    },
    actionsTable(report, suffix),
    { kind: 'fields', title: `Where the boot ends${suffix}`, fields: endFields(report) },
  ];
  if (entries !== undefined) {
    sections.push(...entrySections(entries, suffix));
  }
  return sections;
}

function sizeCell(bytes: number): Cell {
  return { text: sizeText(bytes), sort: String(bytes) };
}

function actionsTable({ actions }: BootReport, suffix: string): Section {
  const lossy = actions.filter((action) => action.lossy).length;
  return {
    kind: 'table',
    title: `Changes on the disk${suffix}`,
    note: lossy === 0 ? 'In order; none is destructive.' : `In order; ${lossy} destructive.`,
    columns: [
      { title: '#', align: 'right' },
      { title: 'step' },
      { title: 'path', code: true },
      { title: 'size', align: 'right' },
      { title: 'destructive' },
      { title: 'why' },
    ],
    rows: actions.map(({ kind, path, size, detail, lossy: destroys }, i) => [
      String(i + 1),
      kind,
      path,
      size === null ? '' : sizeCell(size),
      destroys ? { text: 'yes', tone: 'bad' } : 'no',
      detail,
    ]),
    empty: 'The boot changes nothing on the disk.',
  };
}

function sharesTable(shares: readonly DirShare[]): Section {
  return {
    kind: 'table',
    title: 'Sizes in the group dir',
    columns: [
      { title: 'name', code: true },
      { title: 'files', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    rows: shares.map(({ name, files, bytes }) => [name, String(files), sizeCell(bytes)]),
    empty: 'The directory is empty.',
  };
}

function hashesTable({ snapshot, fsm, store, actions }: BootReport): Section {
  const rows: string[][] = [];
  const token = snapshot?.token ?? null;
  if (token !== null) {
    rows.push([`.fsm of index ${token.index}, as its token says`, 'CRC32C', hex32(token.crc32c)]);
  }
  if (fsm.sha256 !== null) rows.push(['store before the boot', 'SHA-256', fsm.sha256]);
  if (store !== null) rows.push(['store after the boot', 'SHA-256', store.sha256]);
  for (const { path, sha256 } of actions) {
    if (sha256 !== undefined && sha256 !== null)
      rows.push([`${path} after the boot`, 'SHA-256', sha256]);
  }
  return {
    kind: 'table',
    title: 'Hashes',
    note:
      store === null ? 'With --store-digest the store’s digests stand here as well.' : undefined,
    columns: [{ title: 'of' }, { title: 'kind' }, { title: 'value', code: true }],
    rows,
    empty: 'None was computed.',
  };
}
