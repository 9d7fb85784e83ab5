/** Inline pictures. What they show stands in words beside them, for those who do not see them. */
import { LETTERS, layoutIndexLine, lettersOf, type IndexLine, type Span } from '../index-layout.js';
import { MEANINGS } from '../index-line.js';
import { countText, plural } from '../sizes.js';
import { escapeHtml } from './escape.js';
import type { EntryTimeline } from './timeline.js';

const COLUMNS = 64;
const UNIT = 13;
const LEFT = 96;
const WIDTH = LEFT + COLUMNS * UNIT + 24;

function x(column: number): number {
  return LEFT + column * UNIT;
}

function bar(span: Span | null, y: number, kind: string, title: string): string {
  if (span === null) return '';
  const width = (span.to - span.from + 1) * UNIT;
  return (
    `<rect class="${kind}" x="${x(span.from)}" y="${y}" width="${width}" height="18">` +
    `<title>${escapeHtml(title)}</title></rect>`
  );
}

function label(y: number, text: string): string {
  return `<text class="dim" x="0" y="${y + 14}">${escapeHtml(text)}</text>`;
}

/** What the letters stand for, as one sentence. */
export function indexLineWords(line: IndexLine): string {
  const standing = [...lettersOf(line)];
  const words = LETTERS.flatMap((letter) => {
    const found = standing.find(([, letters]) => letters.includes(letter));
    return found === undefined ? [] : [`${letter} ${found[0]}: ${MEANINGS[letter]}`];
  });
  return words.join('; ');
}

/** S, H, C, T on one axis, with snapshots, the log, the store and what the boot delivers. */
export function indexLineFigure(line: IndexLine): string {
  const layout = layoutIndexLine(line, COLUMNS);
  const parts: string[] = [];
  for (const { at, letters, index } of layout.marks) {
    const middle = x(at) + UNIT / 2;
    parts.push(
      `<line class="axis" x1="${middle}" y1="24" x2="${middle}" y2="138"/>`,
      `<text class="letter" x="${x(at)}" y="16"><title>${index}</title>${letters}</text>`,
    );
  }
  parts.push(label(28, 'snapshots'), label(54, 'log'), label(80, 'fsm.db'));
  if (layout.duplicates !== null || layout.fresh !== null) parts.push(label(106, 'boot'));
  for (const at of layout.snapshots) parts.push(diamond(at, 37, 'other', 'snapshot'));
  if (layout.used !== null) parts.push(diamond(layout.used, 37, 'mark', 'the snapshot S'));
  parts.push(
    bar(layout.uncommitted, 54, 'open', 'entries that are not committed'),
    bar(layout.committed, 54, 'log', 'committed entries'),
    bar(layout.store, 80, 'store', 'applied in fsm.db'),
    bar(layout.duplicates, 106, 'again', 'delivered again, already in fsm.db'),
    bar(layout.fresh, 106, 'fresh', 'applied by the boot'),
  );
  if (layout.segments.length > 1) {
    for (const at of layout.segments) {
      parts.push(`<line class="cut" x1="${x(at)}" y1="54" x2="${x(at)}" y2="72"/>`);
    }
  }
  parts.push(...numbers(layout.marks));
  const words = escapeHtml(indexLineWords(line));
  return (
    `<figure><div class="scroll" tabindex="0" role="region" aria-label="Index line">` +
    `<svg role="img" aria-label="${words}" viewBox="0 0 ${WIDTH} 160">` +
    `${parts.join('')}</svg></div><figcaption>${words}. ` +
    `Log: solid where committed, dashed where not. Boot: what raft delivers, ` +
    `entries already in fsm.db and entries it applies. Filled diamond: the snapshot in use.` +
    `</figcaption></figure>`
  );
}

function diamond(at: number, y: number, kind: string, title: string): string {
  const middle = x(at) + UNIT / 2;
  const points = `${middle},${y - 7} ${middle + 6},${y} ${middle},${y + 7} ${middle - 6},${y}`;
  return `<polygon class="${kind}" points="${points}"><title>${title}</title></polygon>`;
}

