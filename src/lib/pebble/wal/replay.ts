/**
 * Replays WALs into the newest layer of the database (spec/pebble.md §2.4, §4). The WALs are those
 * numbered at or above the MANIFEST's minimum, ascending; all but the last are *strict*: torn means
 * damaged there, where in the last one it is the ordinary trace of a crash.
 */
import { toByteString } from '../../bytes/byte-string.js';
import { BugError, CorruptionError, type ToolError } from '../../core/errors.js';
import { findingOf, type Finding, type FindingSink } from '../../core/finding.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { ByteSource } from '../../io/byte-source.js';
import type { Span } from '../base/internal-iterator.js';
import { KIND } from '../base/internal-key.js';
import { decodeSpans } from '../base/span.js';
import type { LogEnd } from '../record/log-end.js';
import { findLostChunks } from '../record/look-ahead.js';
import { RecordReader } from '../record/reader.js';
import { BatchReader } from './batch.js';
import { decodeIngest, startsIngest, type IngestedTable } from './ingest.js';
import { MemLayer } from './mem-layer.js';
import type { LogicalWal, WalSegment } from './wal-files.js';
import type { WalSummary } from './wal-summary.js';

const NO_BYTES = new Uint8Array(0);

export interface ReplayOptions {
  readonly limits?: Limits | undefined;
  readonly findings?: FindingSink | undefined;
  /** Goes on where Pebble would refuse, and leaves the reason in `refusal`. */
  readonly salvage?: boolean | undefined;
}

export interface Replay {
  readonly mem: MemLayer;
  /** Range tombstones and range keys, not fragmented; excises are a RANGEDEL and a RANGEKEYDEL. */
  readonly spans: readonly Span[];
  readonly ingested: readonly IngestedTable[];
  readonly wals: readonly WalSummary[];
  /** One past the highest number replayed; undefined when nothing was. */
  readonly nextSeqNum: bigint | undefined;
  /** With `salvage`: the first reason for which Pebble would refuse. */
  readonly refusal: ToolError | undefined;
}

/**
 * @throws {CorruptionError} where Pebble refuses to open: `pebble-wal-damaged`,
 *   `pebble-wal-synced-lost`, `pebble-wal-batch`
 */
export function replayWals(wals: readonly LogicalWal[], options: ReplayOptions = {}): Replay {
  const replayer = new Replayer(options);
  for (const [i, wal] of wals.entries()) replayer.replayWal(wal, i < wals.length - 1);
  return replayer.finish();
}

class Replayer {
  private readonly options: ReplayOptions;
  private readonly mem = new MemLayer();
  private readonly spans: Span[] = [];
  private readonly ingested: IngestedTable[] = [];
  private readonly wals: WalSummary[] = [];
  private nextSeqNum: bigint | undefined;
  private nextFrom = 0;
  private refusal: ToolError | undefined;

  constructor(options: ReplayOptions) {
    this.options = options;
  }

  finish(): Replay {
    this.mem.seal();
    const { mem, spans, ingested, wals, nextSeqNum, refusal } = this;
    return { mem, spans, ingested, wals, nextSeqNum, refusal };
  }

  replayWal(wal: LogicalWal, strict: boolean): void {
    let lastBase: bigint | undefined;
    let stopped = false;
    for (const [i, segment] of wal.segments.entries()) {
      const isLast = i === wal.segments.length - 1;
      const source = segment.dir.open(segment.name);
      try {
        const run = new SegmentRun(source, wal.number, this.options.limits ?? DEFAULT_LIMITS);
        run.lastBase = lastBase;
        run.stopped = stopped;
        this.replaySegment(run);
        lastBase = run.lastBase;
        stopped = run.stopped;
        this.close(run, segment, strict, isLast);
      } finally {
        source.close();
      }
    }
  }

  private replaySegment(run: SegmentRun): void {
    const { reader } = run;
    while (reader.next()) {
      if (run.stopped) {
        run.afterIngest++;
        continue;
      }
      try {
        this.replayRecord(run);
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error;
        this.refuse(error);
      }
    }
  }

