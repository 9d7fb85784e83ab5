import { Flags } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import type { Finding } from '../lib/core/finding.js';
import type { ExitCode } from '../lib/core/errors.js';
import type { BootInput } from '../lib/engine/boot-input.js';
import { predictBoot } from '../lib/engine/boot.js';
import type { BootReport, EntryRecord } from '../lib/engine/boot-report.js';
import { differencesOf, type Difference } from '../lib/engine/differences.js';
import { GENERATION_NAMES, GENERATIONS, type GenerationName } from '../lib/engine/generation.js';
import { readLandmarks } from '../lib/engine/landmarks.js';
import { bootResult } from '../lib/report/boot-json.js';
import type { NodeDir } from '../lib/engine/node-dir.js';
import { dirShares } from '../lib/io/dir-shares.js';
import { dryRunSections, VERDICT_TONES, verdictText } from '../lib/report/views/dry-run-html.js';
import { EntrySheet } from '../lib/report/views/entry-html.js';
import { reportFlag, ReportFile, type ReportBody } from '../shell/report-flag.js';
import { withNext } from '../lib/report/next-commands.js';
import { whatToDo } from '../lib/report/what-to-do.js';
import {
  bootInputOf,
  dataDirFlag,
  generationOf,
  commandContext,
  nodeDirOf,
  nodeFlags,
} from '../shell/node-flags.js';
import { showDryRun, type DryRun } from '../views/dry-run.js';

interface Predicted {
  readonly report: BootReport;
  readonly entries: readonly EntryRecord[] | null;
  readonly sheet: EntrySheet | null;
}

export default class ColdStartDryrun extends BaseCommand {
  static override summary = 'Predict what a node would do with a data dir at its next start.';
  static override description = [
    'Reproduces the boot step by step without writing a byte: which snapshot, whether its body is',
    'restored or skipped, what happens to every committed entry, what the disk looks like',
    'afterwards, and whether the node refuses to start, with the error it would name.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv/n1',
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv/n1 --generation all --json',
  ];
  static override exitOrder = 'dryRun' as const;

  static override flags = {
    'data-dir': dataDirFlag,
    ...nodeFlags,
    generation: Flags.option({
      summary:
        'Which builds (default: what only one of them can have written, else committed-tail).',
      options: [...GENERATION_NAMES, 'all'] as const,
    })(),
    'store-digest': Flags.boolean({
      summary: 'Digest of the store before and after the boot (reads the whole store).',
    }),
    entries: Flags.boolean({
      summary: 'A record of every entry that is delivered or replayed (JSON: entryList).',
    }),
    report: reportFlag,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(ColdStartDryrun);
    const path = flags['data-dir'];
    this.inputs.push({ path, kind: 'data-dir' });
    const node = nodeDirOf(path, flags);
    const report = ReportFile.plan(flags.report, [path]);
    const { generation, findings: chosen } =
      flags.generation === 'all'
        ? { generation: flags.generation, findings: [] }
        : generationOf(node, flags.generation);
    const names: readonly GenerationName[] = generation === 'all' ? GENERATION_NAMES : [generation];
    const predicted: Predicted[] = [];
    for (const name of names) {
      this.pace.phase(`predicting the boot (${name})`);
      const entries: EntryRecord[] | null = flags.entries ? [] : null;
      const sheet = report === null ? null : new EntrySheet();
      const input: BootInput = {
        ...bootInputOf(node, flags, name, this.pace),
        wantDigest: flags['store-digest'],
        onEntry: entryTaker(entries, sheet),
      };
      predicted.push({ report: await predictBoot(input), entries, sheet });
    }
    const reports = predicted.map(({ report }) => report);
    const differences = differencesOf(reports);
    const results = predicted.map(({ report, entries }) =>
      bootResult(report, entries, flags['store-digest']),
    );
    const main = worst(reports);
    const context = commandContext(path, node, flags, flags.generation, 'cold-start-dryrun');
    const found = [...node.findings, ...chosen, ...main.findings, ...disagreement(differences)];
    const findings = withNext(found, context);
    const landmarks = readLandmarks(node.group.dir);
    const steps = whatToDo(main, findings, context);
    const run: DryRun = { reports, main, differences, landmarks, findings, steps };
    return {
      verdict: main.verdict,
      grounds: groundsOf(main),
      findings,
      result: generation === 'all' ? { generations: results, differences } : (results[0] ?? {}),
      html:
        report === null ? undefined : { file: report, body: bodyOf(run, predicted, path, node) },
      text: (page) => showDryRun(page, run),
    };
  }
}

type TakeEntry = (record: EntryRecord) => void;

function entryTaker(list: EntryRecord[] | null, sheet: EntrySheet | null): TakeEntry | null {
  if (list === null && sheet === null) return null;
  return (record) => {
    list?.push(record);
    sheet?.add(record);
  };
}

function bodyOf(
  run: DryRun,
  predicted: readonly Predicted[],
  path: string,
  node: NodeDir,
): ReportBody {
  const { main } = run;
  return {
    inputs: [path],
    verdict: {
      word: main.verdict.toUpperCase(),
      text: verdictText(main),
      tone: VERDICT_TONES[main.verdict],
    },
    sections: dryRunSections({
      ...run,
      sheets: predicted.flatMap(({ sheet }) => (sheet === null ? [] : [sheet])),
      shares: dirShares(node.group.dir),
      buildOf: ({ generation }) => GENERATIONS[generation].build,
    }),
  };
}

const RANK = [
  'refuses',
  'inconclusive',
  'boots-new-cluster',
  'boots-after-repair',
  'boots-restore',
];

function rankOf({ verdict }: BootReport): number {
  const at = RANK.indexOf(verdict);
  return at < 0 ? RANK.length : at;
}

/** Of several generations the one whose answer weighs most stands for the verdict. */
function worst(reports: readonly BootReport[]): BootReport {
  return [...reports].sort((a, b) => rankOf(a) - rankOf(b))[0] as BootReport;
}

/** Different answers to the same files: which build the node runs is then the question. */
function disagreement(differences: readonly Difference[]): Finding[] {
  const first = differences.find(({ field }) => field === 'verdict' || field === 'gate.outcome');
  if (first === undefined) return [];
  return [{ code: 'generations-disagree', severity: 'warning', message: first.sentence }];
}

function groundsOf({ verdict }: BootReport): ExitCode[] {
  if (verdict === 'refuses') return [4];
  return verdict === 'inconclusive' ? [5] : [];
}
