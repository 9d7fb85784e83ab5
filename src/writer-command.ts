/**
 * What the commands that write have in common: they show a plan and write nothing until `--yes` is
 * there, they never ask, and `--clean` removes what a killed run has left.
 */
import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from './base-command.js';
import type { ExitCode } from './lib/core/errors.js';
import type { Finding } from './lib/core/finding.js';
import { UsageError } from './lib/core/errors.js';
import { GENERATION_NAMES } from './lib/engine/generation.js';
import type { NodeDir } from './lib/engine/node-dir.js';
import { findUnfinished, removeUnfinished } from './lib/io/atomic-clean.js';
import { checkTarget, targetOf, type Target } from './lib/io/atomic-target.js';
import { FsDir } from './lib/io/file-source.js';
import { shellWord } from './lib/report/next-commands.js';
import {
  headlineOf,
  fileRecords,
  planFileRows,
  predictionRows,
  refusalLines,
  writtenSummary,
} from './lib/report/views/write.js';
import { carryOut, type WritePlan } from './lib/write/carry-out.js';
import type { Manifest } from './lib/write/manifest.js';
import { PlannedTree } from './lib/write/planned-tree.js';
import { predict, type NodeQuestion, type Prediction } from './lib/write/prediction.js';
import type { Page } from './shell/page.js';

export const writeFlags = {
  output: Flags.string({
    char: 'o',
    summary: 'What to write. It must not exist, and nothing is ever written over.',
    helpValue: 'PATH',
    required: true,
  }),
  yes: Flags.boolean({
    char: 'y',
    summary: 'Write. Without it the plan is shown and nothing more.',
    default: false,
  }),
  clean: Flags.boolean({
    summary: 'Remove what a killed run left beside --output (with --yes), and do nothing else.',
    default: false,
  }),
};

export const verifyFlag = Flags.boolean({
  summary: 'After writing, predict what a node would do with the result.',
  default: false,
});

interface WriteFlagValues {
  readonly output: string;
  readonly yes: boolean;
  readonly clean: boolean;
}

/** The two predictions of one generation; `original` where there is one. */
export interface PredictedPair {
  readonly original: Prediction | undefined;
  readonly result: Prediction;
}

export interface WriterReport {
  readonly plan: WritePlan;
  readonly findings: readonly Finding[];
  /** Fields of the JSON result that belong to the command, in their order. */
  readonly result: object;
  /** What is asked of a node about the result; undefined where the result is no group dir. */
  readonly question?: NodeQuestion | undefined;
  /** The group dir the result was made of, and can take the place of. */
  readonly original?: NodeDir | undefined;
  readonly replaces?: string | undefined;
  text(page: Page): Promise<void>;
}

export abstract class WriterCommand extends BaseCommand {
  /** @param kind  of what stands at --output in the end */
  protected targetOf(flags: WriteFlagValues, kind: Target['kind']): Target {
    return targetOf(flags.output, kind);
  }

  /** `--clean`: with --yes it removes, without it names what it would remove. */
  protected cleaned(target: Target, flags: WriteFlagValues): Outcome {
    const found = flags.yes ? removeUnfinished(target) : findUnfinished(target);
    const none = found.length === 0;
    const verdict = none ? 'nothing-to-clean' : flags.yes ? 'cleaned' : 'plan';
    return {
      verdict,
      findings: [],
      result: { removed: flags.yes ? found : [], unfinished: found },
      text: async (page) => {
        if (none) await page.line(`Nothing unfinished is beside ${target.shown}.`);
        else await page.line(flags.yes ? 'Removed:' : 'PLAN  With --yes this would be removed:');
        await page.lines(found.map((path) => `  ${path}`));
      },
    };
  }

  /** Shows the plan, or carries it out. */
  protected async finish(
    target: Target,
    flags: WriteFlagValues & { readonly verify?: boolean | undefined },
    report: WriterReport,
  ): Promise<Outcome> {
    const { plan } = report;
    checkTarget(target, plan.sources);
    let made: Manifest | undefined;
    if (flags.yes) {
      this.pace.phase('writing', 0);
      made = await carryOut(plan, target, { by: this.provenance(), pace: this.pace });
    }
    const wanted = !flags.yes || flags.verify === true;
    const predictions = wanted ? await this.predictions(target, flags.yes, report) : [];
    const findings = [
      ...report.findings,
      ...refusals(predictions, target.shown, report.question),
      ...unknowns(predictions),
    ];
    return {
      verdict: flags.yes ? 'written' : 'plan',
      grounds: groundsOf(predictions),
      findings,
      result: {
        written: flags.yes,
        output: target.shown,
        ...report.result,
        files: fileRecords(made?.files ?? planFileRows(plan.files)),
        predictions: predictions.map(predictionRecord),
      },
      text: async (page) => {
        await page.line(headlineOf(flags.yes, target.shown, page.theme));
        await page.line();
        await report.text(page);
        await page.lines(writtenSummary(plan.files, made?.files ?? null, target));
        await showPredictions(page, predictions);
        if (findings.length > 0) {
          await page.line();
          await page.findings(findings);
        }
        await page.lines(this.endLines(flags.yes, target, report, predictions.length > 0));
      },
    };
  }

  private async predictions(
    target: Target,
    written: boolean,
    { plan, question, original }: WriterReport,
  ): Promise<PredictedPair[]> {
    if (question === undefined) return [];
    this.pace.phase('predicting the next start');
    const tree = PlannedTree.of(target.shown, plan.dirs, plan.files);
    const dir = written ? new FsDir(target.path, target.shown) : tree;
    const after = await predict(dir, GENERATION_NAMES, question);
    const before =
      original === undefined ? [] : await predict(original.group.dir, GENERATION_NAMES, question);
    return after.map((result, i) => ({ original: before[i], result }));
  }