  private replayRecord(run: SegmentRun): void {
    const { reader, path } = run;
    const batch = new BatchReader(reader.record, path, reader.recordOffset);
    if (batch.count === 0) {
      run.emptyBatches++;
      return;
    }
    if (!this.inSequence(run, batch)) return;
    const end = batch.base + BigInt(batch.count);
    if (this.applyBatch(run, batch)) run.stopped = true;
    run.batches++;
    run.operations += batch.count;
    run.firstSeqNum ??= batch.base;
    run.lastSeqNum = end - 1n;
    this.nextSeqNum = end;
    this.nextFrom = run.number;
  }

  /** @returns false for a batch that Pebble skips as already seen in this WAL */
  private inSequence(run: SegmentRun, batch: BatchReader): boolean {
    const base = batch.base;
    const offset = run.reader.recordOffset;
    if (run.lastBase !== undefined && base <= run.lastBase) {
      const message = `batch ${base} follows batch ${run.lastBase} of the same WAL; it is skipped`;
      this.report({
        code: 'pebble-wal-order',
        severity: 'warning',
        file: run.path,
        offset,
        message,
      });
      return false;
    }
    run.lastBase = base;
    const expected = this.nextSeqNum;
    if (expected !== undefined && base !== expected) {
      const gap = base > expected;
      const between = `between WAL ${this.nextFrom} and ${run.number}`;
      this.report({
        code: gap ? 'pebble-wal-gap' : 'pebble-wal-order',
        severity: 'warning',
        file: run.path,
        offset,
        message: gap
          ? `no record for numbers ${expected}..${base - 1n} ${between}: ` +
            'a WAL is missing, or an ingest took them'
          : `batch ${base} begins below ${expected}, where the batch before it ends, ${between}`,
      });
    }
    return true;
  }

  /** @returns true for an ingest record, behind which the WAL is not read */
  private applyBatch(run: SegmentRun, batch: BatchReader): boolean {
    const { reader, path } = run;
    let base = -1;
    for (let first = true; batch.next(); first = false) {
      if (first && startsIngest(batch.kind)) {
        const ingest = decodeIngest(batch, path, reader.recordOffset);
        this.ingested.push(...ingest.tables);
        if (ingest.excise) {
          for (const kind of [KIND.RANGEDEL, KIND.RANGEKEYDEL]) {
            this.spans.push({ ...ingest.excise, kind, suffix: '', value: NO_BYTES });
          }
        }
        return true;
      }
      if (batch.kind === KIND.LOGDATA) continue;
      if (startsIngest(batch.kind)) {
        throw batch.corrupt(`batch ${batch.base}: kind ${batch.kind} is not its first operation`);
      }
      if (isSpanKind(batch.kind)) {
        this.addSpan(run, batch);
        continue;
      }
      if (base < 0) {
        base = reader.giveRecord() ? this.mem.keep(batch.bytes) : this.mem.hold(batch.bytes);
      }
      this.mem.add(batch, base);
    }
    return false;
  }

  private addSpan(run: SegmentRun, batch: BatchReader): void {
    const spans = decodeSpans(
      batch.kind,
      toByteString(batch.bytes.subarray(batch.keyPos, batch.keyEnd)),
      batch.seqNum,
      batch.bytes.subarray(batch.valuePos, batch.valueEnd),
      { path: run.path, offset: run.reader.recordOffset },
    );
    for (const span of spans) if (span.start < span.end) this.spans.push(span);
  }

