/** `ekv snapshots` for people: what the node would use, then every snapshot, best first. */
import type { Candidate } from '../../snapshots/candidate.js';
import type { RankedSnapshot, SnapshotsReport } from '../../snapshots/rank.js';
import type { Salvage } from '../../snapshots/salvage.js';
import { hex32 } from '../../bytes/hex.js';
import type { Finding } from '../../core/finding.js';
import type { ExitCode } from '../../core/errors.js';
import { ceilingText, hlcText, spanText } from '../dates.js';
import { verdictOf } from '../exit-status.js';
import { countText, plural, sizeText } from '../sizes.js';
import type { Theme } from '../theme.js';
import { wrapText } from '../wrap.js';

/** `OK  the node would use snapshot 1,201 (term 2) of 2 and skip its body`. */
export function verdictText(report: SnapshotsReport, status: ExitCode, theme: Theme): string {
  const paint =
    status === 0 ? theme.good : status === 2 || status === 4 ? theme.bad : theme.attention;
  const of = report.snapshots.filter((each) => each.snap !== null).length;
  const { refusal, snap, gate } = report.node;
  const chosen = report.snapshots.find((each) => each.chosen);
  const shown = snap === null ? '' : `snapshot ${numberOf(chosen)}`;
  return `${paint(verdictOf(status).toUpperCase())}  ${answer()}`;

  function answer(): string {
    const end = refusal === null ? '' : `, and the node refuses: ${refusal.message}`;
    if (report.snapshots.length === 0 && snap === null) return `there is no snapshot here${end}`;
    if (of === 0 && snap === null) return `no snapshot that a node could use${end}`;
    if (snap === null) return `the node would use none of ${plural(of, 'snapshot')}`;
    if (refusal !== null) {
      const error = refusal.errors[0] ?? 'unnamed error';
      return `the node picks ${shown} of ${of} and refuses: ${error}`;
    }
    const body =
      gate === 'skipped' ? ' and skip its body' : gate === 'none' ? '' : ' and restore it';
    return `the node would use ${shown} of ${of}${body}`;
  }
}

function numberOf(each: RankedSnapshot | undefined): string {
  if (each === undefined) return 'unknown';
  const index = each.index === null ? 'without index' : countText(each.index);
  return each.term === null ? index : `${index} (term ${each.term})`;
}

const KIND_TEXT: Readonly<Record<Candidate['kind'], string>> = {
  pair: 'snapshot',
  inline: 'snapshot, payload inline',
  empty: 'snapshot without data',
  'unreadable-snap': 'unreadable .snap',
  'lone-fsm': '.fsm that no .snap names,',
  unfinished: 'unfinished .fsm.tmp,',
};

export const CHOSEN_MARK = '<== the node would use this';

/** `1  snapshot 1,201 (term 2)   <== the node would use this`. */
export function headLine(
  each: RankedSnapshot,
  rank: number,
  refused: boolean,
  theme: Theme,
): string {
  const number = each.index === null ? '' : ` ${numberOf(each)}`;
  const head = theme.title(`${rank}  ${KIND_TEXT[each.kind]}${number}`);
  if (!each.chosen) return head;
  return refused
    ? `${head}  ${theme.bad(`${CHOSEN_MARK}, and refuse`)}`
    : `${head}  ${theme.good(CHOSEN_MARK)}`;
}

export function candidateFields(each: RankedSnapshot): (readonly [string, string | undefined])[] {
  return [
    ['   files', filesText(each)],
    ['   checks', checksText(each)],
    ['   header', headerText(each)],
    ['   payload', payloadText(each)],
  ];
}

function filesText({ snap, fsm, size, complete, deleted }: RankedSnapshot): string {
  const files = [snap, fsm].filter((path) => path !== null).join(' + ');
  const parts = [files, sizeText(size)];
  if (!complete && snap !== null && fsm !== null) parts.push('the .fsm is MISSING');
  if (deleted) parts.push('DELETED by the next start');
  return parts.join(', ');
}

