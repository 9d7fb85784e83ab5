/**
 * Where the predictions of several generations differ, each with one sentence that says why
 * (spec/cold-start.md §6, "generations disagree").
 */
import type { BootReport } from './boot-report.js';
import { GENERATIONS } from './generation.js';

export interface Difference {
  /** The field of the result, dotted. */
  readonly field: string;
  readonly values: Readonly<Record<string, string>>;
  readonly sentence: string;
}

interface Aspect {
  readonly field: string;
  readonly value: (report: BootReport) => string;
  /** What one generation does, as the middle of a sentence. */
  readonly says: (report: BootReport) => string;
}

const ASPECTS: readonly Aspect[] = [
  { field: 'verdict', value: ({ verdict }) => verdict, says: outcomeOf },
  {
    field: 'gate.outcome',
    value: ({ gate, refusal }) => (refusal === null ? gate.outcome : 'none'),
    says: gateOf,
  },
  {
    field: 'refusal.message',
    value: ({ refusal }) => refusal?.message ?? '',
    says: (report) => (report.refusal === null ? 'starts' : `refuses: ${report.refusal.message}`),
  },
  number('counters.appliedIndex', 'ends with applied', ({ counters }) => counters.appliedIndex),
  number('counters.ceilingMs', 'ends with the ceiling', ({ counters }) => counters.ceilingMs),
  number('counters.hlcLast', 'ends with the clock at', ({ counters }) => counters.hlcLast),
  number('counters.lastIndex', 'ends its log at', ({ counters }) => counters.lastIndex),
  {
    field: 'entries',
    value: ({ entries }) => JSON.stringify(entries),
    says: ({ entries }) =>
      `applies ${entries.fresh} entries and replays ${
        entries['volatile-replay'] + entries['duplicate-volatile']
      } leases`,
  },
  {
    field: 'store.sha256',
    value: ({ store }) => store?.sha256 ?? '',
    says: ({ store }) =>
      `ends with ${store?.keys ?? 0} keys, digest ${(store?.sha256 ?? '').slice(0, 12)}`,
  },
  {
    field: 'actions',
    value: ({ actions }) =>
      actions.map(({ kind, path, size }) => `${kind} ${path} ${size}`).join('\n'),
    says: ({ actions }) => {
      const lossy = actions.filter((action) => action.lossy).length;
      return `changes the disk in ${actions.length} steps, ${lossy} of them destructive`;
    },
  },
];

function number(field: string, verb: string, of: (report: BootReport) => bigint): Aspect {
  return {
    field,
    value: (report) => (report.refusal === null ? String(of(report)) : ''),
    says: (report) => `${verb} ${of(report)}`,
  };
}

function outcomeOf(report: BootReport): string {
  switch (report.verdict) {
    case 'boots-skip':
      return 'skips the body restore and boots';
    case 'boots-restore':
      return report.gate.outcome === 'none' ? 'boots' : gateOf(report);
    case 'boots-after-repair':
      return `cuts the torn tail, then ${gateOf(report)}`;
    case 'boots-new-cluster':
      return 'begins or joins a new cluster over what is there';
    case 'refuses':
      return `refuses: ${report.refusal?.message ?? 'it waits for ever'}`;
    case 'inconclusive':
      return 'cannot be told';
  }
}

function gateOf(report: BootReport): string {
  const { gate, actions } = report;
  if (gate.outcome === 'skipped') return 'skips';
  if (gate.outcome === 'none') return 'restores nothing';
  const size = actions.find(({ kind }) => kind === 'restore')?.size ?? 0;
  return `restores ${megabytes(size)}${reasonOf(report)}`;
}

function megabytes(bytes: number): string {
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${bytes} bytes`;
}

function reasonOf({ gate }: BootReport): string {
  if (gate.outcome === 'fallback') return ` because fsm.db does not say what it has applied`;
  const { between } = gate;
  if (gate.threshold === null) return ' as it does at every start';
  if (between === null || between.entries === 0) return ` because ${gate.have} < ${gate.threshold}`;
  if (between.requests > 0 || between.sealed > 0) {
    return ` because fsm.db lacks entries up to ${gate.threshold}`;
  }
  const kinds = [
    between.leases > 0 ? 'a lease' : '',
    between.empty > 0 ? 'a no-op' : '',
    between.encryption > 0 ? 'an encryption entry' : '',
    between.confChanges > 0 ? 'a conf change' : '',
  ].filter((kind) => kind !== '');
  return ` because the log ends with ${kinds.join(' and ')}`;
}

/** Differences in the order of weight; none when all reports agree. */
export function differencesOf(reports: readonly BootReport[]): Difference[] {
  const found: Difference[] = [];
  for (const aspect of ASPECTS) {
    const values = reports.map((report) => aspect.value(report));
    if (new Set(values).size < 2) continue;
    const named = reports.map(({ generation }, i) => [generation, values[i] ?? ''] as const);
    found.push({
      field: aspect.field,
      values: Object.fromEntries(named),
      sentence: sentenceOf(reports, aspect),
    });
  }
  return found;
}

/** `58db40cd restores 244 MB because the log ends with a lease; d9a031d0 skips`. */
function sentenceOf(reports: readonly BootReport[], aspect: Aspect): string {
  const bySaying = new Map<string, string[]>();
  for (const report of reports) {
    const saying = aspect.says(report);
    bySaying.set(saying, [...(bySaying.get(saying) ?? []), GENERATIONS[report.generation].build]);
  }
  return [...bySaying]
    .map(([saying, [first, ...others]]) => {
      const like = others.length === 0 ? '' : ` (and ${others.join(', ')})`;
      return `${first ?? ''}${like} ${saying}`;
    })
    .join('; ');
}