const DIGIT = 7.9;

/** A number that would run into the one before it is left to the words below. */
function numbers(marks: readonly { readonly index: bigint; readonly at: number }[]): string[] {
  const parts: string[] = [];
  let free = LEFT;
  for (const { index, at } of marks) {
    const text = String(index);
    const start = Math.min(x(at), WIDTH - text.length * DIGIT);
    if (start < free) continue;
    parts.push(`<text x="${start.toFixed(1)}" y="154">${text}</text>`);
    free = start + (text.length + 1) * DIGIT;
  }
  return parts;
}

const LANE_WORDS: Readonly<Record<string, readonly [kind: string, means: string]>> = {
  fresh: ['fresh', 'applied'],
  'volatile-replay': ['again', 'lease, replayed beforehand'],
  'duplicate-volatile': ['again', 'duplicate lease, applied'],
  'duplicate-dropped': ['open', 'duplicate, dropped'],
  'not-delivered': ['open', 'below the floor'],
  empty: ['log', 'no-op'],
  'not-a-proposal': ['log', 'no proposal'],
  'conf-change': ['store', 'conf change'],
  halt: ['mark', 'the node halts'],
  uncommitted: ['open', 'not committed'],
  'in-snapshot': ['log', 'in the snapshot'],
  superseded: ['open', 'overwritten'],
  unknown: ['log', 'fate not known'],
};

const LANE_HEIGHT = 26;
const LANE_LEFT = 210;
const LANE_WIDTH = 720;
const LANE_RIGHT = LANE_LEFT + LANE_WIDTH;

/** One lane for each fate of an entry; a bar is as high as its bucket is full. */
export function timelineFigure(timeline: EntryTimeline): string {
  const lanes = timeline.list();
  const { low, high } = timeline.range;
  const step = LANE_WIDTH / Math.max(1, timeline.buckets);
  const most = Math.max(1, ...lanes.flatMap(({ counts }) => counts));
  const parts = lanes.map(({ disposition, total, counts }, i) => {
    const [kind, means] = LANE_WORDS[disposition] ?? ['log', disposition];
    const foot = (i + 1) * LANE_HEIGHT;
    const bars = counts.map((count, slot) => {
      if (count === 0) return '';
      const height = 4 + Math.round((count / most) * (LANE_HEIGHT - 8));
      const at = (LANE_LEFT + slot * step).toFixed(1);
      const width = Math.max(1.5, step - 0.5).toFixed(1);
      const size = `width="${width}" height="${height}"`;
      return `<rect class="${kind}" x="${at}" y="${foot - height}" ${size}/>`;
    });
    return (
      `<g><title>${escapeHtml(`${countText(total)} ${means}`)}</title>` +
      `<text x="0" y="${foot - 5}">${escapeHtml(means)}</text>${bars.join('')}` +
      `<line class="axis" x1="${LANE_LEFT}" y1="${foot}" x2="${LANE_RIGHT}" y2="${foot}"/></g>`
    );
  });
  const height = (lanes.length + 1) * LANE_HEIGHT;
  const last = String(high);
  const words = lanes
    .map(
      ({ disposition, total }) =>
        `${countText(total)} ${LANE_WORDS[disposition]?.[1] ?? disposition}`,
    )
    .join('; ');
  const each = plural(timeline.bucketWidth, 'index', 'indexes');
  return (
    `<figure><div class="scroll" tabindex="0" role="region" aria-label="Timeline of entries">` +
    `<svg role="img" aria-label="${escapeHtml(words)}" viewBox="0 0 ${LANE_RIGHT} ${height}">` +
    `${parts.join('')}<text class="dim" x="${LANE_LEFT}" y="${height - 8}">${low}</text>` +
    `<text class="dim" x="${LANE_RIGHT - last.length * DIGIT}" y="${height - 8}">` +
    `${low === high ? '' : last}</text></svg></div>` +
    `<figcaption>Entries ${low} to ${high}: ${escapeHtml(words)}. ` +
    `A bar stands for ${each}.</figcaption></figure>`
  );
}
