import type { ExitCode } from '../lib/core/errors.js';
import { exitStatus } from '../lib/report/exit-status.js';
import { checkSection, checksText, bytesText, stageSection } from '../lib/report/views/verify.js';
import { showSections } from './inspect-page.js';
import type { Page } from './page.js';
import type { Verified } from './verify-path.js';

const WORDS: Readonly<Partial<Record<ExitCode, string>>> = {
  0: 'sound',
  2: 'DAMAGED',
  3: 'attention',
  4: 'REFUSED by a node',
  5: 'INCONCLUSIVE',
};

/** @param all  list the checks that hold as well */
export async function verifiedPage(
  page: Page,
  verified: readonly Verified[],
  status: ExitCode,
  all: boolean,
): Promise<void> {
  const { theme } = page;
  for (const [i, { path, report, findings, grounds }] of verified.entries()) {
    const own = verified.length === 1 ? status : exitStatus(findings, grounds);
    const paint = own === 0 ? theme.good : own === 3 ? theme.attention : theme.bad;
    if (i > 0) await page.line();
    await page.line(`${paint(WORDS[own] ?? 'verified')}: ${path}: ${checksText(report)}`);
    await page.line(`  ${bytesText(report.bytes)}`);
    if (report.checks.length > 0) await page.line();
    const checks = all ? checkSection(report) : undefined;
    const stages = report.checks.length > 0 ? [stageSection(report)] : [];
    await showSections(page, [...stages, ...(checks ? [checks] : [])]);
    if (findings.length === 0) continue;
    await page.line();
    await page.findings(findings);
  }
}
