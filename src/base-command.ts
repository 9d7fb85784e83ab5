/**
 * What every command shares, settled once: exit status, `--json` and NDJSON, errors, signals, the
 * deadline, progress and colour (spec/output.md §1, §2). A command parses its flags, calls one
 * library function and returns an `Outcome`; it neither prints JSON nor sets an exit status.
 */
import { Command, Flags, type Interfaces } from '@oclif/core';
import { UsageError, type ExitCode } from './lib/core/errors.js';
import type { Finding, Severity } from './lib/core/finding.js';
import {
  envelope,
  summaryRecord,
  type EnvelopeHead,
  type InputRef,
} from './lib/report/envelope.js';
import { exitStatus, SEVERITIES, verdictOf, type ExitOrder } from './lib/report/exit-status.js';
import { renderJson, renderJsonLine } from './lib/report/json.js';
import { judge } from './shell/failure.js';
import { applyLimits, limitFlag } from './shell/limit-flag.js';
import { isUnstable, LIVE_MARK } from './shell/live.js';
import { PipeClosed } from './shell/out-stream.js';
import type { ReportBody, ReportFile } from './shell/report-flag.js';
import type { Page } from './shell/page.js';
import type { Progress } from './shell/progress.js';
import { theSession } from './shell/session.js';
import type { OutputMode } from './shell/terminal.js';

