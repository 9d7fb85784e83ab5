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
import { PROTO_36, PROTO_37, type ProtoDialect } from '../proto/dialect.js';
import type { WalSegment } from '../raft/wal/decoder.js';
import { EntryData } from '../raft/wal/entry-data.js';
import { closeSegments, openSegments } from '../raft/wal/open-segments.js';
import { listWal } from '../raft/wal/segment-name.js';
import {
  addUnapplied,
  outline,
  type Fate,
  type ReplayDetail,
  type ReplayRecord,
  type ReplaySink,
} from './replay-record.js';
import { encryptionOutline } from './encryption-outline.js';
import { replayFindings } from './replay-findings.js';
import { UNDECIDED } from './replay-stats.js';
import { surveyWal, type WalSurvey } from './wal-survey.js';
import { walRows, type WalRow } from './wal-rows.js';

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
  sink: ReplaySink,
  onSurvey?: (survey: WalSurvey | null, segments: number) => void,
): Promise<NodeReplay> {
  const findings: Finding[] = [];
  const dialect = input.generation.etcd === '3.6' ? PROTO_36 : PROTO_37;
  const segments = walSegments(input.group, findings);
  try {
    const survey = await surveyed(segments, dialect, input, findings);
    onSurvey?.(survey, segments.length);
    const merge = new Merge(input, sink, { segments, survey, dialect });
    const boot = await predictBoot({ ...input, onEntry: null, watcher: merge });
    await merge.finish(boot);
    findings.push(...replayFindings(boot, survey));
    return {
      boot,
      survey,
      segments: segments.length,
      counts: merge.counts,
      inLog: merge.inLog,
      made: merge.made,
      findings: [...boot.findings, ...findings],
    };
  } finally {
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

async function surveyed(
  segments: readonly WalSegment[],
  dialect: ProtoDialect,
  { pace }: ReplayInput,
  findings: Finding[],
): Promise<WalSurvey | null> {
  if (segments.length === 0) return null;
  try {
    return await surveyWal(segments, dialect, pace);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    findings.push(findingOf(error, 'error'));
    return null;
  }
}

interface WalParts {
  readonly segments: readonly WalSegment[];
  readonly survey: WalSurvey | null;
  readonly dialect: ProtoDialect;
}

class Merge implements BootWatcher {
  readonly counts: DispositionCounts = { ...noEntries(), [UNDECIDED]: 0 };
  inLog = 0;
  made = 0;
  private readonly input: ReplayInput;
  private readonly sink: ReplaySink;
  private readonly counted: ReplaySink = { add: (record, detail) => this.add(record, detail) };
  private readonly dialect: ProtoDialect;
  /** `C` as the files alone say it. */
  private readonly savedCommit: bigint | null;
  /** Every record of the WAL in the order of the indexes; empty without one. */
  private readonly rows: Generator<WalRow, void>;
  /** The next row that has not had its turn. */
  private row: WalRow | undefined;
  private found: FoundLog | null = null;
  private opener: EntryOpener;
  private opened: ReadonlySet<string> = new Set();
  /** Index of the last entry that was handed on. */
  private reached = -1n;

  constructor(input: ReplayInput, sink: ReplaySink, wal: WalParts) {
    const { segments, survey, dialect } = wal;
    this.input = input;
    this.sink = sink;
    this.dialect = dialect;
    this.savedCommit = survey?.hardState?.commit ?? null;
    this.rows = survey === null ? noRows() : walRows(segments, dialect, survey);
    this.opener = { envelopes: wiringOfEngine(input.encryption) };
    this.step();
  }

  /** Entries at or below the snapshot. */
  async onLog(found: FoundLog): Promise<void> {
    this.found = found;
    this.opener = found;
    this.opened = new Set(found.segments);
    if (found.segments.length === 0) await this.addLegacyBelow(found);
    let passed = 0;
    for (; this.row !== undefined && this.row.index <= found.snapshotIndex; this.step()) {
      this.addRow(this.row, IN_SNAPSHOT);
      if (++passed % PACE_ENTRIES === 0) await this.input.pace.step(0);
    }
    this.reached = found.snapshotIndex;
  }

  onEntry(record: EntryRecord, detail: EntryDetail): void {
    this.passRows(record);
    this.reached = record.index;
    const { payload, confChange } = detail;
    const read = payload !== null && !record.applied && record.tag === null;
    const shown = read ? { ...record, ...outline(payload) } : record;
    this.add(shown, {
      payload,
      encryption: encryptionOutline(shown.tag, payload),
      change: confChange?.change ?? null,
      members: confChange?.members ?? null,
      overwrittenBy: null,
      onlyRead: read,
      unreadable: null,
    });
  }

  /** What the boot has not come to. */
  async finish({ snapshot }: BootReport): Promise<void> {
    // Without a log the boot may still have chosen its snapshot.
    const covered = this.found === null ? (snapshot?.index ?? null) : null;
    const until = this.input.untilIndex ?? MAX_INDEX;
    let passed = 0;
    for (; this.row !== undefined && this.row.index <= until; this.step()) {
      if (this.row.overwrittenBy !== null || this.row.index > this.reached) {
        this.addRow(this.row, this.unreached(this.row.index, covered));
      }
      if (++passed % PACE_ENTRIES === 0) await this.input.pace.step(0);
    }
    this.rows.return();
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
    const commit = this.found?.commit ?? this.savedCommit;
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

  private add(record: ReplayRecord, detail: ReplayDetail): void {
    this.counts[record.disposition ?? UNDECIDED]++;
    if (record.file === null) this.made++;
    else this.inLog++;
    this.sink.add(record, detail);
  }

  private step(): void {
    const next = this.rows.next();
    this.row = next.done === true ? undefined : next.value;
  }
}

const IN_SNAPSHOT: Fate = { disposition: 'in-snapshot', committed: true, ceilingMs: null };

const MAX_INDEX = (1n << 64n) - 1n;

function* noRows(): Generator<WalRow, void> {}

function fileOf(segment: string): string {
  return `wal/${segment}`;
}
