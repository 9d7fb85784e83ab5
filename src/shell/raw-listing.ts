/** Frames of a log on their way out, under `replay-wal --raw`. */
import type { Finding } from '../lib/core/finding.js';
import type { Pace } from '../lib/core/pace.js';
import type { WalkedFrame } from '../lib/raft/wal/frame-walk.js';
import type { RawOverwrite, RawSegment, RawSink } from '../lib/replay/raw-frames.js';
import { renderJsonLine } from '../lib/report/json.js';
import {
  frameResult,
  frameText,
  RAW_HEADING,
  segmentLines,
  segmentResult,
} from '../lib/report/views/replay-raw.js';

export interface RawOptions {
  readonly form: 'text' | 'ndjson' | 'json';
  readonly limit: number;
  /** Frames of entries outside of it are left out, those of other records too. */
  readonly fromIndex: bigint | undefined;
  readonly toIndex: bigint | undefined;
  readonly fileOf: (segment: string) => string;
  readonly write: (rendered: readonly string[]) => void | Promise<void>;
}

export class RawListing implements RawSink {
  readonly findings: Finding[] = [];
  readonly segments: object[] = [];
  frames = 0;
  damaged = 0;
  shown = 0;
  private readonly options: RawOptions;
  private rendered: string[] = [];
  private current = '';

  constructor(options: RawOptions) {
    this.options = options;
  }

  frame(segment: string, frame: WalkedFrame, overwrites: RawOverwrite | null): void {
    const { form, limit, fileOf } = this.options;
    this.frames++;
    if (form === 'json' || this.shown >= limit || !this.fits(frame)) return;
    this.shown++;
    if (form === 'ndjson') {
      this.rendered.push(renderJsonLine(frameResult(fileOf(segment), frame, overwrites)));
      return;
    }
    if (this.current !== segment) this.rendered.push(fileOf(segment), RAW_HEADING);
    this.current = segment;
    this.rendered.push(frameText(frame, overwrites));
  }

  segment(segment: RawSegment): void {
    const { form, fileOf } = this.options;
    const file = fileOf(segment.segment);
    this.damaged += segment.damaged;
    this.segments.push(segmentResult(file, segment));
    this.judge(file, segment);
    if (form === 'ndjson') this.rendered.push(renderJsonLine(segmentResult(file, segment)));
    else if (form === 'text') {
      if (this.current !== segment.segment) this.rendered.push(file);
      this.rendered.push(...segmentLines(segment), '');
    }
  }

  paced(pace: Pace): Pace {
    return {
      step: async (bytes) => {
        await this.flush();
        await pace.step(bytes);
      },
    };
  }

  async flush(): Promise<void> {
    const { rendered } = this;
    this.rendered = [];
    await this.options.write(rendered);
  }

  private fits(frame: WalkedFrame): boolean {
    const { fromIndex, toIndex } = this.options;
    if (fromIndex === undefined && toIndex === undefined) return true;
    const index = 'entry' in frame ? frame.entry?.index : undefined;
    if (index === undefined) return false;
    return (fromIndex ?? 0n) <= index && (toIndex === undefined || index <= toIndex);
  }

  private judge(file: string, segment: RawSegment): void {
    const { ending, end, endOffset } = segment;
    if (end !== null && (end.kind === 'torn' || end.kind === 'corrupt')) {
      this.findings.push({
        code: end.code,
        severity: end.kind === 'torn' ? 'warning' : 'error',
        file,
        offset: end.offset,
        message: `the node's reading of the log ends here (${ending})`,
        nodeError: end.nodeError,
      });
    }
    if (ending === 'rest-not-zero') {
      this.findings.push({
        code: 'wal-tail-not-zero',
        severity: 'warning',
        file,
        offset: endOffset ?? undefined,
        message: 'behind the zero length field that ends the reading lie bytes that are not zero',
      });
    }
  }
}
