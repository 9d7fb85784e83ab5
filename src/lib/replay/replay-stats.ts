/** What a log holds, summed up: by type, by disposition, by phase, by error. */
import type { ReplayRecord } from './replay-record.js';

export interface Share {
  entries: number;
  /** Of payloads in clear. */
  bytes: number;
  first: bigint;
  last: bigint;
}

export interface PhaseShare {
  requests: number;
  mutations: number;
  failed: number;
}

/** What has been counted, without the means to go on. */
export type Sums = Omit<ReplayStats, 'add' | 'merge'>;

export class ReplayStats {
  entries = 0;
  bytes = 0;
  first: bigint | null = null;
  last: bigint | null = null;
  /** Lowest and highest commit timestamp of a request. */
  minCommitTs: bigint | null = null;
  maxCommitTs: bigint | null = null;
  /** By payload tag; entries without a payload by what they are: `empty`, `confChange`, … */
  readonly types = new Map<string, Share>();
  readonly dispositions = new Map<string, Share>();
  readonly phases = new Map<string, PhaseShare>();
  /** By name, of requests and of entries. */
  readonly errors = new Map<string, number>();

  add(record: ReplayRecord): void {
    const { index } = record;
    const bytes = record.payloadLength ?? 0;
    this.entries++;
    this.bytes += bytes;
    this.reach(index);
    share(this.types, typeOf(record), index, bytes);
    share(this.dispositions, record.disposition ?? UNDECIDED, index, bytes);
    if (record.error !== null) this.fail(record.error);
    for (const request of record.requests) {
      const phase = this.phase(request.phase);
      phase.requests++;
      phase.mutations += request.mutations;
      if (request.error !== null) {
        phase.failed++;
        this.fail(request.error);
      }
      if (request.commitTs !== null) this.observe(request.commitTs);
    }
  }

  /** Adds what has been counted of other entries. */
  merge(other: Sums): void {
    this.entries += other.entries;
    this.bytes += other.bytes;
    for (const index of [other.first, other.last]) if (index !== null) this.reach(index);
    for (const ts of [other.minCommitTs, other.maxCommitTs]) if (ts !== null) this.observe(ts);
    for (const name of ['types', 'dispositions'] as const) {
      for (const [word, { entries, bytes, first, last }] of other[name]) {
        share(this[name], word, first, bytes, entries);
        share(this[name], word, last, 0, 0);
      }
    }
    for (const [word, { requests, mutations, failed }] of other.phases) {
      const phase = this.phase(word);
      phase.requests += requests;
      phase.mutations += mutations;
      phase.failed += failed;
    }
    for (const [name, count] of other.errors) this.fail(name, count);
  }

  private phase(word: string): PhaseShare {
    let phase = this.phases.get(word);
    if (phase === undefined) {
      this.phases.set(word, (phase = { requests: 0, mutations: 0, failed: 0 }));
    }
    return phase;
  }

  private fail(name: string, count = 1): void {
    this.errors.set(name, (this.errors.get(name) ?? 0) + count);
  }

  private reach(index: bigint): void {
    if (this.first === null || index < this.first) this.first = index;
    if (this.last === null || index > this.last) this.last = index;
  }

  private observe(ts: bigint): void {
    if (this.minCommitTs === null || ts < this.minCommitTs) this.minCommitTs = ts;
    if (this.maxCommitTs === null || ts > this.maxCommitTs) this.maxCommitTs = ts;
  }
}

/** Stands in counts for records without a disposition. */
export const UNDECIDED = 'undecided';

/** What an entry counts as: its payload's tag, or why it has none. */
export function typeOf({ tag, entryType, wrapped, proposalId, disposition }: ReplayRecord): string {
  if (tag !== null) return tag;
  if (entryType !== 'normal') return entryType;
  if (wrapped) return 'wrapped';
  if (disposition === 'not-a-proposal') return disposition;
  return proposalId === null ? 'no-proposal' : 'empty';
}

function share(
  into: Map<string, Share>,
  word: string,
  index: bigint,
  bytes: number,
  entries = 1,
): void {
  const known = into.get(word);
  if (known === undefined) {
    into.set(word, { entries, bytes, first: index, last: index });
    return;
  }
  known.entries += entries;
  known.bytes += bytes;
  if (index < known.first) known.first = index;
  if (index > known.last) known.last = index;
}
