/**
 * The dry run for people: the verdict in the first line, the numbers it rests on, what the boot does
 * to the disk with the destructive steps marked, where it ends, hazards, and what to do.
 */
import type { BootReport, Counters, Verdict } from '../../engine/boot-report.js';
import { ceilingText, hlcText } from '../dates.js';
import { safeText } from '../safe-text.js';
import { plural, sizeText } from '../sizes.js';
import type { Theme } from '../theme.js';

const VERDICT_TEXT: Readonly<Record<Verdict, string>> = {
  'boots-skip': 'the node boots and skips the body restore',
  'boots-restore': 'the node boots',
  'boots-after-repair': 'the node boots after cutting the torn tail of its log',
  'boots-new-cluster': 'the node takes itself for a new one: it bootstraps or joins over this dir',
  refuses: 'the node refuses to start',
  inconclusive: 'cannot be told from what was given',
};

/** `BOOTS-SKIP  the node boots and skips the body restore`, on one line. */
export function verdictLine(report: BootReport, theme: Theme, width = 100): string {
  const { verdict, refusal } = report;
  const paint =
    verdict === 'refuses' ? theme.bad : verdict === 'boots-skip' ? theme.good : theme.attention;
  const head = verdict.toUpperCase();
  let text = VERDICT_TEXT[verdict];
  if (verdict === 'boots-restore') text = restoreText(report);
  if (refusal !== null) text = `${text}: ${refusal.errors[0] ?? refusalText(refusal)}`;
  if (losesData(report)) return `${theme.bad(head)}  ${text}, BUT DO NOT START IT YET`;
  return `${paint(head)}  ${cutText(text, width - head.length - 2)}`;
}

/** A boot that is made and costs something: the findings that are errors say what. */
function losesData({ verdict, findings }: BootReport): boolean {
  const isBoot = verdict.startsWith('boots-') && verdict !== 'boots-new-cluster';
  return isBoot && findings.some(({ severity }) => severity === 'error');
}

function refusalText({ panic, message }: NonNullable<BootReport['refusal']>): string {
  return panic ? `panic: ${message}` : message;
}

function cutText(text: string, width: number): string {
  const safe = safeText(text);
  return safe.length <= width ? safe : `${safe.slice(0, Math.max(0, width - 3))}...`;
}

/** `committed-tail (build 58db40cd)`: which builds the answer is about. */
export function generationText(name: string, build: string): string {
  return /^[0-9a-f]{8}$/.test(build) ? `${name} (build ${build})` : `${name} (${build})`;
}

function restoreText({ gate, actions }: BootReport): string {
  const restore = actions.find(({ kind }) => kind === 'restore');
  if (restore === undefined) return 'the node boots; there is no snapshot body to restore';
  const why = gate.outcome === 'fallback' ? ' (fallback)' : '';
  return `the node boots after a full restore of ${sizeText(restore.size ?? 0)}${why}`;
}

export function refusalFields(report: BootReport): (readonly [string, string | undefined])[] {
  const { refusal } = report;
  if (refusal === null) return [];
  return [
    ['error', errorText(refusal.errors)],
    ['the node says', refusalText(refusal)],
    [
      'at step',
      `${refusal.step} of a cold start${refusal.index === null ? '' : `, entry ${refusal.index}`}`,
    ],
  ];
}

/** Lower-case words are ours: the node's error has no identity there. */
function errorText(errors: readonly string[]): string {
  const [first] = errors;
  if (first === undefined) return 'without an identity of its own';
  return /^[a-z]/.test(first)
    ? `${errors.join(', ')} (our word: it has no identity)`
    : errors.join(', ');
}

/** What the decision rests on. */
export function basisFields(report: BootReport): (readonly [string, string | undefined])[] {
  const { snapshot, hardState, log, fsm } = report;
  return [
    ['snapshot S', snapshot === null ? notReached(report, CHOICE_STEP) : snapshotText(snapshot)],
    ['commit C', hardState === null ? undefined : String(hardState.commit)],
    [
      'log tail T',
      log === null
        ? undefined
        : `${log.last} (from ${log.first}, ${plural(log.segments, 'segment')})`,
    ],
    ['applied H', fsm.absent ? absentText(report) : appliedText(report)],
    ['gate', gateText(report)],
    ['between', betweenText(report)],
  ];
}

/** Steps of a cold start: the store is opened, a snapshot is chosen, the gate is asked. */
const STORE_STEP = 2;
const CHOICE_STEP = 6;
const GATE_STEP = 8;

/** A boot that stops before a step has not seen what that step looks at. */
function notReached({ refusal }: BootReport, step: number, otherwise = 'none'): string {
  if (refusal === null || refusal.step > step) return otherwise;
  return `not looked at: the boot stops at step ${refusal.step}`;
}

function absentText(report: BootReport): string {
  return report.refusal?.step === STORE_STEP
    ? 'fsm.db does not open'
    : notReached(report, STORE_STEP, 'no fsm.db');
}

function snapshotText(snapshot: NonNullable<BootReport['snapshot']>): string {
  const where = snapshot.file ?? 'made by this boot';
  const kind = snapshot.inline ? ', payload inline' : snapshot.token === null ? ', no data' : '';
  return `${snapshot.index} (term ${snapshot.term}, ${where}${kind})`;
}

