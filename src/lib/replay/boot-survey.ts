/**
 * The survey of a log whose boot is followed. The boot scans all of its segments anyway, and the survey
 * looks on; only a boot that stops before that leaves the log to be read for the survey alone.
 */
import { ToolError } from '../core/errors.js';
import { findingOf, type Finding } from '../core/finding.js';
import type { Pace } from '../core/pace.js';
import type { ProtoDialect } from '../proto/dialect.js';
import type { WalDecoder, WalSegment } from '../raft/wal/decoder.js';
import type { ScanObserver } from '../raft/wal/snapshot-scan.js';
import { Survey, surveyWal, type WalSurvey } from './wal-survey.js';

export class BootSurvey implements ScanObserver {
  /** Why there is none, where the log cannot be read. */
  readonly findings: Finding[] = [];
  private readonly segments: readonly WalSegment[];
  private readonly dialect: ProtoDialect;
  private readonly pace: Pace;
  private readonly looking = new Survey();
  private made: WalSurvey | null | undefined;

  constructor(segments: readonly WalSegment[], dialect: ProtoDialect, pace: Pace) {
    this.segments = segments;
    this.dialect = dialect;
    this.pace = pace;
  }

  onRecord(decoder: WalDecoder): void {
    this.looking.onRecord(decoder);
  }

  onScanned(decoder: WalDecoder): void {
    this.looking.onScanned(decoder);
    const { segments } = decoder;
    const isAll =
      segments.length === this.segments.length &&
      segments.every(({ name }, i) => name === this.segments[i]?.name);
    if (isAll) this.made = this.looking.result();
  }

  /** Null without a WAL, or where it cannot be read. */
  async result(): Promise<WalSurvey | null> {
    if (this.made === undefined) this.made = await this.read();
    return this.made;
  }

  private async read(): Promise<WalSurvey | null> {
    if (this.segments.length === 0) return null;
    try {
      return await surveyWal(this.segments, this.dialect, this.pace);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.findings.push(findingOf(error, 'error'));
      return null;
    }
  }
}