export interface Outcome {
  /** The command's own word; left out, it follows from the exit status (`ok`, `damaged`, …). */
  readonly verdict?: string | undefined;
  readonly findings: readonly Finding[];
  /** Statuses established apart from the findings, e.g. 4 when a node would refuse. */
  readonly grounds?: readonly ExitCode[] | undefined;
  /** The `result` of the JSON document: plain data in its final field order. */
  readonly result: object;
  /** Further fields of an NDJSON summary record, e.g. counts. */
  readonly summary?: object | undefined;
  /** The report as a page of its own, made once the status is known. */
  readonly html?: { readonly file: ReportFile; readonly body: ReportBody } | undefined;
  /** The report for people. Not called for JSON. */
  text?(page: Page, status: ExitCode): void | Promise<void>;
}

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    color: Flags.boolean({
      summary: 'Colour on or off whatever the terminal; the default asks each stream.',
      allowNo: true,
      helpGroup: 'GLOBAL',
    }),
    'fail-on': Flags.option({
      summary: 'The least severe finding that makes the exit status non-zero.',
      options: SEVERITIES,
      default: 'warning' as const,
      helpGroup: 'GLOBAL',
    })(),
    limit: limitFlag(),
    progress: Flags.option({
      summary: 'How far long work is, on standard error: a spinner on a terminal, or JSON lines.',
      options: ['auto', 'json'] as const,
      default: 'auto' as const,
      helpGroup: 'GLOBAL',
    })(),
    timeout: Flags.custom<number>({
      summary: 'Give up after this many seconds, with exit status 124.',
      helpValue: 'SECONDS',
      helpGroup: 'GLOBAL',
      parse: async (text) => parseSeconds(text),
    })(),
  };

  /** Which status wins; the dry run has its own order. */
  static exitOrder: ExitOrder = 'damageFirst';

  /** What the command was pointed at. Filled before the first read, so that failures name it too. */
  protected readonly inputs: InputRef[] = [];

  private readonly session = theSession(this.argv);
  private failOn: Severity = 'warning';
  private status: ExitCode = 0;

  /** Does the work. Throws for what ends it, collects findings for what does not. */
  protected abstract work(): Promise<Outcome>;

  /** Text, one JSON document, or one record a line. */
  protected get mode(): OutputMode {
    return this.session.mode;
  }

  /** Progress and pace of long work: `phase(label, bytes)`, then `step(bytes)` as it goes on. */
  protected get pace(): Progress {
    return this.session.progress;
  }

  /** For text that is streamed while the work goes on; silent under JSON. */
  protected async openPage(): Promise<Page> {
    this.session.progress.silence();
    return this.session.page();
  }

  /** One record of an unbounded listing under `--format ndjson`. Await the result if there is one. */
  protected record(record: object): void | Promise<void> {
    return this.session.out.write(renderJsonLine(record));
  }

  /** Records of an NDJSON listing that are rendered already: whole lines, line ends included. */
  protected recordLines(lines: string): void | Promise<void> {
    return this.session.out.write(lines);
  }

  /** The same as bytes, which have to stay as they are until the promise ends. */
  protected recordBytes(lines: Uint8Array): Promise<void> {
    return this.session.out.writeBytes(lines);
  }

  async run(): Promise<void> {
    const outcome = await this.work();
    this.interruptible();
    const order = (this.ctor as typeof BaseCommand).exitOrder;
    const unstable = isUnstable(outcome.findings);
    // What was read while a node wrote supports no verdict, good or bad.
    this.status = unstable
      ? 5
      : exitStatus(outcome.findings, outcome.grounds ?? [], this.failOn, order);
    const verdict = unstable ? verdictOf(this.status) : outcome.verdict;
    const head = this.head(verdict ?? verdictOf(this.status), outcome.findings);
    const { out, mode } = this.session;
    await this.writeHtml(head, outcome.html);
    if (mode === 'json') await out.writeAll(renderJson(envelope(head, outcome.result)));
    else if (mode === 'ndjson')
      await out.write(renderJsonLine(summaryRecord(head, outcome.summary)));
    else {
      const page = await this.openPage();
      if (unstable) await page.line(page.theme.bad(LIVE_MARK));
      await outcome.text?.(page, this.status);
      if (outcome.html) await page.lines(['', `report: ${outcome.html.file.shown}`]);
    }
    await out.flush();
    process.exitCode = this.status;
  }

  private async writeHtml(head: EnvelopeHead, html: Outcome['html']): Promise<void> {
    if (html === undefined) return;
    const exitMeans = verdictOf(this.status);
    const { tool, command, exitCode } = head;
    const { file, body } = html;
    const verdict = typeof body.verdict === 'function' ? body.verdict(exitCode) : body.verdict;
    await file.write({ tool, command, exitCode, exitMeans, ...body, verdict });
  }

  // oclif: true also for EKV_CONTENT_TYPE=json, which would be one more way to ask.
  override jsonEnabled(): boolean {
    return this.session.mode !== 'text';
  }

  protected override async parse<
    F extends Interfaces.OutputFlags<any>, // oxlint-disable-line typescript/no-explicit-any
    B extends Interfaces.OutputFlags<any>, // oxlint-disable-line typescript/no-explicit-any
    A extends Interfaces.OutputArgs<any>, // oxlint-disable-line typescript/no-explicit-any
  >(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    // oclif would read a missing argument from standard input.
    for (const arg of Object.values(options?.args ?? {})) arg.ignoreStdin = true;
    const parsed = await super.parse(options, argv);
    const flags: Readonly<Record<string, unknown>> = parsed.flags;
    this.failOn = SEVERITIES.find((severity) => severity === flags['fail-on']) ?? 'warning';
    applyLimits(flags['limit']);
    if (flags['progress'] === 'json') this.session.recordProgress();
    if (typeof flags['timeout'] === 'number') this.session.interrupt.deadline(flags['timeout']);
    return parsed;
  }

  /** The one way out for everything thrown, here or in oclif. */
  protected override async catch(error: unknown): Promise<void> {
    if (error instanceof PipeClosed) {
      process.exitCode = this.status;
      return;
    }
    const helpFor = `${this.config.bin} ${this.shownId()}`;
    const verdict = judge(error, helpFor, process.env['EKV_DEBUG'] === '1');
    this.status = verdict.exitCode;
    process.exitCode = verdict.exitCode;
    const head = { ...this.head(null, []), error: verdict.failure };
    try {
      const { out, mode } = this.session;
      if (mode === 'json') await out.writeAll(renderJson(envelope(head, null)));
      else if (mode === 'ndjson') await out.writeAll(renderJsonLine(summaryRecord(head)));
      else await out.flush();
    } catch (again) {
      if (!(again instanceof PipeClosed || this.session.out.broken)) throw again;
    }
    // What could not be written is said once, when the session closes.
    if (this.mode === 'text' && !this.session.out.broken) {
      this.session.complain(
        verdict.lines.map((line, i) => (i === 0 ? `ekv: ${line}` : `  ${line}`)),
      );
    }
  }

  private interruptible(): void {
    this.session.progress.silence();
    this.session.interrupt.check();
  }

  private shownId(): string {
    return (this.id ?? '').replaceAll(':', ' ');
  }

  private head(verdict: string | null, findings: readonly Finding[]): EnvelopeHead {
    return {
      tool: { name: this.config.bin, version: this.config.version },
      command: this.shownId(),
      inputs: this.inputs,
      verdict,
      exitCode: this.status,
      findings,
    };
  }
}

function parseSeconds(text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return seconds;
  throw new UsageError(
    'usage-bad-flag',
    `${JSON.stringify(text)} is not a number of seconds above 0`,
  );
}
