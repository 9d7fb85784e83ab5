/** Text for people on its way to standard output. Silent unless text was asked for. */
import type { Finding } from '../lib/core/finding.js';
import { findingsLines } from '../lib/report/finding-text.js';
import { safeColouredText, safeText } from '../lib/report/safe-text.js';
import { fieldLines, tableLines, type Column } from '../lib/report/table.js';
import type { Theme } from '../lib/report/theme.js';
import type { OutStream } from './out-stream.js';

export interface PageOptions {
  readonly silent: boolean;
  readonly theme: Theme;
  /** Columns a report may take. */
  readonly width: number;
  readonly isTTY: boolean;
  /** Block characters can be shown. */
  readonly blocks: boolean;
}

export class Page {
  readonly theme: Theme;
  readonly width: number;
  readonly blocks: boolean;
  private readonly out: OutStream;
  private readonly options: PageOptions;

  constructor(out: OutStream, options: PageOptions) {
    this.out = out;
    this.options = options;
    this.theme = options.theme;
    this.width = options.width;
    this.blocks = options.blocks;
  }

  /**
   * One line. A line end inside the text is shown as `\n`: a name cannot forge a line of a report.
   * Await the result when there is one.
   */
  line(text = ''): void | Promise<void> {
    if (this.options.silent) return undefined;
    const safe = this.theme.coloured ? safeColouredText(text) : safeText(text);
    return this.out.write(`${safe}\n`);
  }

  async lines(lines: Iterable<string>): Promise<void> {
    for (const text of lines) {
      const wait = this.line(text);
      if (wait) await wait;
    }
  }

  /** `name   value` lines; a field without a value is left out. */
  async fields(
    fields: readonly (readonly [name: string, value: string | undefined])[],
  ): Promise<void> {
    if (!this.options.silent) await this.lines(fieldLines(fields, this.theme, this.width));
  }

  async table(columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<void> {
    if (this.options.silent) return;
    const { theme, width, isTTY } = this.options;
    await this.lines(await tableLines(columns, rows, { theme, width, lines: isTTY }));
  }

  async findings(findings: readonly Finding[], withoutNext = false): Promise<void> {
    if (this.options.silent) return;
    await this.lines(findingsLines(findings, this.theme, { width: this.width, withoutNext }));
  }
}
