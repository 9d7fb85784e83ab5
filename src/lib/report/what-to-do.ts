/**
 * What an operator should do next, step by step: from the verdict, from what the node would say, and
 * from the findings. Every command can be pasted as it is; none of them writes into the data dir.
 */
import { hex64 } from '../bytes/hex.js';
import { CODES } from '../core/codes/all.js';
import type { CodeEntry } from '../core/codes/table.js';
import type { Finding } from '../core/finding.js';
import type { BootReport } from '../engine/boot-report.js';
import { explain, type Explanation } from './explain.js';
import {
  commandsFor,
  copyCommand,
  dirWord,
  nodeCommand,
  shellWord,
  siblingOf,
  type CommandContext,
} from './next-commands.js';
import { plural, sizeText } from './sizes.js';

export interface ToDo {
  readonly text: string;
  readonly commands: readonly string[];
}

/** The words that go into commands. */
interface Words {
  readonly dir: string;
  /** A command about this data dir, with the node's flags. */
  readonly about: (command: string, more?: string) => string;
  /** A file of the group dir, from where the operator stands. */
  readonly file: (name: string) => string | undefined;
  /** The same question of a copy without `fsm.db`. */
  readonly try: () => readonly string[];
  /** Every generation has been asked about. */
  readonly askedAll: boolean;
}

export function whatToDo(
  report: BootReport,
  findings: readonly Finding[],
  context: CommandContext,
): ToDo[] {
  const askedAll = context.generation === 'all';
  const about = (command: string, more?: string): string => nodeCommand(context, command, more);
  const words: Words = {
    dir: dirWord(context.dataDir),
    about,
    file: (name) => context.pathOf?.(name),
    try: () => tryWithoutStore(context),
    askedAll,
  };
  const wrong = wrongBuild(report, findings, words);
  if (wrong.length > 0) return withoutRepeats(askedAll, [...wrong, ...findingSteps(findings)]);
  const copy = copyFirst(report, words);
  const told = [...refusalSteps(report, words, context), ...findingSteps(findings)];
  const verdict = [...verdictSteps(report, findings, words), ...untried(report, words)];
  const first =
    report.verdict === 'refuses' ||
    (report.verdict.startsWith('boots-') && isWorrying(findings)) ||
    report.verdict === 'boots-new-cluster';
  return withoutRepeats(
    askedAll,
    first ? [...verdict, ...copy, ...told] : [...copy, ...told, ...verdict],
  );
}

function tryWithoutStore(context: CommandContext): string[] {
  const dir = dirWord(context.dataDir);
  const copy = siblingOf(dir, 'try');
  const store = context.pathOf?.('fsm.db');
  if (store === undefined || !store.startsWith(context.dataDir)) return [];
  const inCopy = copy + shellWord(store.slice(context.dataDir.replace(/\/+$/, '').length));
  const ask = nodeCommand(
    { ...context, dataDir: siblingOf(context.dataDir, 'try') },
    'cold-start-dryrun',
  );
  return [`cp -a ${dir} ${copy} && rm -r ${inCopy}`, ask];
}

/** The start destroys something: evidence first. */
function copyFirst({ actions, verdict }: BootReport, { dir }: Words): ToDo[] {
  const lossy = actions.filter((action) => action.lossy).length;
  if (lossy === 0 || verdict === 'boots-restore') return [];
  const text =
    `Copy the directory before anything is started on it: ${plural(lossy, 'step')} of the boot ` +
    'cannot be undone.';
  return [{ text, commands: [copyCommand(dir)] }];
}

type Advice = (words: Words, index: bigint | null, report: BootReport) => ToDo;

/** By the step of the boot at which the node stops: where to look, in what order. */
const STEP_ADVICE: Readonly<Record<number, Advice>> = {
  1: guardAdvice,
  2: storeAdvice,
  3: peersAdvice,
  6: logAdvice,
  7: logAdvice,
  8: ({ about }) => ({
    text:
      'The snapshot that the log points at cannot be used. See which one can, and the way out ' +
      'for each; or let the node join again with an empty dir.',
    commands: [about('snapshots')],
  }),
  9: logAdvice,
  10: peersAdvice,
  11: replayAdvice,
  12: guardAdvice,
};

