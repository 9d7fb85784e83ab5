/**
 * A boot's handling of every entry in the log (spec/output.md §4): what the engine delivers, replays
 * or passes over, and between it, in the order of the indexes, what the node never comes to see:
 * entries the snapshot covers, records that were overwritten, the suffix above the commit, and what
 * lies behind the point where the boot stops.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import { noEntries } from '../engine/entry-trace.js';
import { predictBoot } from '../engine/boot.js';
import type { BootInput } from '../engine/boot-input.js';
import type { BootReport, Disposition, EntryRecord } from '../engine/boot-report.js';
import type { BootWatcher, EntryDetail, FoundLog } from '../engine/boot-watcher.js';
import { wiringOfEngine } from '../engine/envelopes.js';
import type { EntryOpener } from '../engine/open-entry.js';
import type { LogEntry } from '../engine/raft-log.js';
import type { DirSource } from '../io/dir-source.js';
import { dialectOf, type ProtoDialect } from '../proto/dialect.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import { EntryData } from '../raft/wal/entry-data.js';
import { closeSegments, openSegments } from '../raft/wal/open-segments.js';
import { listWal } from '../raft/wal/segment-name.js';
import type { ScanObserver } from '../raft/wal/snapshot-scan.js';
import {
  addUnapplied,
  type DraftDetail,
  type DraftRecord,
  type EntrySink,
  type Fate,
} from './replay-record.js';
import { BootSurvey } from './boot-survey.js';
import { replayFindings } from './replay-findings.js';
import { UNDECIDED } from './replay-stats.js';
import type { WalSurvey } from './wal-survey.js';
import { WalRows, type WalRow } from './wal-rows.js';

/** How many entries there are of each disposition; `undecided`: none of the words is known to fit. */
export type DispositionCounts = Record<Disposition | typeof UNDECIDED, number>;

export interface NodeReplay {
  readonly boot: BootReport;
  /** Null without a WAL, or where it cannot be read. */
  readonly survey: WalSurvey | null;
  readonly segments: number;
  readonly counts: DispositionCounts;
  /** Records found in the log, older ones included. */
  readonly inLog: number;
  /** Entries that the boot would append itself: a new leader's empty one. */
  readonly made: number;
  /** The boot's and those of the log. */
  readonly findings: readonly Finding[];
}

export type ReplayInput = Omit<BootInput, 'onEntry' | 'watcher'>;

/** How many entries pass before the event loop gets a turn. */
const PACE_ENTRIES = 256;

/**
 * @param sink  takes the records in the order of their indexes; written out at turns of the pace
 * @param onSurvey  told what the log holds before the first record
 * @throws {IoError} where the group dir itself cannot be looked at
 */
export async function replayNode(
  input: ReplayInput,
  sink: EntrySink,
  onSurvey?: OnSurvey,
): Promise<NodeReplay> {
  const findings: Finding[] = [];
  const dialect = dialectOf(input.generation.etcd);
  const segments = walSegments(input.group, findings);
  const survey = new BootSurvey(segments, dialect, input.pace);
  const merge = new Merge(input, sink, { segments, dialect, survey, onSurvey });
  try {
    const boot = await predictBoot({ ...input, onEntry: null, watcher: merge });
    await merge.finish(boot);
    findings.push(...survey.findings, ...replayFindings(boot, merge.survey));
    return {
      boot,
      survey: merge.survey,
      segments: segments.length,
      counts: merge.counts,
      inLog: merge.inLog,
      made: merge.made,
      findings: [...boot.findings, ...findings],
    };
  } finally {
    merge.closeRows();
    closeSegments(segments);
  }
}

function walSegments(group: DirSource, findings: Finding[]): WalSegment[] {
  if (group.stat('wal')?.kind !== 'directory') return [];
  const wal = group.dir('wal');
  try {
    return openSegments(wal, listWal(wal).segments);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error, 'error'));
    return [];
  }
}

type OnSurvey = (survey: WalSurvey | null, segments: number) => void;

interface WalParts {
  readonly segments: readonly WalSegment[];
  readonly dialect: ProtoDialect;
  readonly survey: BootSurvey;
  readonly onSurvey: OnSurvey | undefined;
}

class Merge implements BootWatcher {
  readonly counts: DispositionCounts = { ...noEntries(), [UNDECIDED]: 0 };
  inLog = 0;
  made = 0;
  /** Null before it is known, and where there is none. */
  survey: WalSurvey | null = null;
  readonly scan: ScanObserver;
  private readonly input: ReplayInput;
  private readonly sink: EntrySink;
  private readonly counted: EntrySink = { take: (record, detail) => this.hand(record, detail) };
  private readonly dialect: ProtoDialect;
  private readonly wal: WalParts;
  /** Every record of the WAL in the order of the indexes; null before it is read, and without one. */
  private rows: WalRows | null = null;
  /** The next row that has not had its turn. */
  private row: WalRow | undefined;
  private found: FoundLog | null = null;
  private opener: EntryOpener;
  private opened: ReadonlySet<string> = new Set();
  /** Index of the last entry that was handed on. */
  private reached = -1n;

  constructor(input: ReplayInput, sink: EntrySink, wal: WalParts) {
    this.input = input;
    this.sink = sink;
    this.wal = wal;
    this.dialect = wal.dialect;
    this.scan = wal.survey;
    this.opener = { envelopes: wiringOfEngine(input.encryption) };
  }

