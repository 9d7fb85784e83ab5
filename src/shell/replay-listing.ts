/**
 * What `replay-wal` shows of the records it is handed: those that fit the filters, up to the limit,
 * rendered as they come and written out whenever the work pauses. Nothing is kept but the lines of
 * one pause, and for one JSON document a bounded list.
 */
import type { Finding } from '../lib/core/finding.js';
import type { Pace } from '../lib/core/pace.js';
import type { EntryFilter } from '../lib/replay/entry-filter.js';
import { mutationsOf } from '../lib/replay/mutation-values.js';
import {
  Completing,
  type DraftDetail,
  type DraftRecord,
  type EntrySink,
  type ReplayDetail,
  type ReplayRecord,
} from '../lib/replay/replay-record.js';
import { ReplayStats, type Sums } from '../lib/replay/replay-stats.js';
import type { EntrySheet } from '../lib/report/views/entry-html.js';
import { LineBuffer } from '../lib/report/line-buffer.js';
import { recordResult, ReplayLines } from '../lib/report/views/replay-line.js';
import type { Shown } from '../lib/report/views/replay-result.js';
import { mutationText, REPLAY_HEADING, replayText } from '../lib/report/views/replay-text.js';
import { ListingThread, type ListedHere } from './listing-thread.js';

export interface ListingOptions {
  readonly filter: EntryFilter;
  /** That nothing fits is all right. */
  readonly allowEmpty: boolean;
  /** `none`: only sums. */
  readonly form: 'text' | 'ndjson' | 'json' | 'none';
  /** Most bytes of each value shown; null: no values. */
  readonly valueBytes: number | null;
  /** Takes every record that fits, for a page. */
  readonly sheet?: EntrySheet | null;
  /** Takes lines of text. */
  readonly write: (rendered: readonly string[]) => void | Promise<void>;
  /** Takes NDJSON, and leaves the bytes alone once its promise has ended. */
  readonly writeBytes: (lines: Uint8Array) => Promise<void>;
}

/** What a listing has counted, as plain data. */
export interface ListingSums {
  readonly stats: Sums;
  readonly matched: number;
  readonly entries: number;
  readonly shown: number;
}

/** NDJSON of fewer entries is written before a thread has started. */
const THREAD_FROM_ENTRIES = 20_000;
/** NDJSON is handed on in pieces of this size or more. */
const PIECE_BYTES = 64 * 1024;
/** Most records that one JSON document holds. */
const MAX_LISTED = 10_000;

export class ReplayListing implements EntrySink {
  /** Of what fits the filters. */
  readonly stats = new ReplayStats();
  private readonly options: ListingOptions;
  private readonly kept: object[] = [];
  private rendered: string[] = [];
  private readonly encoded = new LineBuffer();
  private readonly lines = new ReplayLines(this.encoded);
  private readonly completing = new Completing({
    add: (record, detail) => this.add(record, detail),
  });
  /** Does the listing of a long log beside the work that brings the entries. */
  private thread: ListingThread | undefined;
  private entries = 0;
  private shown = 0;
  /** Left out because one document would grow too large. */
  private cut = 0;

  constructor(options: ListingOptions) {
    this.options = options;
  }

  get extent(): Shown {
    return { matched: this.options.filter.matched, shown: this.shown };
  }

  get filtered(): boolean {
    return !this.options.filter.isOpen || this.shown < this.options.filter.matched;
  }

  /** Only sums were asked for. */
  get onlySums(): boolean {
    return this.options.form === 'none';
  }

  /** The records of a JSON document; undefined in other forms. */
  get entryList(): readonly object[] | undefined {
    return this.options.form === 'json' ? this.kept : undefined;
  }

  /**
   * @param first  what the first lines say
   * @param entries  how many there may be
   */
  open(first: string, entries: number): void {
    const { form, sheet, filter, valueBytes, writeBytes } = this.options;
    if (form === 'text') this.rendered.push(first, '', REPLAY_HEADING);
    if (form !== 'ndjson' || sheet || entries < THREAD_FROM_ENTRIES) return;
    // Which entries come first is nothing that two threads know.
    if (filter.limit !== Number.POSITIVE_INFINITY) return;
    const here: ListedHere = {
      take: (record, detail) => this.completing.take(record, detail),
      lines: () => this.takeLines(),
    };
    this.thread = new ListingThread({ filter: filter.options, valueBytes }, here, writeBytes);
  }

  take(record: DraftRecord, detail: DraftDetail): void {
    (this.thread ?? this.completing).take(record, detail);
  }

  /** NDJSON since it was last asked for, in memory of its own. */
  takeLines(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.encoded.take());
  }

  private add(record: ReplayRecord, detail: ReplayDetail): void {
    const { filter, form } = this.options;
    this.entries++;
    if (!filter.fits(record, detail.payload)) return;
    this.stats.add(record);
    this.options.sheet?.add(record);
    if (form === 'none' || this.shown >= filter.limit) return;
    if (this.kept.length >= MAX_LISTED) {
      this.cut++;
      return;
    }
    this.shown++;
    this.show(record, detail);
  }

  /** The work's pace, writing what has been rendered at every turn. */
  paced(pace: Pace): Pace {
    return {
      step: (bytes) => {
        if (this.thread !== undefined) {
          const turn = this.thread.turn();
          return turn ? turn.then(() => pace.step(bytes)) : pace.step(bytes);
        }
        const waiting = this.rendered.length > 0 || this.encoded.length >= PIECE_BYTES;
        if (!waiting) return pace.step(bytes);
        const wait = this.flush();
        return wait ? wait.then(() => pace.step(bytes)) : pace.step(bytes);
      },
    };
  }

  /** Work that brings entries, and at its end everything written that they came to. */
  async whole<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      await this.finish();
      return result;
    } finally {
      this.thread?.close();
    }
  }

  private async finish(): Promise<void> {
    if (this.thread === undefined) {
      await this.flush();
      return;
    }
    const { stats, matched, entries, shown } = await this.thread.finish();
    this.stats.merge(stats);
    this.options.filter.matched += matched;
    this.entries += entries;
    this.shown += shown;
  }

  get sums(): ListingSums {
    const { stats, entries, shown } = this;
    return { stats, matched: this.options.filter.matched, entries, shown };
  }

  flush(): void | Promise<void> {
    if (this.options.form === 'ndjson') return this.options.writeBytes(this.encoded.take());
    const { rendered } = this;
    this.rendered = [];
    return this.options.write(rendered);
  }

  get findings(): Finding[] {
    const { filter, allowEmpty } = this.options;
    const findings: Finding[] = [];
    if (!filter.isOpen && filter.matched === 0) {
      findings.push({
        code: 'replay-no-match',
        severity: allowEmpty ? 'note' : 'warning',
        message: `none of the ${this.entries} entries fits the filters`,
      });
    }
    if (this.cut > 0) {
      findings.push({
        code: 'replay-list-cut',
        severity: 'note',
        message: `the document lists ${MAX_LISTED} entries, ${this.cut} more fit`,
      });
    }
    return findings;
  }

  private show(record: ReplayRecord, detail: ReplayDetail): void {
    const { form, valueBytes } = this.options;
    const { payload } = detail;
    const values =
      valueBytes === null || payload === null ? null : mutationsOf(payload, valueBytes);
    if (form === 'json') this.kept.push(recordResult(record, detail, values));
    else if (form === 'ndjson') this.lines.add(record, detail, values);
    else {
      this.rendered.push(replayText(record, detail));
      for (const value of values ?? []) this.rendered.push(mutationText(value));
    }
  }
}
