/** Findings for people: severity, code, place, message, and what to run next. */
import type { Finding } from '../core/finding.js';
import { siteText } from '../core/site.js';
import { severityPaint, type Theme } from './theme.js';
import { plural } from './sizes.js';
import { wrapText } from './wrap.js';

const INDENT = '         ';

function placeOf(finding: Finding): string {
  const parts: string[] = [];
  if (finding.file !== undefined) {
    parts.push(siteText({ path: finding.file, offset: finding.offset }));
  } else if (finding.offset !== undefined) parts.push(`@${finding.offset}`);
  if (finding.index !== undefined) parts.push(`index ${finding.index}`);
  return parts.join(', ');
}

/** Lines of one finding, at most `width` columns where the words allow it. */
export function findingLines(finding: Finding, theme: Theme, width = 100): string[] {
  const paint = severityPaint(theme, finding.severity);
  const place = placeOf(finding);
  const head = `${paint(finding.severity.padEnd(7))}  ${theme.title(finding.code)}`;
  const lines = [place === '' ? head : `${head}  ${theme.accent(place)}`];
  for (const line of wrapText(finding.message, width - INDENT.length)) lines.push(INDENT + line);
  if (finding.nodeError !== undefined) {
    lines.push(`${INDENT}${theme.dim("the node's error:")} ${theme.bad(finding.nodeError)}`);
  }
  for (const command of finding.next ?? []) {
    lines.push(`${INDENT}${theme.dim('next:')} ${theme.accent(command)}`);
  }
  return lines;
}

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** All findings, worst first, otherwise in the order in which they were made. */
export function findingsLines(findings: readonly Finding[], theme: Theme, width = 100): string[] {
  const sorted = [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  return sorted.flatMap((finding) => findingLines(finding, theme, width));
}

/** `2 errors, 1 warning`; `no findings`. */
export function findingsCountText(findings: readonly Finding[]): string {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const finding of findings) counts[finding.severity]++;
  const parts = (['error', 'warning', 'note'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => plural(counts[severity], severity));
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}
