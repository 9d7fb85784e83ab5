/** `--report FILE.html`: the same flag wherever a report is to be had as a page. */
import { Flags } from '@oclif/core';
import type { Target } from '../lib/io/atomic-target.js';
import { planReportFile, writeReportFile } from '../lib/io/report-file.js';
import { UsageError, type ExitCode } from '../lib/core/errors.js';
import { renderHtml } from '../lib/report/html/document.js';
import type { HtmlReport } from '../lib/report/html/model.js';

export const reportFlag = Flags.string({
  summary:
    'Write the report as one HTML file as well. It must not exist; needs no network to read.',
  helpValue: 'FILE.html',
});

/** What only the command knows; the rest of the page is filled in when the status is known. */
export interface ReportBody extends Pick<HtmlReport, 'inputs' | 'sections'> {
  readonly verdict: HtmlReport['verdict'] | ((status: ExitCode) => HtmlReport['verdict']);
}

export class ReportFile {
  readonly shown: string;
  private readonly target: Target;

  private constructor(target: Target) {
    this.target = target;
    this.shown = target.shown;
  }

  /**
   * @param sources  directories that are read
   * @throws {UsageError} a name that does not end in .html
   * @throws {IoError} `target-…`: it exists, or lies inside what is read
   */
  static plan(path: string | undefined, sources: readonly string[]): ReportFile | null {
    if (path === undefined) return null;
    if (!/\.html?$/i.test(path)) {
      const what = `--report: ${JSON.stringify(path)} does not end in .html`;
      throw new UsageError('usage-bad-flag', what);
    }
    return new ReportFile(planReportFile(path, sources));
  }

  async write(report: HtmlReport): Promise<void> {
    await writeReportFile(this.target, renderHtml(report));
  }
}
