/**
 * The indexes of one node on one axis, as a picture in text:
 *
 *                  S                              HC     T
 *     snapshots  o *
 *     log            |==============|==============-------
 *     fsm.db     ####################################
 *     boot            ::::::::::::::::::::::::::::::::
 *     index        40                             80     84
 *
 * Pure: plain numbers in, lines out. See index-layout.ts for what stands where.
 */
import {
  LETTERS,
  layoutIndexLine,
  lettersOf,
  type IndexLayout,
  type IndexLine,
  type Letter,
  type Span,
} from './index-layout.js';
import { wrapText } from './wrap.js';

export const MEANINGS: Readonly<Record<Letter, string>> = {
  S: 'snapshot',
  H: 'applied in fsm.db',
  C: 'commit',
  T: 'log tail',
  F: 'floor: raft delivers above it',
};

interface Glyphs {
  readonly committed: string;
  readonly uncommitted: string;
  readonly segment: string;
  readonly store: string;
  readonly duplicate: string;
  readonly fresh: string;
  readonly snapshot: string;
  readonly used: string;
}

const BLOCKS: Glyphs = {
  committed: '█',
  uncommitted: '░',
  segment: '▌',
  store: '▄',
  duplicate: '▒',
  fresh: '▓',
  snapshot: '◇',
  used: '◆',
};

const ASCII: Glyphs = {
  committed: '=',
  uncommitted: '-',
  segment: '|',
  store: '#',
  duplicate: ':',
  fresh: '+',
  snapshot: 'o',
  used: '*',
};

class Row {
  private readonly cells: string[];

  constructor(columns: number) {
    this.cells = Array.from<string>({ length: columns }).fill(' ');
  }

  fill(span: Span | null, glyph: string): void {
    if (span === null) return;
    for (let at = span.from; at <= span.to; at++) this.put(at, glyph);
  }

  put(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) {
      if (at + i < this.cells.length) this.cells[at + i] = text.charAt(i);
    }
  }

  isFree(from: number, to: number): boolean {
    return this.cells.slice(Math.max(0, from), to).every((cell) => cell === ' ');
  }

  get text(): string {
    return this.cells.join('').trimEnd();
  }
}

export interface IndexLineOptions {
  readonly width: number;
  /** Block characters; otherwise ASCII. */
  readonly blocks: boolean;
}

const NAME_COLUMNS = 11;
const FEWEST_COLUMNS = 20;
const MOST_COLUMNS = 76;

/**
 * The picture and its legend, no line longer than `width`.
 * @returns nothing where there is nothing to draw, or no room
 */
export function indexLineText(line: IndexLine, { width, blocks }: IndexLineOptions): string[] {
  const columns = Math.min(width - NAME_COLUMNS, MOST_COLUMNS);
  const known = lettersOf(line).size + line.snapshots.length > 0;
  if (columns < FEWEST_COLUMNS || !known) return [];
  const glyphs = blocks ? BLOCKS : ASCII;
  const layout = layoutIndexLine(line, columns);
  const rows: (readonly [string, Row])[] = [['', lettersRow(layout)]];
  if (layout.snapshots.length > 0 || layout.used !== null) {
    rows.push(['snapshots', snapshotsRow(layout, glyphs)]);
  }
  if (layout.committed !== null || layout.uncommitted !== null) {
    rows.push(['log', logRow(layout, glyphs)]);
  }
  if (layout.store !== null) rows.push(['fsm.db', storeRow(layout, glyphs)]);
  if (layout.duplicates !== null || layout.fresh !== null) {
    rows.push(['boot', bootRow(layout, glyphs)]);
  }
  rows.push(['index', numbersRow(layout)]);
  const drawn = rows.map(([name, row]) => (name.padEnd(NAME_COLUMNS) + row.text).trimEnd());
  const legend = [...letterLegend(line), ...glyphLegend(layout, glyphs)];
  return [...drawn, ...wrapItems(legend, width)];
}

function lettersRow({ columns, marks }: IndexLayout): Row {
  const row = new Row(columns);
  for (const { at, letters } of marks) row.put(at, letters);
  return row;
}

function snapshotsRow({ columns, snapshots, used }: IndexLayout, glyphs: Glyphs): Row {
  const row = new Row(columns);
  for (const at of snapshots) row.put(at, glyphs.snapshot);
  if (used !== null) row.put(used, glyphs.used);
  return row;
}

function logRow({ columns, committed, uncommitted, segments }: IndexLayout, glyphs: Glyphs): Row {
  const row = new Row(columns);
  row.fill(uncommitted, glyphs.uncommitted);
  row.fill(committed, glyphs.committed);
  if (segments.length > 1) for (const at of segments) row.put(at, glyphs.segment);
  return row;
}

function storeRow({ columns, store }: IndexLayout, glyphs: Glyphs): Row {
  const row = new Row(columns);
  row.fill(store, glyphs.store);
  return row;
}

function bootRow({ columns, duplicates, fresh }: IndexLayout, glyphs: Glyphs): Row {
  const row = new Row(columns);
  row.fill(duplicates, glyphs.duplicate);
  row.fill(fresh, glyphs.fresh);
  return row;
}

/** A number that would touch its neighbour is left to the legend. */
function numbersRow({ columns, marks }: IndexLayout): Row {
  const row = new Row(columns);
  for (const mark of marks) {
    const text = String(mark.index);
    const at = Math.max(0, Math.min(mark.at, columns - text.length));
    if (text.length <= columns && row.isFree(at - 1, at + text.length + 1)) row.put(at, text);
  }
  return row;
}

function letterLegend(line: IndexLine): string[] {
  const items: string[] = [];
  for (const [index, letters] of lettersOf(line)) {
    for (const letter of letters) {
      items.push(`${letter} ${index} ${MEANINGS[letter as Letter]}`);
    }
  }
  return items.sort(
    (a, b) => LETTERS.join('').indexOf(a.charAt(0)) - LETTERS.join('').indexOf(b.charAt(0)),
  );
}

function glyphLegend(layout: IndexLayout, glyphs: Glyphs): string[] {
  const items: string[] = [];
  const say = (shown: boolean, glyph: string, means: string): void => {
    if (shown) items.push(`${glyph} ${means}`);
  };
  say(layout.committed !== null, glyphs.committed, 'committed entry');
  say(layout.uncommitted !== null, glyphs.uncommitted, 'not committed');
  say(layout.segments.length > 1, glyphs.segment, 'segment begins');
  say(layout.duplicates !== null, glyphs.duplicate, 'delivered again, already in fsm.db');
  say(layout.fresh !== null, glyphs.fresh, 'applied by the boot');
  say(
    layout.snapshots.some((at) => at !== layout.used),
    glyphs.snapshot,
    'other snapshot',
  );
  return items;
}

/** Items side by side, two spaces between, broken between items. */
function wrapItems(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of items.flatMap((text) =>
    text.length > width ? wrapText(text, width, true) : [text],
  )) {
    if (line !== '' && line.length + 2 + item.length > width) {
      lines.push(line);
      line = item;
    } else {
      line = line === '' ? item : `${line}  ${item}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