  /** Judges how the segment ended, and records it. */
  private close(run: SegmentRun, segment: WalSegment, strict: boolean, isLast: boolean): void {
    const ending = run.end;
    const clean = ending.kind === 'clean-eof';
    const lost = clean
      ? undefined
      : findLostChunks(run.reader.source, ending.badOffset, run.number % 0x1_0000_0000);
    this.wals.push({
      number: run.number,
      segment: segment.segment,
      path: run.path,
      sizeBytes: run.reader.source.size,
      parsedBytes: ending.offset,
      ending,
      strict,
      batches: run.batches,
      operations: run.operations,
      emptyBatches: run.emptyBatches,
      firstSeqNum: run.firstSeqNum,
      lastSeqNum: run.lastSeqNum,
      ingest: run.stopped,
      lost,
    });
    for (const oddity of run.reader.oddities) {
      const { offset, message } = oddity;
      this.report({
        code: 'pebble-wal-chunk-order',
        severity: 'warning',
        file: run.path,
        offset,
        message,
      });
    }
    if (run.afterIngest > 0) {
      const message = `${run.afterIngest} records behind an ingest record are not replayed`;
      this.report({
        code: 'pebble-wal-after-ingest',
        severity: 'warning',
        file: run.path,
        message,
      });
    }
    if (!clean && isLast && !run.stopped) this.judge(run, strict, lost?.records ?? 0);
  }

  private judge(run: SegmentRun, strict: boolean, lostRecords: number): void {
    const { path, end, number } = run;
    const size = run.reader.source.size;
    const site = { path, offset: end.badOffset };
    if (end.kind !== 'unexpected-eof') {
      const message =
        `WAL ${number} damaged (${end.reason}); the chunk at ${end.provenBy ?? 0} says that ` +
        'these bytes were durable: synced data was lost. Pebble refuses to open';
      this.refuse(new CorruptionError('pebble-wal-synced-lost', message, { site }));
    } else if (strict) {
      const message =
        `WAL ${number} damaged (${end.reason}) and not the newest; Pebble refuses to open. ` +
        'Later WALs cannot be applied safely';
      this.refuse(new CorruptionError('pebble-wal-damaged', message, { site }));
    } else if (lostRecords > 0) {
      const message =
        `WAL ${number} damaged (${end.reason}); ${lostRecords} later records exist that Pebble ` +
        'would silently drop';
      const { badOffset: offset } = end;
      this.report({
        code: 'pebble-wal-records-lost',
        severity: 'warning',
        file: path,
        offset,
        message,
      });
    } else {
      const last = this.nextSeqNum === undefined ? 'none' : String(this.nextSeqNum - 1n);
      const message =
        `WAL ${number} ends at offset ${end.offset} of ${size} without a clean end ` +
        `(${end.reason}; normal after a crash); last sequence number ${last}`;
      this.report({
        code: 'pebble-wal-torn-tail',
        severity: 'note',
        file: path,
        offset: end.badOffset,
        message,
      });
    }
  }

  private report(finding: Finding): void {
    this.options.findings?.(finding);
  }

  private refuse(error: CorruptionError): void {
    if (this.options.salvage !== true) throw error;
    this.refusal ??= error;
    this.report(findingOf(error));
  }
}

/** Reading state and tallies of one WAL file. */
class SegmentRun {
  readonly reader: RecordReader;
  readonly number: number;
  readonly path: string;
  lastBase: bigint | undefined;
  /** An ingest record was met: Pebble reads no further in this WAL. */
  stopped = false;
  batches = 0;
  operations = 0;
  emptyBatches = 0;
  afterIngest = 0;
  firstSeqNum: bigint | undefined;
  lastSeqNum: bigint | undefined;

  constructor(source: ByteSource, number: number, limits: Limits) {
    this.reader = new RecordReader(source, number, limits);
    this.number = number;
    this.path = source.path;
  }

  get end(): LogEnd {
    const { end } = this.reader;
    if (end) return end;
    throw new BugError('a WAL is judged after it was read');
  }
}

function isSpanKind(kind: number): boolean {
  return (
    kind === KIND.RANGEDEL ||
    kind === KIND.RANGEKEYSET ||
    kind === KIND.RANGEKEYUNSET ||
    kind === KIND.RANGEKEYDEL
  );
}