/** Without `fsm.db` a start rebuilds it; whether it gets to the end shows on a copy. */
function storeAdvice(
  { dir, try: attempt }: Words,
  _index: bigint | null,
  { fsm }: BootReport,
): ToDo {
  if (!fsm.absent) {
    return {
      text: 'The store opens, and what lies beside it does not fit this build: see what it is.',
      commands: [`ekv inspect ${dir}`],
    };
  }
  return {
    text:
      'The store does not open. See which of its files is damaged. Without fsm.db a start ' +
      'rebuilds it from the newest snapshot and the log: see on a copy whether that gets to the end.',
    commands: [`ekv verify-crc ${dir}`, ...attempt()],
  };
}

function guardAdvice({ about }: Words): ToDo {
  return {
    text:
      'An encryption guard stops the start: make sure that the flags given here are the node’s ' +
      'own, then look at keys, sidecar and log together.',
    commands: [about('encryption check')],
  };
}

function replayAdvice({ about }: Words, index: bigint | null): ToDo {
  const range = index === null ? '' : `--from-index ${index} --to-index ${index}`;
  return {
    text: 'The node halts while it replays the log: see at which entry, and why.',
    commands: [about('replay-wal', range)],
  };
}

function peersAdvice({ file }: Words): ToDo {
  const peers = file('etcd-raft-peers.bin');
  return {
    text:
      'Who the members are does not fit (etcd-raft-peers.bin, --peers, the snapshot): compare ' +
      '--raft-id, --peers and --bootstrap with the node’s own flags, and the members with ' +
      'those of another node.',
    commands: peers === undefined ? [] : [`ekv inspect ${dirWord(peers)}`],
  };
}

function logAdvice({ dir, about }: Words): ToDo {
  const cut = `--output ${siblingOf(dir, 'repaired')} --cut last-valid`;
  return {
    text:
      'The log cannot be read to its end. See where it is damaged, and what a cut at the last ' +
      'valid record would lose (a plan only, until --yes). In a group of several members prefer ' +
      'to let this node join again with an empty dir.',
    commands: [`ekv verify-crc ${dir}`, about('repair-wal', cut)],
  };
}

/** Written by a newer build than the one that was asked about: the answer is about the wrong one. */
function wrongBuild(report: BootReport, findings: readonly Finding[], words: Words): ToDo[] {
  const newer = findings.some(({ code }) => code === 'peers-newer-build');
  if (!newer || report.refusal === null || words.askedAll) return [];
  return [
    {
      text:
        'A newer build wrote this directory than the one that was asked about, and an older one ' +
        'refuses it: ask for the build that the node runs.',
      commands: [words.about('cold-start-dryrun', '--generation snapshot-pointer')],
    },
  ];
}

function refusalSteps(report: BootReport, words: Words, context: CommandContext): ToDo[] {
  const { refusal } = report;
  if (refusal === null) return [];
  const steps: ToDo[] = [];
  const names = refusal.errors.length > 0 ? refusal.errors : [refusal.message];
  for (const name of names) {
    const known = explain(name);
    if (known === undefined || known.kind === 'exit-status') continue;
    const own = commandsOf(known, report, context);
    steps.push({
      text: own.length === 0 ? sentence(known.next ?? known.means) : (known.next ?? known.means),
      commands: [...own, `ekv explain ${shellWord(known.topic)}`],
    });
  }
  const advice = STEP_ADVICE[refusal.step];
  if (advice !== undefined) steps.push(advice(words, refusal.index, report));
  return steps;
}

/** Those of the one code that carries the node's error, about the snapshot's file where it is one. */
function commandsOf(
  { codes }: Explanation,
  { refusal, snapshot }: BootReport,
  context: CommandContext,
): string[] {
  const [code, ...others] = codes;
  if (code === undefined || others.length > 0) return [];
  const token = snapshot?.token ?? null;
  const file = token === null ? undefined : `fsm-snap/${hex64(token.index)}.fsm`;
  const index = refusal?.index ?? undefined;
  const isFsm = code.startsWith('fsm-') && code !== 'fsm-not-found';
  const finding = { code, severity: 'error', message: '', index } as const;
  return commandsFor(isFsm ? { ...finding, file } : finding, context);
}

/** Ordinary, or said by the step for the verdict. */
const NO_STEP: readonly string[] = ['full-restore-ahead', 'uncommitted-suffix'];

