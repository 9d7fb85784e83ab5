/**
 * A long listing shared with a second thread. Entries are dealt out in pieces: the thread gets the
 * next one unless it has enough to do, then it is listed here. Lines are written here, in order.
 */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { BugError } from '../lib/core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../lib/core/limits.js';
import type { FilterOptions } from '../lib/replay/entry-filter.js';
import {
  EntryPacker,
  EntryUnpacker,
  PIECE_BYTES,
  type PackedEntries,
} from '../lib/replay/packed-entries.js';
import type { DraftDetail, DraftRecord, EntrySink } from '../lib/replay/replay-record.js';
import type { ListingSums } from './replay-listing.js';

/** Pieces it has, so that it does not wait for the next: more would only take memory. */
const ENOUGH = 4;
/** Pieces whose lines wait for those before them, before this thread waits too. */
const MOST_WAITING = 32;
/** What an entry counts for in a piece that is listed here, besides its payload. */
const ENTRY_BYTES = 64;

export interface ListingPlan {
  readonly filter: FilterOptions;
  readonly valueBytes: number | null;
}

export interface ListingJob extends ListingPlan {
  readonly limits: Limits;
}

/** To the thread: entries, or that there are no more. */
export type ListingRequest = PackedEntries | 'finish';
/**
 * From the thread: lines, with the memory of the entries; or entries that it cannot list; or at last
 * what it has counted.
 */
export type ListingAnswer =
  | { readonly lines: Uint8Array; readonly memory: ArrayBuffer }
  | { readonly failed: PackedEntries }
  | { readonly sums: ListingSums };

/** This thread's own listing. */
export interface ListedHere extends EntrySink {
  /** Lines since it was last asked, in memory of their own. */
  lines(): Uint8Array;
}

/** A piece: its lines, once they are there. */
interface Slot {
  lines: Uint8Array | undefined;
}

export class ListingThread implements EntrySink {
  private readonly worker: Worker;
  private readonly here: ListedHere;
  private readonly write: (lines: Uint8Array) => Promise<void>;
  private readonly packer: EntryPacker;
  /** All that have gone out. */
  private readonly texts: string[] = [];
  private readonly spare: ArrayBuffer[] = [];
  /** Pieces whose lines are not written. */
  private readonly slots: Slot[] = [];
  /** Those of them that the thread has. */
  private readonly there: Slot[] = [];
  /** Bytes that the piece listed here has room for; 0 while entries go to the thread. */
  private room = 0;
  /** A piece has ended since the thread was last listened to. */
  private due = false;
  private sums: ListingSums | undefined;
  private failure: unknown;
  /** Wakes whoever waits for something to happen. */
  private wake: () => void = () => undefined;

  constructor(plan: ListingPlan, here: ListedHere, write: (lines: Uint8Array) => Promise<void>) {
    this.here = here;
    this.write = write;
    this.packer = new EntryPacker((piece) => this.ship(piece));
    const job: ListingJob = { ...plan, limits: DEFAULT_LIMITS };
    this.worker = new Worker(new URL('./listing-worker.js', import.meta.url), {
      workerData: job,
      // A copy of the environment would make it start later.
      env: SHARE_ENV,
    });
    this.worker.on('message', (answer: ListingAnswer) => {
      // Lines from behind a piece that failed have no place.
      if (this.failure !== undefined) return;
      if ('sums' in answer) this.sums = answer.sums;
      else if ('failed' in answer) this.failHere(answer.failed);
      else {
        this.spare.push(answer.memory);
        this.there.shift()!.lines = answer.lines;
      }
      this.wake();
    });
    this.worker.once('error', (error) => this.fail(error));
    this.worker.once('exit', () => this.fail(new BugError('the listing thread ended early')));
  }

  take(record: DraftRecord, detail: DraftDetail): void {
    if (this.room === 0) {
      this.packer.take(record, detail);
      return;
    }
    this.here.take(record, detail);
    this.room -= ENTRY_BYTES + (detail.payload?.length ?? 0);
    if (this.room <= 0) this.endHere();
  }

  /** Now and then between entries: writes what is there, in order. */
  turn(): void | Promise<void> {
    if (this.due) return this.keepUp();
  }

  /** Writes the rest. @returns what the thread has counted */
  async finish(): Promise<ListingSums> {
    if (this.room > 0) this.endHere();
    this.packer.finish();
    this.send('finish', []);
    while (this.slots.length > 0) await this.writeNext();
    await this.until(() => this.sums !== undefined);
    return this.sums!;
  }

  close(): void {
    void this.worker.terminate();
  }

  /** Errors lose their class between threads: the same entries meet the same one here. */
  private failHere(entries: PackedEntries): void {
    try {
      new EntryUnpacker(this.here, this.texts).unpack({ ...entries, texts: [] });
      this.fail(new BugError('the listing thread failed at what can be listed'));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    this.failure ??= cause;
    this.wake();
  }

  private ship(piece: PackedEntries): ArrayBuffer | undefined {
    this.texts.push(...piece.texts);
    const slot: Slot = { lines: undefined };
    this.slots.push(slot);
    this.there.push(slot);
    this.send(piece, [piece.memory]);
    this.deal();
    return this.spare.pop();
  }

  private endHere(): void {
    this.slots.push({ lines: this.here.lines() });
    this.deal();
  }

  /** Whose the next piece is. */
  private deal(): void {
    this.due = true;
    this.room = this.there.length < ENOUGH ? 0 : PIECE_BYTES;
  }

  private send(request: ListingRequest, transfer: readonly ArrayBuffer[]): void {
    this.worker.postMessage(request, transfer);
  }

  private async keepUp(): Promise<void> {
    this.due = false;
    // Messages arrive when the event loop has its turn.
    await new Promise((resolve) => setImmediate(resolve));
    await this.writeLines();
    while (this.slots.length > MOST_WAITING) await this.writeNext();
    if (this.failure !== undefined) throw this.failure;
  }

  private async writeNext(): Promise<void> {
    await this.until(() => this.slots[0]?.lines !== undefined);
    await this.writeLines();
  }

  private async writeLines(): Promise<void> {
    for (let lines = this.slots[0]?.lines; lines !== undefined; lines = this.slots[0]?.lines) {
      this.slots.shift();
      await this.write(lines);
    }
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
