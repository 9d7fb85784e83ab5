/** Findings for people: severity, code, place, message, and what to run next. */
import type { Finding } from '../core/finding.js';
import { siteText } from '../core/site.js';
import { severityPaint, type Theme } from './theme.js';
import { commandLines } from './command-lines.js';
import { countText, plural } from './sizes.js';
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

export interface FindingTextOptions {
  readonly width?: number;
  /** Leave out the next commands: the report has a place of its own for them. */
  readonly withoutNext?: boolean;
  /** Commands that were shown already; those of this finding are added. */
  readonly shown?: Set<string>;
}

/** Lines of one finding. Only a command's own words, such as a path, may run over the width. */
export function findingLines(
  finding: Finding,
  theme: Theme,
  { width = 100, withoutNext = false, shown = new Set() }: FindingTextOptions = {},
): string[] {
  const paint = severityPaint(theme, finding.severity);
  const room = width - INDENT.length;
  const place = placeOf(finding);
  const severity = finding.severity.padEnd(7);
  const head = `${paint(severity)}  ${theme.title(finding.code)}`;
  const fits = severity.length + 2 + finding.code.length + 2 + place.length <= width;
  const lines = [place === '' || !fits ? head : `${head}  ${theme.accent(place)}`];
  if (!fits) {
    for (const line of wrapText(place, room, true)) lines.push(INDENT + theme.accent(line));
  }
  for (const line of wrapText(finding.message, room, true)) lines.push(INDENT + line);
  if (finding.nodeError !== undefined) {
    const [first, ...rest] = wrapText(`the node's error: ${finding.nodeError}`, room, true);
    const said = (first ?? '').slice(NODE_SAYS.length);
    lines.push(`${INDENT}${theme.dim(NODE_SAYS)}${theme.bad(said)}`);
    for (const line of rest) lines.push(INDENT + theme.bad(line));
  }
  if (withoutNext) return lines;
  for (const command of finding.next ?? []) {
    if (shown.has(command)) continue;
    shown.add(command);
    const [first = '', ...rest] = commandLines(command, room - 'next: '.length);
    lines.push(`${INDENT}${theme.dim('next:')} ${theme.accent(first)}`);
    for (const line of rest) lines.push(`${INDENT}${theme.accent(line)}`);
  }
  return lines;
}

const NODE_SAYS = "the node's error: ";
const RANK = { error: 0, warning: 1, note: 2 } as const;

/** So many of one code are shown in text; JSON has all. */
const SHOWN_OF_A_CODE = 10;

/**
 * All findings, worst first, those of one code together, otherwise in the order in which they were
 * made.
 */
export function findingsLines(
  findings: readonly Finding[],
  theme: Theme,
  options: FindingTextOptions = {},
): string[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.code}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const shown = new Set<string>();
  const ranked = [...groups.values()].sort((a, b) => rankOf(a) - rankOf(b));
  return ranked.flatMap((group) => {
    const lines = group
      .slice(0, SHOWN_OF_A_CODE)
      .flatMap((finding) => findingLines(finding, theme, { shown, ...options }));
    const more = group.length - SHOWN_OF_A_CODE;
    if (more > 0) {
      lines.push(`${INDENT}and ${countText(more)} more ${group[0]?.code} (--json has them all)`);
    }
    return lines;
  });
}

function rankOf([first]: readonly Finding[]): number {
  return first === undefined ? 0 : RANK[first.severity];
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