const CODE_TABLE: Readonly<Record<string, CodeEntry>> = CODES;

function findingSteps(findings: readonly Finding[]): ToDo[] {
  const errorsFirst = [...findings].sort((a, b) => rank(a) - rank(b));
  return errorsFirst.flatMap(({ code, severity, message, next = [] }) => {
    if (NO_STEP.includes(code)) return [];
    if (next.length === 0 && severity === 'note') return [];
    const advice = CODE_TABLE[code]?.next ?? message;
    return [{ text: `${code}: ${next.length === 0 ? sentence(advice) : advice}`, commands: next }];
  });
}

function rank({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1;
}

/** Advice that led over to commands, where none of them follow. */
function sentence(advice: string): string {
  return advice.replace(/:$/, '.');
}

function isWorrying(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** A start asks for keys, not for what they open. */
function untried({ verdict, sidecarAfter }: BootReport, { about }: Words): ToDo[] {
  if (!verdict.startsWith('boots-') || sidecarAfter === null) return [];
  return [
    {
      text: 'The start-up guards pass. They open no row: whether the keys open what is stored, ask',
      commands: [about('encryption check')],
    },
  ];
}

function verdictSteps(report: BootReport, findings: readonly Finding[], words: Words): ToDo[] {
  const worrying = isWorrying(findings);
  switch (report.verdict) {
    case 'boots-skip':
      return [start(worrying, 'nothing is restored.')];
    case 'boots-restore':
      return restoreSteps(report, worrying, words);
    case 'boots-after-repair':
      return [start(worrying, 'it cuts its log by itself and boots.')];
    case 'boots-new-cluster':
      return [
        {
          text:
            'Do not start it unless a new, empty member is what you want: bring wal/ back, or ' +
            'see which snapshot a fresh dir could be made of.',
          commands: [words.about('snapshots')],
        },
      ];
    case 'refuses':
      return [{ text: 'Do not start it as it is.', commands: [] }];
    case 'inconclusive':
      return [
        {
          text: 'Nothing is decided: give what the findings name as missing, and ask again.',
          commands: [],
        },
      ];
  }
}

function start(worrying: boolean, expect: string): ToDo {
  const text = worrying
    ? 'Do not start it yet: it would boot, and what the findings call errors would be lost.'
    : `Start the node: ${expect}`;
  return { text, commands: [] };
}

function restoreSteps({ actions, gate }: BootReport, worrying: boolean, words: Words): ToDo[] {
  const restore = actions.find(({ kind }) => kind === 'restore');
  if (restore === undefined) return [start(worrying, 'there is no body to restore.')];
  const size = sizeText(restore.size ?? 0);
  const between = gate.between;
  const needless =
    between !== null && between.entries > 0 && between.requests + between.sealed === 0;
  const command = words.about('cold-start-dryrun', ALL_GENERATIONS);
  if (!needless) {
    const others = words.askedAll ? '' : ' Other builds may not:';
    const does = `it reads ${size}, writes a new fsm.db beside the old one, and replays.${others}`;
    const { text } = start(worrying, does);
    return [{ text, commands: [command] }];
  }
  const text =
    `fsm.db misses nothing: the restore of ${size} is for nothing. Builds of generation ` +
    'snapshot-pointer skip it; with this one, start the node when the time for it is there.';
  return [{ text, commands: [command] }];
}

const ALL_GENERATIONS = '--generation all';

/** The same command once, where it is named first; a step whose words were said goes. */
function withoutRepeats(askedAll: boolean, steps: readonly ToDo[]): ToDo[] {
  const said = new Set<string>();
  const named = new Set<string>();
  const kept: ToDo[] = [];
  for (const { text, commands } of steps) {
    const useful = commands.filter((command) => !(askedAll && command.endsWith(ALL_GENERATIONS)));
    const fresh = useful.filter((command) => !named.has(command));
    const words = text.replace(/^[a-z][a-z0-9-]*: /, '').replace(/[.:]$/, '');
    const isRepeat = said.has(words) || (useful.length > 0 && fresh.length === 0);
    for (const command of fresh) named.add(command);
    said.add(words);
    if (!isRepeat || fresh.length > 0) kept.push({ text, commands: fresh });
  }
  return kept;
}
