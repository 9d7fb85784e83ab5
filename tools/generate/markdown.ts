/** The Markdown that docs/formats is written in, as man(7): headings, text, lists, tables, fences. */
import { inline, item, paragraph, preformatted, subheading, table, textLine } from './roff.js';

function isTableRow(line: string | undefined): boolean {
  return line !== undefined && line.startsWith('|');
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

interface Block {
  readonly roff: readonly string[];
  /** Line behind the block. */
  readonly next: number;
}

function fence(lines: readonly string[], at: number): Block {
  let end = at + 1;
  while (end < lines.length && !lines[end]?.startsWith('```')) end++;
  return { roff: preformatted(lines.slice(at + 1, end)), next: end + 1 };
}

function tableBlock(lines: readonly string[], at: number): Block {
  let end = at;
  while (isTableRow(lines[end])) end++;
  const rows = lines
    .slice(at, end)
    .filter((line) => !/^\|[\s|:-]+\|$/.test(line))
    .map(cellsOf);
  return { roff: table(rows), next: end };
}

/** A paragraph or a list item goes on until a blank line or something else begins. */
function flowing(lines: readonly string[], at: number): { text: string; next: number } {
  let end = at + 1;
  while (end < lines.length && !/^(?:\s*$|[#|]|```|- )/.test(lines[end] ?? '')) end++;
  const text = lines
    .slice(at, end)
    .map((line) => line.trim())
    .join(' ');
  return { text, next: end };
}

/** Roff of a document without its first heading, which becomes the section's own. */
export function markdownToRoff(markdown: string): { title: string; roff: string[] } {
  const lines = markdown.split('\n');
  const roff: string[] = [];
  let title = '';
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const head = /^(#+)\s+(.*)$/.exec(line);
    if (line.trim() === '') at++;
    else if (head !== null) {
      const text = (head[2] ?? '').replaceAll('`', '');
      if (head[1] === '#') title = text;
      else roff.push(subheading(text));
      at++;
    } else if (line.startsWith('```') || isTableRow(line)) {
      const block = line.startsWith('|') ? tableBlock(lines, at) : fence(lines, at);
      roff.push(...block.roff);
      at = block.next;
    } else {
      const { text, next } = flowing(lines, at);
      if (text.startsWith('- ')) roff.push(...item('\\(bu', [textLine(inline(text.slice(2)))]));
      else roff.push(...paragraph(text));
      at = next;
    }
  }
  return { title, roff };
}
