/** `inspect` of one path after the other, and the page that shows them. */
import { hex } from '../lib/bytes/hex.js';
import type { ExitCode } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import { KIND_TEXT, type Kind } from '../lib/inspect/kind.js';
import type { Region } from '../lib/inspect/regions.js';
import { findingsCountText } from '../lib/report/finding-text.js';
import { dirWord } from '../lib/report/next-commands.js';
import { hexdump } from '../lib/report/hexdump.js';
import { exitStatus } from '../lib/report/exit-status.js';
import { isTable, type Section } from '../lib/report/views/section.js';
import { inspectFile } from './inspect-file.js';
import { nextFor, relativeTo } from './inspect-next.js';
import { isDirSubject, openSubject } from './inspect-subject.js';
import type { Inspected, InspectWishes } from './inspected.js';
import type { Page } from './page.js';

export interface LookedAt {
  readonly path: string;
  readonly kind: Kind;
  readonly by: 'content' | 'name' | 'flag';
  readonly inspected: Inspected;
}

/**
 * @throws {ToolError} what the path itself stands in the way of: missing, forbidden, a FIFO, not
 *   recognised, held by a running node
 */
export async function inspectPath(
  path: string,
  wishes: InspectWishes,
  as: string | undefined,
  allowLive: boolean,
): Promise<LookedAt> {
  const subject = await openSubject(path, as);
  const { kind, by } = subject;
  if (isDirSubject(subject)) {
    const { inspectDir } = await import('./inspect-dir.js');
    const inspected = await inspectDir(subject, wishes, allowLive);
    const findings = relativeTo(path, inspected.findings).map((each) =>
      nextFor(path, kind, 'inspect', each),
    );
    return { path, kind, by, inspected: { ...inspected, findings } };
  }
  try {
    const inspected = await inspectFile(subject, wishes);
    const findings = inspected.findings.map((each) => nextFor(path, kind, 'inspect', each));
    return { path, kind, by, inspected: { ...inspected, findings } };
  } finally {
    subject.source.close();
  }
}

export function pathJson({ path, kind, by, inspected }: LookedAt): object {
  const { json, regions } = inspected;
  return {
    path,
    kind,
    recognisedBy: by,
    ...json,
    ...(regions.length > 0 ? { regions: regions.map(regionJson) } : {}),
  };
}

function regionJson({ offset, bytes, fields }: Region): object {
  return {
    offset: BigInt(offset),
    bytesHex: hex(bytes),
    fields: fields.map((field) => ({
      name: field.name,
      offset: BigInt(field.offset),
      length: field.length,
      value: field.value,
    })),
  };
}

const WORDS: Readonly<Partial<Record<ExitCode, string>>> = {
  0: 'sound',
  2: 'DAMAGED',
  3: 'attention',
  4: 'REFUSED by a node',
  5: 'INCONCLUSIVE',
};

export async function inspectedPage(
  page: Page,
  looked: readonly LookedAt[],
  status: ExitCode,
): Promise<void> {
  const { theme } = page;
  for (const [i, { path, kind, by, inspected }] of looked.entries()) {
    const { findings, grounds } = inspected;
    const own = looked.length === 1 ? status : exitStatus(findings, grounds ?? []);
    const paint = own === 0 ? theme.good : own === 3 ? theme.attention : theme.bad;
    if (i > 0) await page.line();
    await page.line(`${paint(WORDS[own] ?? 'looked at')}: ${path}: ${inspected.headline}`);
    if (findings.length > 0) await page.line(`  ${findingsCountText(findings)}, see below`);
    if (by !== 'content') await page.line(`  taken for ${KIND_TEXT[kind]} by its ${by}`);
    if (inspected.sections.length > 0) await page.line();
    await showSections(page, inspected.sections);
    await showRegions(page, inspected.regions);
    await showFindings(page, findings);
    if (kind !== 'group-dir' && kind !== 'data-dir') continue;
    await page.line();
    const dryRun = theme.accent(`ekv cold-start-dryrun --data-dir ${dirWord(path)}`);
    await page.line(`Whether and how a node starts from it: ${dryRun}`);
  }
}

export async function showSections(page: Page, sections: readonly Section[]): Promise<void> {
  for (const [i, section] of sections.entries()) {
    if (i > 0) await page.line();
    if (section.title !== undefined) await page.line(page.theme.title(section.title));
    if (isTable(section)) await page.table(section.columns, section.rows);
    else await page.fields(section.fields);
  }
}

async function showRegions(page: Page, regions: readonly Region[]): Promise<void> {
  for (const [i, { offset, bytes, fields }] of regions.entries()) {
    await page.line();
    if (i === 0) await page.line(page.theme.title('Header regions'));
    const parts = fields.map((field) => ({
      offset: field.offset,
      length: field.length,
      name: field.name,
      text: field.value.length > 40 ? `${field.value.slice(0, 40)}…` : field.value,
    }));
    await page.lines(hexdump(bytes, offset, parts));
  }
}

async function showFindings(page: Page, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  await page.line();
  await page.findings(findings);
}
