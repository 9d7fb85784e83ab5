import { Flags } from '@oclif/core';
import type { Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import { wiringOfEngine } from '../lib/engine/envelopes.js';
import { GENERATIONS } from '../lib/engine/generation.js';
import { dialectOf } from '../lib/proto/dialect.js';
import {
  ENTRY_COLUMNS,
  entryRow,
  lossSentence,
  OPTION_COLUMNS,
  optionFields,
  optionRecord,
  optionRows,
  surveyFields,
  whyNotLines,
} from '../lib/report/views/write-repair.js';
import { wrapText } from '../lib/report/wrap.js';
import { planRepairedCopy, surveyRepair, type RepairOption } from '../lib/write/repair.js';
import type { CutWish } from '../lib/write/wal-cut.js';
import { parseU64 } from '../shell/flags.js';
import { encryptionOf, generationFlag, generationOf, nodeFlags } from '../shell/node-flags.js';
import type { Page } from '../shell/page.js';
import { groupPathOf, questionOf, sourceDirFlag, nodeToCopy } from '../shell/write-flags.js';
import { dirName, needed, verifyFlag, writeFlags, WriterCommand } from '../writer-command.js';

const SHOWN_ENTRIES = 200;

export default class RepairWal extends WriterCommand {
  static override summary =
    'Cut a damaged log in a copy of the group dir, and say what that loses.';
  static override description = [
    'Shows what the node’s own repair would do and what the other ways are, each with every entry',
    'it loses: index, term, committed or not, keys, commit timestamps, in the store already or not.',
    'The chosen way is written to a complete copy; the source is never touched.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir n1 --output n1.repaired',
    '<%= config.bin %> <%= command.id %> --data-dir n1 --output n1.repaired --cut last-valid --yes',
    '<%= config.bin %> <%= command.id %> --data-dir n1 --output n1.repaired --cut 4711',
  ];
  static override flags = {
    'data-dir': sourceDirFlag,
    cut: Flags.string({
      summary: 'Where to cut: node (as the node would), last-valid, or the last index to keep.',
      helpValue: 'node|last-valid|INDEX',
      default: 'node',
    }),
    generation: generationFlag,
    ...writeFlags,
    verify: verifyFlag,
    ...nodeFlags,
  };

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(RepairWal);
    const target = this.targetOf(flags, 'directory');
    if (flags.clean) return this.cleaned(target, flags);
    const dataDir = needed(flags['data-dir'], 'data-dir');
    const path = dirName(dataDir);
    this.inputs.push({ path: dataDir, kind: 'data-dir' });
    const node = nodeToCopy(path, flags);
    const root = groupPathOf(path, node);
    const { generation } = generationOf(node, flags.generation);
    const dialect = dialectOf(GENERATIONS[generation].etcd);
    const envelopes = wiringOfEngine(encryptionOf(flags));
    const wish = cutWishOf(flags.cut);
    this.pace.phase('reading the log');
    const survey = surveyRepair({ root, wishes: waysOf(wish), dialect, envelopes });
    const chosen = survey.options.find(({ kind }) => kind === wish.kind);
    const result = {
      logEnd: { ...survey.end, offset: String(survey.end.offset) },
      lastIndex: survey.last,
      commit: survey.commit,
      storeAppliedIndex: survey.applied,
      chosen: wish.kind,
      options: survey.options.map(optionRecord),
    };
    const showAll = async (page: Page): Promise<void> => {
      await page.fields(surveyFields(survey));
      await page.line();
      await page.table(OPTION_COLUMNS, optionRows(survey.options));
      await page.lines(whyNotLines(survey.options, page.width));
    };
    if (chosen === undefined || 'why' in chosen) {
      return this.withoutCut(chosen, flags.yes, node.findings, result, showAll);
    }
    const plan = planRepairedCopy(root, chosen, survey.applied, dialect);
    return this.finish(target, flags, {
      plan,
      findings: [...node.findings, ...plan.findings],
      result,
      question: questionOf(node, flags, this.pace),
      original: node,
      replaces: root,
      text: async (page) => {
        await showAll(page);
        await showOption(page, chosen);
      },
    });
  }

  /** The way asked for is not to be had; a plan still shows the others. */
  private withoutCut(
    chosen: { readonly code: string; readonly why: string } | undefined,
    yes: boolean,
    findings: Outcome['findings'],
    result: object,
    show: (page: Page) => Promise<void>,
  ): Outcome {
    const sound = chosen?.code === 'repair-not-needed';
    const why = chosen?.why ?? 'there is no such cut';
    if (yes && !sound) throw new UsageError('repair-cut-outside', why);
    return {
      verdict: sound ? 'nothing-to-repair' : 'not-possible',
      grounds: sound ? [] : [3],
      findings,
      result: { written: false, ...result },
      text: async (page) => {
        const { theme } = page;
        const head = sound ? theme.good('SOUND') : theme.attention('NOT POSSIBLE');
        await page.line(`${head}  ${why}; nothing has been written`);
        await page.line();
        await show(page);
      },
    };
  }
}

/** @throws {UsageError} neither a way's name nor an index */
function cutWishOf(text: string): CutWish {
  if (text === 'node' || text === 'last-valid') return { kind: text };
  return { kind: 'index', index: parseU64(text) };
}

/** All ways are shown, whichever is asked for. */
function waysOf(wish: CutWish): CutWish[] {
  const fixed: CutWish[] = [{ kind: 'node' }, { kind: 'last-valid' }];
  return wish.kind === 'index' ? [...fixed, wish] : fixed;
}

async function showOption(page: Page, option: RepairOption): Promise<void> {
  const { entries } = option.loss;
  await page.line();
  await page.fields(optionFields(option));
  if (entries.length > 0) {
    await page.line();
    await page.line(page.theme.title('What is lost, entry by entry'));
    await page.table(ENTRY_COLUMNS, entries.slice(0, SHOWN_ENTRIES).map(entryRow));
    const more = entries.length - SHOWN_ENTRIES;
    if (more > 0) await page.line(`and ${more} more, all of them with --json`);
  }
  await page.line();
  await page.lines(wrapText(lossSentence(option.loss), page.width).map(page.theme.title));
}