  private provenance(): Parameters<typeof carryOut>[2]['by'] {
    const { bin, version } = this.config;
    return { tool: { name: bin, version }, command: this.id ?? '', argv: this.argv };
  }

  /** What to run next, and how the result is put to use. */
  private endLines(
    written: boolean,
    target: Target,
    { question, replaces }: WriterReport,
    predicted: boolean,
  ): string[] {
    if (!written) return ['', `next: ${this.again()}`];
    const lines: string[] = [];
    if (question !== undefined && !predicted) {
      lines.push(`next: ${dryRun(target.shown, question)} --generation all`);
    }
    if (replaces !== undefined) lines.push(exchange(replaces, target.shown));
    return lines.length === 0 ? [] : ['', ...lines];
  }

  /** The same call, this time for good. */
  private again(): string {
    return [this.config.bin, this.id ?? '', ...this.argv.map(shellWord), '--yes'].join(' ');
  }
}

function verdictRecord(prediction: Prediction | undefined): object | null {
  if (prediction === undefined) return null;
  const { verdict, refusal } = prediction.report;
  return { verdict, refusal };
}

function predictionRecord({ original, result }: PredictedPair): object {
  return {
    generation: result.generation,
    original: verdictRecord(original),
    result: verdictRecord(result),
  };
}

/**
 * Builds that refuse the result for what they refused the original for, while others boot it: too old
 * for this directory, and no fault of the result.
 */
function isForeign({ original, result }: PredictedPair, all: readonly PredictedPair[]): boolean {
  const why = result.report.refusal?.message;
  const others = all.some((pair) => pair.result.report.verdict.startsWith('boots-'));
  return others && why !== undefined && why === original?.report.refusal?.message;
}

function groundsOf(predictions: readonly PredictedPair[]): ExitCode[] {
  const refuses = predictions.some(
    (pair) => pair.result.report.verdict === 'refuses' && !isForeign(pair, predictions),
  );
  return refuses ? [4] : [];
}

/** The dry run about the result, as a command line. */
function dryRun(shown: string, question: NodeQuestion | undefined): string {
  const raftId = question?.raftId ?? '';
  const node = raftId === '' ? '' : ` --raft-id ${shellWord(raftId)}`;
  return `ekv cold-start-dryrun --data-dir ${shellWord(shown)}${node}`;
}

/** One finding for each thing that nodes say, with the generations that say it. */
function refusals(
  predictions: readonly PredictedPair[],
  shown: string,
  question: NodeQuestion | undefined,
): Finding[] {
  const byReason = new Map<string, PredictedPair[]>();
  for (const pair of predictions) {
    const { verdict, refusal } = pair.result.report;
    if (verdict !== 'refuses') continue;
    const why = refusal?.message ?? verdict;
    byReason.set(why, [...(byReason.get(why) ?? []), pair]);
  }
  return [...byReason].map(([why, pairs]) => {
    const names = pairs.map(({ result }) => result.generation);
    const first = pairs[0]?.result;
    const same = pairs.every(({ original }) => original?.report.refusal?.message === why);
    const before = same ? '; so does the original' : '';
    const foreign = pairs.every((pair) => isForeign(pair, predictions));
    const generation = names.length === 1 ? names[0] : 'all';
    return {
      code: 'prediction-refuses',
      severity: foreign ? 'note' : 'warning',
      message: `${names.join(', ')}: refuses to start from the result: ${why}${before}`,
      nodeError: first?.report.refusal?.errors[0],
      next: [`${dryRun(shown, question)} --generation ${generation}`],
    };
  });
}

/** Of all generations the first that cannot be told, with the reason the dry run gives. */
function unknowns(predictions: readonly PredictedPair[]): Finding[] {
  const first = predictions.find(({ result }) => result.report.verdict === 'inconclusive');
  if (first === undefined) return [];
  const { findings } = first.result.report;
  const reason = findings.find(({ code }) => UNKNOWN.includes(code))?.message;
  const message = `what a node does with it cannot be told: ${reason ?? 'a part is unread'}`;
  return [{ code: 'prediction-unknown', severity: 'warning', message, exitCode: 5 }];
}

const UNKNOWN: readonly string[] = ['encryption-unknown', 'guard-inconclusive', 'raft-id-unknown'];

async function showPredictions(page: Page, predictions: readonly PredictedPair[]): Promise<void> {
  if (predictions.length === 0) return;
  await page.line();
  await page.line(page.theme.title('What a node does with it at its next start'));
  const [first] = predictions;
  const titles = ['generation', ...(first?.original === undefined ? [] : ['original']), 'result'];
  await page.table(
    titles.map((title) => ({ title })),
    predictionRows(predictions),
  );
  await page.lines(refusalLines(predictions, page.width));
}

/** How the result takes the place of what it was made of; the old one stays beside it. */
function exchange(old: string, made: string): string {
  const [from, to, kept] = [made, old, `${old}.before`].map(shellWord);
  return `With the node stopped, this puts it in place: mv ${to} ${kept} && mv ${from} ${to}`;
}

/** A flag that a command cannot do without, but `--clean` can. */
export function needed<T>(value: T | undefined, flag: string): T {
  if (value !== undefined) return value;
  throw new UsageError('usage-bad-flag', `missing required flag --${flag}`);
}

/** A directory as typed, without the slashes at its end. */
export function dirName(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