/** Pair, token against footer against sum, WAL: what is wrong in capitals. */
function checksText(each: RankedSnapshot): string {
  const { kind, tokenIsFooter, footerIsComputed, footer, computed, token, vouched } = each;
  const parts: string[] = [];
  if (kind === 'pair') parts.push(each.complete ? 'pair complete' : 'pair INCOMPLETE');
  if (kind === 'unreadable-snap') parts.push('.snap UNREADABLE');
  if (footer !== null && tokenIsFooter === true && footerIsComputed === true) {
    parts.push(`token = footer = computed (${hex32(footer)})`);
  } else if (footer !== null) {
    if (token !== null) parts.push(relation('token', token.crc, tokenIsFooter, footer));
    parts.push(relation('computed', computed ?? 0, footerIsComputed, footer));
  }
  if (vouched === null) parts.push('no WAL to vouch for it');
  else if (each.snap !== null && each.index !== null) {
    parts.push(vouched ? 'vouched for by the WAL' : 'NOT vouched for by the WAL');
  }
  return parts.join(', ');
}

function relation(name: string, value: number, same: boolean | null, footer: number): string {
  if (same === null) return `${name} not known`;
  return same
    ? `${name} = footer (${hex32(footer)})`
    : `${name} ${hex32(value)} IS NOT footer ${hex32(footer)}`;
}

function headerText({ payload }: RankedSnapshot): string | undefined {
  if (payload === null) return undefined;
  const { headerForm, ceilingMs, cutover, highestTs } = payload;
  if (headerForm === null)
    return payload.kind === 'oracle' ? 'none (oracle payload)' : 'UNREADABLE';
  const parts: string[] = [headerForm === 'legacy' ? 'none (legacy)' : headerForm];
  if (ceilingMs !== null && headerForm !== 'legacy')
    parts.push(`ceiling ${ceilingText(ceilingMs)}`);
  if (cutover !== null && cutover !== 0n) parts.push(`cutover ${countText(cutover)}`);
  if (ceilingMs !== null && ceilingMs !== 0n && highestTs !== null && highestTs !== 0n) {
    const margin = ceilingMs - (highestTs >> 16n);
    const word = margin < 0n ? 'BELOW' : 'above';
    parts.push(`${spanText(margin < 0n ? -margin : margin)} ${word} the newest timestamp`);
  }
  return parts.join(', ');
}

function payloadText({ payload }: RankedSnapshot): string | undefined {
  if (payload === null) return undefined;
  const { kind, rows, encryptedRows, appliedIndex, highestTs } = payload;
  const parts: string[] = [kind];
  if (rows !== null) parts.push(plural(rows, 'row'));
  if (encryptedRows !== null && rows !== null) {
    parts.push(encryptedRows === 0 ? 'none encrypted' : `${countText(encryptedRows)} encrypted`);
  }
  if (appliedIndex !== null) parts.push(`applied ${countText(appliedIndex)} inside`);
  if (highestTs !== null && highestTs !== 0n) parts.push(`up to ${hlcText(highestTs)}`);
  return parts.join(', ');
}

/** `   way out  move it out of the way: … (dry run: boots-restore)` and the commands. */
export function salvageLines(salvage: Salvage, theme: Theme, width: number): string[] {
  const { how, commands, dryRun } = salvage;
  const tried = dryRun === null ? '' : ` (dry run: ${dryRun.verdict})`;
  const [first = '', ...rest] = wrapText(how + tried, width - WAY_INDENT.length);
  return [
    `   ${theme.attention('way out')}  ${first}`,
    ...rest.map((line) => WAY_INDENT + line),
    ...commands.map((command) => WAY_INDENT + theme.accent(command)),
  ];
}

const WAY_INDENT = ' '.repeat(12);

/** Findings without the commands that stand with the snapshot already. */
export function shownFindings(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) =>
    finding.code.startsWith('snapshot-') ? Object.assign({}, finding, { next: [] }) : finding,
  );
}

/** The `result` of the JSON document. */
export function snapshotsResult(report: SnapshotsReport): object {
  return {
    node: report.node,
    snapshots: report.snapshots.map((each, i) => ({
      rank: i + 1,
      chosen: each.chosen,
      kind: each.kind,
      index: each.index,
      term: each.term,
      snap: each.snap,
      fsm: each.fsm,
      size: String(each.size),
      complete: each.complete,
      token: each.token && { index: each.token.index, crc32c: hex32(each.token.crc) },
      footerCrc32c: each.footer === null ? null : hex32(each.footer),
      computedCrc32c: each.computed === null ? null : hex32(each.computed),
      tokenIsFooter: each.tokenIsFooter,
      footerIsComputed: each.footerIsComputed,
      vouched: each.vouched,
      restorable: each.restorable,
      payloadSound: each.payloadSound,
      deletedAtBoot: each.deleted,
      payload: each.payload,
      salvage: each.salvage,
    })),
  };
}
