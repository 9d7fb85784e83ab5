import type { Finding, Severity } from '../../core/finding.js';
import { siteText } from '../../core/site.js';
import type { ToDo } from '../what-to-do.js';
import { escapeHtml } from './escape.js';
import { indexLineFigure, timelineFigure } from './figures.js';
import type { Cell, HtmlColumn, Section, Tone } from './model.js';

/** The inside of a section, below its heading. */
export function sectionBody(section: Section): string {
  switch (section.kind) {
    case 'fields':
      return fieldsList(section.fields);
    case 'index-line':
      return indexLineFigure(section.line);
    case 'timeline':
      return section.timeline.isEmpty
        ? '<p class="muted">No entry was delivered.</p>'
        : timelineFigure(section.timeline);
    case 'table':
      return tableOf(section);
    case 'findings':
      return findingsOf(section.findings, section.withoutNext === true);
    case 'steps':
      return stepsOf(section.steps);
  }
}

function fieldsList(fields: readonly (readonly [string, string | undefined])[]): string {
  const rows = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value = '']) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>${rows.join('')}</dl>`;
}

function classAttribute(names: readonly (string | undefined)[]): string {
  const known = names.filter((name) => name !== undefined);
  return known.length === 0 ? '' : ` class="${known.join(' ')}"`;
}

function cellOf(cell: Cell | string, column: HtmlColumn | undefined): string {
  const { text, sort, tone } = typeof cell === 'string' ? { text: cell } : cell;
  const align = column?.align === 'right' ? 'right' : undefined;
  const face = column?.code === true ? 'code' : undefined;
  const sorted = sort === undefined ? '' : ` data-sort="${escapeHtml(sort)}"`;
  return `<td${classAttribute([align, face, tone])}${sorted}>${escapeHtml(text)}</td>`;
}

function tableOf(section: Extract<Section, { kind: 'table' }>): string {
  const { title, note, columns, rows, empty } = section;
  const said = note === undefined ? '' : `<p>${escapeHtml(note)}</p>`;
  if (rows.length === 0) return `${said}<p class="muted">${escapeHtml(empty)}</p>`;
  const heads = columns.map(
    ({ title: head, align }) =>
      `<th scope="col"${classAttribute([align])}>${escapeHtml(head)}</th>`,
  );
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => cellOf(cell, columns[i])).join('')}</tr>`,
  );
  const name = escapeHtml(title);
  return (
    `${said}<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>` +
    `<caption>${name}</caption><thead><tr>${heads.join('')}</tr></thead>` +
    `<tbody>${body.join('\n')}</tbody></table></div>`
  );
}

const TONE_OF: Readonly<Record<Severity, Tone>> = {
  error: 'bad',
  warning: 'attention',
  note: 'unknown',
};
const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function placeOf({ file, offset, index }: Finding): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(siteText({ path: file, offset }));
  if (index !== undefined) parts.push(`index ${index}`);
  return parts.join(', ');
}

function findingsOf(findings: readonly Finding[], withoutNext: boolean): string {
  if (findings.length === 0) return '<p class="muted">None.</p>';
  return [...findings]
    .sort((a, b) => RANK[a.severity] - RANK[b.severity])
    .map((finding) => {
      const place = placeOf(finding);
      const next = withoutNext ? [] : (finding.next ?? []);
      const at = place === '' ? '' : `<p class="muted code">${escapeHtml(place)}</p>`;
      const says =
        finding.nodeError === undefined
          ? ''
          : `<p>The node’s error: <code>${escapeHtml(finding.nodeError)}</code></p>`;
      return (
        `<div class="finding ${TONE_OF[finding.severity]}">` +
        `<h3>${finding.severity}: ${escapeHtml(finding.code)}</h3>${at}` +
        `<p>${escapeHtml(finding.message)}</p>${says}${commandsOf(next)}</div>`
      );
    })
    .join('\n');
}

function commandsOf(commands: readonly string[]): string {
  return commands.map((command) => `<pre>${escapeHtml(command)}</pre>`).join('');
}

function stepsOf(steps: readonly ToDo[]): string {
  const items = steps.map(
    ({ text, commands }) => `<li><p>${escapeHtml(text)}</p>${commandsOf(commands)}</li>`,
  );
  return `<ol class="steps">${items.join('')}</ol>`;
}
