/**
 * Tables for bounded lists (cli-table3 holds every cell in memory). On a terminal thin lines, in a
 * pipe nothing but columns, so that `awk` has an easy life. Never wider than asked for: the widest
 * columns give way and wrap.
 */
import { safeColouredText } from './safe-text.js';
import { wrapText } from './wrap.js';
import type { Theme } from './theme.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Holds sentences: gives way before a column of names does, and is broken at words. */
  readonly prose?: boolean;
}

export interface TableOptions {
  readonly theme: Theme;
  /** Draw lines: on a terminal. */
  readonly lines: boolean;
  readonly width?: number;
}

const NARROWEST = 8;

// oxlint-disable-next-line no-control-regex -- ESC begins a colour code
const SGR = /\u001b\[[0-9;]*m/g;

/** Columns that a text takes, colour codes left aside. Keys and names are escaped to ASCII before. */
function shownWidth(text: string): number {
  return text.replace(SGR, '').length;
}

/** Prose does not go below this for the sake of names. */
const NARROWEST_PROSE = 16;

/** Widths within `budget`, taken from prose, then from the widest columns. */
function fitWidths(
  natural: readonly number[],
  prose: readonly boolean[],
  budget: number,
): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, w) => sum + w, 0) - budget;
  for (const [slot, width] of natural.entries()) {
    const give = prose[slot] === true ? Math.min(excess, width - NARROWEST_PROSE) : 0;
    if (give <= 0) continue;
    widths[slot] = width - give;
    excess -= give;
  }
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const slot = widths.indexOf(widest);
    const second = Math.max(NARROWEST, ...widths.filter((_, i) => i !== slot));
    const give = Math.max(1, Math.min(excess, widest - second));
    widths[slot] = widest - give;
    excess -= give;
  }
  return widths;
}

/** Breaks a cell at words. A coloured one is left to cli-table3, which carries colours over breaks. */
function fitCell(cell: string, width: number): string {
  if (cell.length <= width || cell.includes('\u001b')) return cell;
  return wrapText(cell, width, true).join('\n');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** Lines of a table. Cells are made safe here; colour codes of the theme survive. */
export async function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const cells = rows.map((row) => columns.map((_, i) => safeColouredText(row[i] ?? '')));
  const natural = columns.map((column, i) =>
    Math.max(column.title.length, ...cells.map((row) => shownWidth(row[i] ?? ''))),
  );
  // Per column: a space either side and one line between, or two spaces between.
  const frame = options.lines ? columns.length * 3 + 1 : (columns.length - 1) * 2;
  const prose = columns.map((column) => column.prose === true);
  const widths = fitWidths(natural, prose, (options.width ?? 100) - frame);
  const padding = options.lines ? 1 : 0;
  const table = new Table({
    head: columns.map((column) => options.theme.title(column.title)),
    colWidths: widths.map((w) => w + padding * 2),
    colAligns: columns.map((column) => column.align ?? 'left'),
    wordWrap: true,
    wrapOnWordBoundary: false,
    chars: options.lines ? {} : NO_LINES,
    style: {
      head: [],
      border: [],
      'padding-left': padding,
      'padding-right': padding,
      compact: true,
    },
  });
  for (const row of cells) table.push(row.map((cell, i) => fitCell(cell, widths[i] ?? NARROWEST)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/**
 * `name   value` lines, names in one column: the head of most reports. A value that is too long goes
 * on below its own beginning.
 */
export function fieldLines(
  fields: readonly (readonly [name: string, value: string | undefined])[],
  theme: Theme,
  width = 100,
): string[] {
  const known = fields.filter(([, value]) => value !== undefined);
  const nameWidth = Math.max(0, ...known.map(([name]) => name.length));
  const room = Math.max(NARROWEST, width - nameWidth - 2);
  return known.flatMap(([name, value = '']) => {
    const parts = fitCell(value, room).split('\n');
    return parts.map((part, i) => {
      const head = i === 0 ? theme.dim(name.padEnd(nameWidth)) : ' '.repeat(nameWidth);
      return `${head}  ${part}`;
    });
  });
}