function appliedText({ fsm }: BootReport): string {
  if (fsm.appliedIndex === null) return 'not in fsm.db';
  const last = fsm.lastCommitTs === null ? '' : `, last commit ${hlcText(fsm.lastCommitTs)}`;
  return `${fsm.appliedIndex}${last}`;
}

function gateText(report: BootReport): string {
  const { gate, decision, refusal } = report;
  if (gate.outcome === 'none' && decision.outcome !== 'none') {
    const why = refusal === null ? '' : ': the boot stops first';
    return `${decisionText(decision)}; not carried out${why}`;
  }
  return gate.outcome === 'none'
    ? notReached(report, GATE_STEP - 1, decisionText(gate))
    : decisionText(gate);
}

function decisionText(gate: BootReport['gate']): string {
  switch (gate.outcome) {
    case 'none':
      return 'not asked: there is no token-backed snapshot to judge';
    case 'fallback':
      return `fallback (${gate.reason ?? ''}): full restore`;
    case 'skipped':
      return `skip: H ${gate.have ?? 0n} >= ${gate.threshold ?? 0n}, ${gate.gap ?? 0n} above S`;
    case 'executed':
      return gate.threshold === null
        ? 'execute: this build restores at every start'
        : `execute: H ${gate.have ?? 0n} < ${gate.threshold}`;
  }
}

function betweenText({ gate }: BootReport): string | undefined {
  const { between } = gate;
  if (between === null || between.entries === 0) return undefined;
  const parts = [
    plural(between.requests, 'request'),
    plural(between.leases, 'lease'),
    plural(between.confChanges, 'conf change'),
    plural(between.encryption, 'encryption entry', 'encryption entries'),
    plural(between.empty, 'no-op'),
    plural(between.sealed, 'sealed entry', 'sealed entries'),
  ].filter((text) => !text.startsWith('0 '));
  const verdict = between.requests + between.sealed === 0 ? '; nothing is missing in fsm.db' : '';
  const entries = plural(between.entries, 'entry', 'entries');
  return `${entries} from H to there: ${parts.join(', ')}${verdict}`;
}

export interface ActionRow {
  readonly cells: readonly string[];
  readonly lossy: boolean;
}

/** In order; a destructive step says so in words. */
export function actionRows(report: BootReport, theme: Theme): ActionRow[] {
  return report.actions.map(({ kind, path, size, detail, lossy }, i) => ({
    lossy,
    cells: [
      String(i + 1),
      lossy ? theme.bad(`${kind} !`) : kind,
      path,
      size === null ? '' : sizeText(size),
      detail,
    ],
  }));
}

const ENTRY_WORDS: readonly (readonly [keyof BootReport['entries'], one: string, many: string])[] =
  [
    ['fresh', 'applied', 'applied'],
    ['volatile-replay', 'lease replayed beforehand', 'leases replayed beforehand'],
    ['duplicate-volatile', 'duplicate lease applied', 'duplicate leases applied'],
    ['duplicate-dropped', 'duplicate dropped', 'duplicates dropped'],
    ['not-delivered', 'below the floor, not delivered', 'below the floor, not delivered'],
    ['empty', 'no-op', 'no-ops'],
    ['not-a-proposal', 'no proposal', 'no proposals'],
    ['conf-change', 'conf change', 'conf changes'],
    ['halt', 'halting', 'halting'],
  ];

/** Where the boot ends. */
export function endFields(report: BootReport): (readonly [string, string | undefined])[] {
  if (report.refusal !== null) {
    return [['entries', entriesText(report)]];
  }
  const c: Counters = report.counters;
  return [
    ['entries', entriesText(report)],
    [
      'applied',
      `${c.appliedIndex} of commit ${c.commitIndex}, last ${c.lastIndex}, term ${c.term}`,
    ],
    ['ceiling', ceilingText(c.ceilingMs)],
    ['clock last', c.hlcLast === 0n ? 'not set' : hlcText(c.hlcLast)],
    [
      'cutover',
      c.restoredCutover === 0n ? undefined : `${c.restoredCutover} (from the snapshot header)`,
    ],
    ['members', membersText(report)],
    [
      'store',
      report.store === null
        ? undefined
        : `${plural(report.store.keys, 'key')}, sha256 ${report.store.sha256}`,
    ],
  ];
}

function entriesText({ entries }: BootReport): string {
  const parts = ENTRY_WORDS.filter(([word]) => entries[word] > 0).map(([word, one, many]) =>
    plural(entries[word], one, many),
  );
  return parts.length === 0 ? 'none delivered' : parts.join(', ');
}

const SHOWN_MEMBERS = 5;

function membersText({ members }: BootReport): string {
  if (members.length === 0) return 'nobody';
  const shown = members.slice(0, SHOWN_MEMBERS).map(({ id, address, suffrage }) => {
    const role = suffrage === 'learner' ? ' (learner)' : '';
    return `${id}=${address === '' ? '?' : address}${role}`;
  });
  const more = members.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${more} more` : '');
}
