/** The entries of a log on a page: in time, by key prefix, and the first ones as a table. */
import { unhex } from '../../bytes/hex.js';
import type { Disposition, EntryRecord } from '../../engine/boot-report.js';
import type { Section } from '../html/model.js';
import { EntryTimeline } from '../html/timeline.js';
import { countText, sizeText } from '../sizes.js';

/** So many entries stand in the table; timeline and sums have all. */
const MOST_ENTRIES = 500;
const MOST_PREFIXES = 100;

/** What a page shows of a record, whether a boot was followed or not. */
export interface SheetRecord extends Pick<
  EntryRecord,
  | 'index'
  | 'term'
  | 'tag'
  | 'entryType'
  | 'requests'
  | 'error'
  | 'payloadLength'
  | 'file'
  | 'offset'
> {
  readonly disposition: Disposition | null;
}

interface PrefixSum {
  entries: number;
  bytes: number;
}

/** Takes the records as they come. Bounded, however many there are. */
export class EntrySheet {
  readonly timeline = new EntryTimeline();
  readonly first: SheetRecord[] = [];
  readonly prefixes = new Map<string, PrefixSum>();
  count = 0;

  add(record: SheetRecord): void {
    this.count++;
    this.timeline.add(record.index, record.disposition ?? 'unknown');
    if (this.first.length < MOST_ENTRIES) this.first.push(record);
    const prefix = prefixOf(record);
    const known = this.prefixes.has(prefix) || this.prefixes.size < MOST_PREFIXES;
    const name = known ? prefix : OTHERS;
    const sum = this.prefixes.get(name) ?? { entries: 0, bytes: 0 };
    sum.entries++;
    sum.bytes += record.payloadLength ?? 0;
    this.prefixes.set(name, sum);
  }
}

const OTHERS = 'other prefixes';

/** The namespace of the first key, e.g. `!redis|str|`; of a user's own key nothing is shown. */
function prefixOf({ requests, entryType, tag }: SheetRecord): string {
  const keyHex = requests.find((request) => request.keyHex !== null)?.keyHex ?? null;
  if (keyHex === null) return `no key (${tag ?? entryType})`;
  const key = Buffer.from(unhex(keyHex) ?? []).toString('latin1');
  return /^![a-z_]{1,16}\|(?:[a-z_]{1,16}\|)?/.exec(key)?.[0] ?? 'keys without a namespace';
}

export function entrySections(sheet: EntrySheet, suffix = ''): Section[] {
  return [
    { kind: 'timeline', title: `Entries in time${suffix}`, timeline: sheet.timeline },
    prefixTable(sheet, suffix),
    entriesTable(sheet, suffix),
  ];
}

function prefixTable({ prefixes }: EntrySheet, suffix: string): Section {
  const rows = [...prefixes].sort(([, a], [, b]) => b.bytes - a.bytes);
  return {
    kind: 'table',
    title: `Payload by key prefix${suffix}`,
    columns: [
      { title: 'prefix of the first key', code: true },
      { title: 'entries', align: 'right' },
      { title: 'payload', align: 'right' },
    ],
    rows: rows.map(([prefix, { entries, bytes }]) => [
      prefix,
      { text: countText(entries), sort: String(entries) },
      { text: sizeText(bytes), sort: String(bytes) },
    ]),
    empty: 'No entry is delivered.',
  };
}

function requestText({ requests, error, tag }: SheetRecord): string {
  if (requests.length === 0) return error ?? tag ?? '';
  const failed = requests.filter((request) => request.error !== null);
  const phases = [...new Set(requests.map(({ phase }) => phase))].join(', ');
  const count = requests.length === 1 ? phases : `${requests.length} requests: ${phases}`;
  return failed.length === 0 ? count : `${count}; ${failed.map((one) => one.error).join(', ')}`;
}

function entriesTable({ first, count }: EntrySheet, suffix: string): Section {
  const left = count - first.length;
  const shown = countText(first.length);
  const note = `The first ${shown}; ${countText(left)} more are in ekv replay-wal.`;
  return {
    kind: 'table',
    title: `Entries${suffix}`,
    note: left > 0 ? note : undefined,
    columns: [
      { title: 'index', align: 'right' },
      { title: 'term', align: 'right' },
      { title: 'type' },
      { title: 'disposition' },
      { title: 'requests' },
      { title: 'bytes', align: 'right' },
      { title: 'file', code: true },
      { title: 'offset', align: 'right' },
    ],
    rows: first.map((entry) => [
      String(entry.index),
      String(entry.term),
      entry.tag ?? entry.entryType,
      entry.disposition === 'halt' ? { text: 'halt', tone: 'bad' } : (entry.disposition ?? '?'),
      requestText(entry),
      entry.payloadLength === null ? '' : String(entry.payloadLength),
      entry.file ?? 'made by this boot',
      entry.offset === null ? '' : String(entry.offset),
    ]),
    empty: 'No entry is delivered.',
  };
}