  /** Entries at or below the snapshot. */
  async onLog(found: FoundLog): Promise<void> {
    this.found = found;
    this.opener = found;
    this.opened = new Set(found.segments);
    await this.openRows();
    if (found.segments.length === 0) await this.addLegacyBelow(found);
    let passed = 0;
    for (; this.row !== undefined && this.row.index <= found.snapshotIndex; this.step()) {
      this.addRow(this.row, IN_SNAPSHOT);
      if (++passed % PACE_ENTRIES === 0) await this.input.pace.step(0);
    }
    this.reached = found.snapshotIndex;
    if (this.bootHasTheRest()) this.closeRows();
  }

  /** No row from here on is older than another, or lies in a segment that the boot has not read. */
  private bootHasTheRest(): boolean {
    const { row, survey } = this;
    if (row === undefined) return true;
    if (survey === null || survey.overwrites.length > 0) return false;
    const { segments } = this.wal;
    const from = segments.findIndex(({ name }) => name === row.segment);
    return segments.slice(from).every(({ name }) => this.opened.has(name));
  }

  onEntry(record: EntryRecord, detail: EntryDetail): void {
    this.passRows(record);
    this.reached = record.index;
    const { payload, confChange } = detail;
    this.hand(record, {
      payload,
      change: confChange?.change ?? null,
      members: confChange?.members ?? null,
      encryption: null,
      overwrittenBy: null,
      onlyRead: payload !== null && !record.applied && record.tag === null,
      unreadable: null,
    });
  }

  /** What the boot has not come to. */
  async finish({ snapshot }: BootReport): Promise<void> {
    // Without a log the boot may still have chosen its snapshot.
    const covered = this.found === null ? (snapshot?.index ?? null) : null;
    const until = this.input.untilIndex ?? MAX_INDEX;
    if (this.found === null) await this.openRows();
    let passed = 0;
    for (; this.row !== undefined && this.row.index <= until; this.step()) {
      if (this.row.overwrittenBy !== null || this.row.index > this.reached) {
        this.addRow(this.row, this.unreached(this.row.index, covered));
      }
      if (++passed % PACE_ENTRIES === 0) await this.input.pace.step(0);
    }
    this.closeRows();
    if (this.found === null) return;
    const { log, last } = this.found;
    for (let index = this.reached + 1n; index <= last && index <= until; index++) {
      this.addUnapplied(log.entry(index), log.data(index), this.unreached(index));
      if (++passed % PACE_ENTRIES === 0) await this.input.pace.step(0);
    }
    log.close();
  }

  /** Rows before an entry that the boot handles, and the one that is this entry. */
  private passRows(record: EntryRecord): void {
    for (; this.row !== undefined && this.row.index <= record.index; this.step()) {
      const { segment, offset, overwrittenBy } = this.row;
      const itself = offset === record.offset && fileOf(segment) === record.file;
      if (itself || (overwrittenBy === null && this.opened.has(segment))) continue;
      this.addRow(this.row, { disposition: null, committed: null, ceilingMs: null });
    }
  }

  /** What the files say of an entry that nobody has handled. */
  private unreached(index: bigint, covered: bigint | null = null): Fate {
    if (covered !== null && index <= covered) return IN_SNAPSHOT;
    const commit = this.found?.commit ?? this.survey?.hardState?.commit ?? null;
    const committed = commit === null ? null : index <= commit;
    return {
      disposition: committed === false ? 'uncommitted' : null,
      committed,
      ceilingMs: null,
    };
  }

  private async addLegacyBelow({ log }: FoundLog): Promise<void> {
    const { table } = log;
    const below = table.length - Number(log.last - log.base);
    const payloads = new EntryData(this.input.group);
    for (let i = 0; i < below; i++) {
      const { index, term, type, segment, frameOffset: offset } = table.row(i);
      const file = table.segments[segment] ?? '';
      const entry = { index, ownIndex: index, term, type, file, offset };
      this.addUnapplied(entry, payloads.read(table, i), IN_SNAPSHOT);
      if (i % PACE_ENTRIES === PACE_ENTRIES - 1) await this.input.pace.step(0);
    }
    payloads.close();
  }

  private addRow(row: WalRow, fate: Fate): void {
    const { index, term, type, segment, offset, data, overwrittenBy } = row;
    const entry = { index, ownIndex: index, term, type, file: fileOf(segment), offset };
    const superseded = { disposition: 'superseded', committed: false, overwrittenBy } as const;
    this.addUnapplied(entry, data, overwrittenBy === null ? fate : { ...fate, ...superseded });
    if (overwrittenBy === null && index > this.reached) this.reached = index;
  }

  private addUnapplied(entry: LogEntry, data: Uint8Array, fate: Fate): void {
    addUnapplied(this.counted, entry, data, this.opener, this.dialect, fate);
  }

  private hand(record: DraftRecord, detail: DraftDetail): void {
    this.counts[record.disposition ?? UNDECIDED]++;
    if (record.file === null) this.made++;
    else this.inLog++;
    this.sink.take(record, detail);
  }

  private async openRows(): Promise<void> {
    const { segments, onSurvey } = this.wal;
    this.survey = await this.wal.survey.result();
    onSurvey?.(this.survey, segments.length);
    if (this.survey === null) return;
    this.rows = new WalRows(segments, this.dialect, this.survey);
    this.step();
  }

  private step(): void {
    this.row = this.rows?.next();
  }

  /** Also where the boot ended by a mistake of ours. */
  closeRows(): void {
    this.rows?.close();
    this.rows = null;
    this.row = undefined;
  }
}

const IN_SNAPSHOT: Fate = { disposition: 'in-snapshot', committed: true, ceilingMs: null };

const MAX_INDEX = (1n << 64n) - 1n;

function fileOf(segment: string): string {
  return `wal/${segment}`;
}
